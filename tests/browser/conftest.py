"""Chromium, the product behind a network that can be cut, and places to keep pictures."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    BrowserContext,
    Error,
    Page,
    Playwright,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.browser.sites import Shop, open_shop
from tests.fixtures.proxy import Network, network
from tests.fixtures.server import CHECKOUT, Server

# Without the window around its pages, which nobody sees, Chromium starts in a third of the time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# For whatever is waited for. Longer than a reconnect's back-off on a machine with much to do.
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Coroutine[Any, Any, BrowserContext]]


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright, for one test."""
    async with async_playwright() as made:
        yield made


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Open]:
    """Opens Chromium on a profile; the same profile again finds what the first one kept.

    An error in any of its pages fails the test.
    """
    opened: list[BrowserContext] = []
    errors: list[str] = []
    base = Path(tempfile.mkdtemp(prefix="parley-browser-"))

    async def open_profile(name: str, *, phone: bool = False, **options: Any) -> BrowserContext:
        context = await playwright.chromium.launch_persistent_context(
            base / name,
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            viewport=PHONE if phone else DESKTOP,
            locale=options.pop("locale", "en-GB"),
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda found: errors.append(str(found.error)))
        opened.append(context)
        return context

    yield open_profile
    for context in opened:
        with suppress(Error):  # a test may have killed it
            await context.close()
    shutil.rmtree(base, ignore_errors=True)
    assert errors == []


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Network]:
    """The shared product behind a network of the test's own."""
    async with network(server.port) as made:
        yield made


@pytest.fixture
async def shop(server: Server) -> AsyncIterator[Shop]:
    """Pages of another origin with the chat of any site on them."""
    async with open_shop(server) as made:
        yield made


@pytest.fixture
def pictures() -> Path:
    """Where screenshots go, to be looked at."""
    path = CHECKOUT / "test-results"
    path.mkdir(exist_ok=True)
    return path


async def page_of(context: BrowserContext) -> Page:
    """The profile's first page."""
    return context.pages[0] if context.pages else await context.new_page()

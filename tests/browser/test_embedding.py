"""The widget on pages that are not ours: other origins, strict policies, frames, bad habits."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import FrameLocator, Page, expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import an_agent, unique
from tests.fixtures.server import Server

Show = Callable[..., Coroutine[Any, Any, Page]]


@pytest.fixture
async def stranger(browser: Open) -> AsyncIterator[Show]:
    """Shows a page with this body, of an origin of its own; ``frame`` is the body at ``/frame``."""
    bodies: dict[bytes, str] = {}
    head = ""

    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        # A browser opens connections that it then has no use for.
        with suppress(asyncio.IncompleteReadError, OSError):
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
            page = f"<!doctype html><meta charset=utf-8><title>Host</title>{bodies.get(path, '')}"
            start = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n{head}\r\n"
            writer.write((start + page).encode())
            await writer.drain()
        writer.close()
        writers.discard(writer)

    host = await asyncio.start_server(serve, "127.0.0.1", 0)
    page = await page_of(await browser("stranger"))

    async def show(body: str, *, policy: str = "", frame: str = "") -> Page:
        nonlocal head
        bodies.update({b"/": body, b"/frame": frame})
        head = f"Content-Security-Policy: {policy}\r\n" if policy else ""
        await page.goto(f"http://127.0.0.1:{host.sockets[0].getsockname()[1]}/")
        return page

    yield show
    host.close()
    for writer in list(writers):
        writer.transport.abort()


def tag(server: Server, attributes: str = "async") -> str:
    """The script tag that a site would include."""
    site = server.credentials["site"]
    return f'<script src="{server.url}/widget.js" data-site="{site}" {attributes}></script>'


async def say(scope: Page | FrameLocator, text: str) -> None:
    """Open the chat, write, and see it acknowledged."""
    await scope.get_by_test_id("launcher").click()
    field = scope.get_by_test_id("composer")
    await field.fill(text)
    await field.press("Enter")
    await expect(scope.get_by_test_id("message")).to_have_attribute("data-state", "sent")


async def test_under_a_strict_policy(stranger: Show, server: Server) -> None:
    """A policy that allows scripts from and connections to the server is all the widget needs."""
    socket = server.url.replace("http", "ws")
    policy = (
        f"default-src 'none'; script-src {server.url}; connect-src {server.url} {socket}; "
        "require-trusted-types-for 'script'"
    )
    await say(await stranger(tag(server), policy=policy), "under a policy")


async def test_in_a_sandboxed_frame(stranger: Show, server: Server) -> None:
    """A frame without an origin has no store and its locks refuse; what is written is sent."""
    outer = '<iframe sandbox="allow-scripts" src="/frame" width=600 height=600></iframe>'
    page = await stranger(outer, frame=tag(server))
    await say(page.frame_locator("iframe"), "from a sandbox")


async def test_called_at_once_and_included_twice(stranger: Show, server: Server) -> None:
    """The page may call Parley in the next line, and a second tag makes no second chat."""
    call = "<script>Parley.open(); Parley.page();</script>"
    page = await stranger(tag(server, "") + call + tag(server, ""))
    await expect(page.get_by_test_id("window")).to_have_count(1)
    await expect(page.get_by_test_id("launcher")).to_have_count(1)
    await page.evaluate("Parley.close()")
    await expect(page.get_by_test_id("window")).to_have_count(0)


async def test_a_target_further_down_the_page(stranger: Show, server: Server) -> None:
    """The script may stand above the element that it is to draw in."""
    target = '<div id="chat" style="width: 500px; height: 460px"></div>'
    page = await stranger(tag(server, 'data-target="#chat"') + target)
    box = await page.get_by_test_id("window").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (500, 460)
    await expect(page.get_by_test_id("launcher")).to_have_count(0)


async def test_typing_does_not_press_the_pages_shortcuts(stranger: Show, server: Server) -> None:
    """A page that listens for keys hears nothing of what is typed into the chat."""
    listener = "<script>keys = []; onkeydown = onkeyup = (event) => keys.push(event.key)</script>"
    page = await stranger(listener + tag(server))
    await page.get_by_test_id("launcher").click()
    await page.get_by_test_id("composer").press_sequentially("s/")
    await expect(page.get_by_test_id("composer")).to_have_value("s/")
    assert await page.evaluate("keys") == []


async def test_any_accent_colour_can_be_read(stranger: Show, server: Server) -> None:
    """Signs on a bright accent are dark, on a dark one white; what is no colour changes nothing."""
    drawn = (
        "launcher => [getComputedStyle(launcher).color, getComputedStyle(launcher).backgroundColor]"
    )
    found = []
    for colour in ("#ffdd00", "#7a1f5c", "no colour"):
        page = await stranger(tag(server, f'data-color="{colour}"'))
        ink, ground = await page.get_by_test_id("launcher").evaluate(drawn)
        found.append(("white" if "1 0 0" in ink or "255" in ink else "black", ground))
    assert found == [
        ("black", "rgb(255, 221, 0)"),
        ("white", "rgb(122, 31, 92)"),
        ("white", "rgb(47, 91, 234)"),
    ]


async def test_on_a_page_that_reads_from_right_to_left(stranger: Show, server: Server) -> None:
    """The widget's own words keep their direction, and each message takes that of its words."""
    page = await stranger("<script>document.dir = 'rtl'</script>" + tag(server))
    await say(page, "مرحبا بالعالم")
    await expect(page.get_by_test_id("window")).to_have_css("direction", "ltr")
    bubble = page.get_by_test_id("message-text")
    await expect(bubble).to_have_css("unicode-bidi", "plaintext")


def identity(server: Server, user: str) -> dict[str, Any]:
    """What the site's own back end would sign."""
    site, stamp, nonce = server.credentials["site"], int(time.time()), uuid.uuid4().hex
    text = f"{site}\n{user}\n{stamp}\n{nonce}".encode()
    secret = server.credentials["site_secret"].encode()
    signature = hmac.new(secret, text, hashlib.sha256).hexdigest()
    return {"user": user, "timestamp": stamp, "nonce": nonce, "signature": signature}


async def test_who_is_signed_in_and_out_in_one_breath_is_nobody(
    browser: Open, stranger: Show, server: Server
) -> None:
    """What the page asks for takes effect in that order: the last word is that nobody is in."""
    page = await stranger(tag(server))
    user = unique("bea")
    await page.evaluate("who => { Parley.identify(who); Parley.signOut() }", identity(server, user))
    question = unique("who am I")
    await say(page, question)
    agent = await an_agent(browser, server, server.url)
    item = agent.page.get_by_test_id("list-item").filter(has_text=question)
    await expect(item).to_contain_text("Visitor")
    await expect(item).not_to_contain_text(user)

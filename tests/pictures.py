"""Takes the pictures of README and docs: the product with its sample, as a browser shows it.

``python -m tests.pictures`` starts a product of its own in a directory that is gone afterwards,
plays a short scene between a visitor and an agent, and writes ``docs/images``. Look at them before
you commit them.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from ops.credentials import Account, Credentials, path_of, read
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PHONE
from tests.fixtures.places import new_directory
from tests.fixtures.server import CHECKOUT, Server

IMAGES = CHECKOUT / "docs" / "images"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PATIENCE_MS = 60_000
STILL_MS = 1_500  # for what slides or fades in

QUESTION = "Hello! Does the Harbour ink suit a fine nib?"
ANSWER = "It does: it is thin and dries in about 8 seconds. Which pen is it for?"


@dataclass(frozen=True)
class Studio:
    """A product with the sample, and a browser."""

    browser: Browser
    url: str
    known: Credentials

    async def open(self, path: str, *, phone: bool = False, language: str = "en-GB") -> Page:
        """A page in a browser of its own."""
        size = PHONE if phone else DESKTOP
        version = self.browser.version
        agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{version} Safari/537.36"
        context = await self.browser.new_context(viewport=size, locale=language, user_agent=agent)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(self.url + path)
        return page

    async def signed_in(self, path: str, who: Account, **options: Any) -> Page:
        """The desk or the console, for somebody."""
        page = await self.open(path, **options)
        await page.get_by_test_id("login-tenant").fill(self.known.tenant)
        await page.get_by_test_id("login-email").fill(who.email)
        await page.get_by_test_id("login-password").fill(who.password)
        await page.get_by_test_id("login-submit").click()
        return page

    @staticmethod
    async def take(page: Page, name: str) -> None:
        """Wait until all is still, and take the picture."""
        await page.wait_for_timeout(STILL_MS)
        await page.screenshot(path=IMAGES / f"{name}.png")


async def chat(studio: Studio) -> None:
    """A visitor asks, an agent answers: the page and the desk of it."""
    desk = await studio.signed_in("/desk", studio.known.agents[0])
    await desk.get_by_test_id("list-item").first.wait_for()
    page = await studio.open("/demo")
    await page.get_by_test_id("launcher").click()
    await page.get_by_test_id("composer").fill(QUESTION)
    await page.get_by_test_id("send").click()
    await desk.get_by_test_id("list-item").filter(has_text="Harbour ink suit").first.click()
    await desk.get_by_test_id("composer").fill(ANSWER)
    await desk.keyboard.press("Enter")
    await page.get_by_text("Which pen is it for?").wait_for()
    await studio.take(page, "demo")
    await desk.reload()  # away with what it has told in the meantime
    await desk.get_by_text("Which pen is it for?").last.wait_for()
    await studio.take(desk, "desk")


async def console(studio: Studio) -> None:
    """What happens now, a site's look beside its preview, and a report."""
    page = await studio.signed_in("/admin", studio.known.admin)
    await page.get_by_test_id("live").wait_for()
    await studio.take(page, "live")
    await page.goto(f"{studio.url}/admin#/settings/sites/{studio.known.site}")
    await page.get_by_text("Appearance", exact=True).click()
    await studio.take(page, "settings")
    await page.goto(f"{studio.url}/admin#/reports/volume")
    await page.get_by_test_id("report").wait_for()
    await studio.take(page, "admin")


async def phones(studio: Studio) -> None:
    """The stand-alone page and the desk on a phone, in Chinese."""
    page = await studio.open(f"/chat/{studio.known.site}", phone=True, language="zh-CN")
    await page.get_by_test_id("composer").wait_for()
    await studio.take(page, "phone-chat")
    account = studio.known.agents[1]
    desk = await studio.signed_in("/desk", account, phone=True, language="zh-CN")
    await desk.get_by_test_id("list-item").first.wait_for()
    await studio.take(desk, "phone-desk")


async def main() -> None:
    """All of them."""
    folder = new_directory()
    server = Server(folder / "data")
    try:
        made = server.parley("init", "--sample")
        assert made.returncode == 0, made.stderr
        server.start()
        await play(server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def play(server: Server) -> None:
    """All scenes, on a product that runs."""
    known = read(path_of(server.data))
    assert known is not None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scene in (chat, console, phones):
            await scene(Studio(browser, server.url, known))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())

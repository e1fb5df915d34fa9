"""A visitor and an agent, as people use the pages."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.answers import answer
from tests.browser.conftest import Open, page_of
from tests.fixtures.server import Server


class VisitorPage:
    """The widget on the demo page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, url: str) -> None:
        """Go to the shop and open the chat."""
        await self.page.goto(f"{url}/demo")
        await self.open_chat()

    async def open_chat(self) -> None:
        """Open the chat window, unless it is open."""
        window = self.page.get_by_test_id("window")
        await self.page.get_by_test_id("launcher").wait_for()
        if not await window.is_visible():
            await self.page.get_by_test_id("launcher").click()
        await window.wait_for()

    async def say(self, text: str) -> None:
        """Type and send."""
        await self.page.get_by_test_id("composer").fill(text)
        await self.page.get_by_test_id("composer").press("Enter")

    @property
    def messages(self) -> Locator:
        """Every message shown."""
        return self.page.get_by_test_id("message")

    async def shows(self, *texts: str) -> None:
        """Exactly these messages are shown, in this order."""
        await expect(self.messages).to_have_count(len(texts))
        await expect(self.page.get_by_test_id("message-text")).to_have_text(list(texts))

    async def sent(self, count: int) -> None:
        """So many of its own messages have been acknowledged."""
        await acknowledged(self.page, count)


class AgentPage:
    """The desk."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, url: str, account: dict[str, Any]) -> None:
        """Sign in with e-mail and password."""
        await self.page.goto(f"{url}/desk")
        await self.page.get_by_test_id("login-email").fill(account["email"])
        await self.page.get_by_test_id("login-password").fill(account["password"])
        await self.page.get_by_test_id("login-submit").click()

    async def open_conversation(self, text: str) -> None:
        """Open the conversation whose preview has this text."""
        item = self.page.get_by_test_id("list-item").filter(has_text=text)
        await item.first.click()

    async def be(self, status: str) -> None:
        """Choose how one is."""
        await self.page.get_by_test_id("me").click()
        choice = f'[data-testid="status-choice"][data-status="{status}"]'
        await self.page.locator(choice).click()
        await expect(self.page.get_by_test_id("status")).to_have_attribute("data-status", status)

    async def say(self, text: str) -> None:
        """Type and send."""
        await self.page.get_by_test_id("composer").fill(text)
        await self.page.get_by_test_id("composer").press("Enter")

    async def shows(self, *texts: str) -> None:
        """Exactly these messages are shown, in this order."""
        shown = self.page.get_by_test_id("message-text")
        await expect(shown).to_have_count(len(texts))
        await expect(shown).to_have_text(list(texts))

    async def sent(self, count: int) -> None:
        """So many of its own messages have been acknowledged."""
        await acknowledged(self.page, count)


class AdminPage:
    """The console.

    ``complaints`` are what the browser refused to load or to run; ``asked`` the questions that
    were answered here and not by the server.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[dict[str, str]] = []
        page.on("console", lambda said: self.complaints.append(said.text))

    async def sign_in(self, url: str, account: dict[str, Any], place: str = "") -> None:
        """Sign in with e-mail and password, and come to a place."""
        await self.page.goto(f"{url}/admin{place}")
        await self.page.get_by_test_id("login-email").fill(account["email"])
        await self.page.get_by_test_id("login-password").fill(account["password"])
        await self.page.get_by_test_id("login-submit").click()

    def part(self, testid: str) -> Locator:
        """A part of the page by its stable name."""
        return self.page.get_by_test_id(testid)

    async def shows_report(self, name: str) -> None:
        """This report is loaded and shown."""
        report = self.part("report").and_(self.page.locator(f'[data-report="{name}"]'))
        await expect(report).to_have_attribute("data-state", "ready")

    def held(self) -> None:
        """Nothing of the page went against the policy that it is under."""
        assert [each for each in self.complaints if "Content Security Policy" in each] == []


async def acknowledged(page: Page, count: int) -> None:
    """So many of this page's own messages have arrived."""
    done = page.locator('[data-testid="message"][data-state="sent"]')
    got = page.locator('[data-testid="message"][data-state="delivered"]')
    read = page.locator('[data-testid="message"][data-state="read"]')
    await expect(done.or_(got).or_(read)).to_have_count(count)


def unique(text: str) -> str:
    """A text that no other test's conversation has."""
    return f"{text} {uuid.uuid4().hex[:8]}"


async def a_visitor(browser: Open, url: str, profile: str = "visitor") -> VisitorPage:
    """A visitor on the demo page, with the chat open."""
    visitor = VisitorPage(await page_of(await browser(profile)))
    await visitor.open(url)
    return visitor


async def an_admin(browser: Open, server: Server, place: str = "", **options: Any) -> AdminPage:
    """The demo's administrator in the console, signed in; reports and hits are known numbers.

    With ``answered=False`` they are the product's own.
    """
    answered = options.pop("answered", True)
    admin = AdminPage(await page_of(await browser("admin", **options)))
    admin.asked = await answer(admin.page) if answered else []
    await admin.sign_in(server.url, server.credentials["admin"], place)
    return admin


async def an_agent(browser: Open, server: Server, url: str, number: int = 0) -> AgentPage:
    """One of the demo's agents at the desk, signed in."""
    agent = AgentPage(await page_of(await browser(f"agent{number}")))
    await agent.sign_in(url, server.credentials["agents"][number])
    return agent

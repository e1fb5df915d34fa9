"""The console's search, and a conversation moved through time."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.answers import CONVERSATION, MARKUP
from tests.browser.conftest import Open
from tests.browser.people import a_visitor, an_admin, an_agent, unique
from tests.fixtures.server import Server

PATIENCE_S = 30.0


async def test_a_search_shows_text_with_its_hits(browser: Open, server: Server) -> None:
    """Markup that somebody wrote is text; a search that stopped says so, and goes on."""
    admin = await an_admin(browser, server, "#/search")
    await admin.part("search-words").fill("退款")
    await admin.part("search-words").press("Enter")
    await expect(admin.part("snippet")).to_have_text([f"退款 {MARKUP}"])
    await expect(admin.part("snippet").locator("mark")).to_have_text(["退款"])
    assert await admin.part("snippet").locator("img").count() == 0
    await expect(admin.part("search-stopped")).to_be_visible()
    await admin.part("search-more").click()
    await expect(admin.part("snippet").last).to_have_text("😀 退款 please")
    await expect(admin.part("snippet").last.locator("mark")).to_have_text("退款")
    await expect(admin.part("search-stopped")).to_have_count(0)
    await admin.part("search-sender").select_option("visitor")
    await expect(admin.part("hit")).to_have_count(1)
    assert admin.asked[-1] == {
        "path": "/v1/search",
        "q": "退款",
        "sender": "visitor",
        "limit": "30",
    }
    link = await admin.part("hit").get_attribute("href")
    assert link == f"#/conversation/{CONVERSATION}?said=2"
    admin.held()


async def test_what_was_said_is_found_and_counted(browser: Open, server: Server) -> None:
    """By the product's own answers: a message is found, leads to its place, and is in a report."""
    visitor = await a_visitor(browser, server.url)
    question = unique("我的包裹在哪里")
    await visitor.say(question)
    await visitor.sent(1)
    admin = await an_admin(browser, server, "#/search", answered=False)
    await admin.part("search-words").fill(f'"{question}"')
    async with asyncio.timeout(PATIENCE_S):  # the index follows the log
        while not await admin.part("hit").count():
            await admin.part("search-go").click()
            await expect(admin.part("search")).to_have_attribute("data-state", "ready")
    await admin.part("hit").click()
    await expect(admin.part("message-text")).to_have_text([question])
    await expect(admin.page.locator(".is-found")).to_contain_text(question)
    await admin.part("nav-volume").click()
    await admin.shows_report("volume")
    messages = admin.part("tile").and_(admin.page.locator('[data-metric="visitor_messages"]'))
    await expect(messages.locator(".tile-value")).to_have_text(re.compile("[1-9]"))
    await admin.part("filters").click()
    await admin.part("filter-site").focus()
    sites = admin.part("filter-site").locator("option")
    await expect(sites.filter(has_text="Halden & Rye").first).to_be_attached()
    admin.held()


async def test_a_conversation_is_shown_as_it_was(browser: Open, server: Server) -> None:
    """By the arrow keys, event by event: what was said, who had read it, if it was open."""
    visitor = await a_visitor(browser, server.url)
    question = unique("where is it")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    await agent.say("Here it is")
    await visitor.shows(question, "Here it is")
    await agent.page.get_by_test_id("mode-note").click()
    await agent.say("An easy one")
    await agent.page.get_by_test_id("close").click()
    await expect(agent.page.get_by_test_id("reopen")).to_be_visible()
    id_ = await agent.page.get_by_test_id("conversation").get_attribute("data-conversation")
    admin = await an_admin(browser, server, f"#/conversation/{id_}")
    past, slider = admin.part("past"), admin.part("slider")
    await expect(past).to_have_attribute("data-status", "closed")
    await expect(admin.part("message-text")).to_have_text([question, "Here it is"])
    await expect(admin.part("note-text")).to_have_text(["An easy one"])
    await slider.focus()
    await slider.press("Home")
    await expect(past).to_have_attribute("data-index", "1")
    await expect(past).to_have_attribute("data-status", "open")
    await expect(admin.part("message-text")).to_have_count(0)
    await slider.press("ArrowRight")
    await expect(admin.part("message-text")).to_have_text([question])
    await expect(admin.part("known-agent")).to_have_text("Nobody")
    await expect(admin.page).to_have_url(re.compile(rf"#/conversation/{id_}\?at=2$"))
    await admin.page.reload()
    await expect(past).to_have_attribute("data-index", "2")
    await admin.page.emulate_media(media="print")  # on paper nothing moves, but it says when it was
    await expect(slider).to_be_hidden()
    await expect(admin.part("moment")).to_contain_text("As it was on")
    await expect(admin.part("moment")).to_be_visible()
    await admin.page.emulate_media(media="screen")
    await admin.part("to-now").click()
    await expect(admin.part("read-mark").first).to_be_visible()
    await admin.part("seen-by-visitor").click()
    await expect(admin.part("note-text")).to_have_count(0)
    await expect(admin.part("message-text")).to_have_count(2)
    admin.held()

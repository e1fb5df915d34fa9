"""Reading a long conversation: a reader's place is not lost, on either side."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.people import VisitorPage, a_visitor, an_agent, unique
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server


async def fill(visitor: VisitorPage, lines: int) -> None:
    """Say so many things."""
    for n in range(lines):
        await visitor.say(f"line {n}")
    await visitor.sent(lines + 1)


async def scroll_up(log: Locator) -> None:
    """Go to the beginning of what is shown, and wait until the page has noticed."""
    await log.evaluate(
        """log => new Promise((noticed) => {
            log.addEventListener("scroll", () => noticed(), { once: true });
            log.scrollTop = 0;
        })"""
    )


async def held_place(log: Locator, more: Locator, total: int) -> None:
    """Earlier messages come in above what is read, and do not move it."""
    await scroll_up(log)
    read = log.get_by_text(await log.get_by_test_id("message-text").first.inner_text(), exact=True)
    before = await read.bounding_box()
    await more.click()
    await expect(log.get_by_test_id("message")).to_have_count(total)
    after = await read.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


async def test_earlier_messages_do_not_move_what_is_read(
    browser: Open, server: Server, wire: Network
) -> None:
    """Whoever asks for earlier messages goes on reading where they were."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("first")
    await visitor.say(first)
    await visitor.sent(1)
    agent = await an_agent(browser, server, wire.url)
    await fill(visitor, 320)
    await agent.open_conversation("line 319")
    lines = agent.page.get_by_test_id("lines")
    await expect(lines.get_by_test_id("message")).to_have_count(300)
    await held_place(lines, agent.page.get_by_test_id("earlier"), 321)
    await visitor.page.reload()
    await visitor.open_chat()
    log = visitor.page.get_by_test_id("log")
    await expect(visitor.messages).to_have_count(300)
    await held_place(log, log.get_by_role("button"), 321)


async def test_a_typist_is_not_a_new_message(browser: Open, server: Server, wire: Network) -> None:
    """Somebody typing while one reads further up is not announced as a new message."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("first")
    await visitor.say(first)
    agent = await an_agent(browser, server, wire.url)
    await fill(visitor, 40)
    await agent.open_conversation("line 39")
    lines = agent.page.get_by_test_id("lines")
    await expect(lines.get_by_test_id("message")).to_have_count(41)
    await scroll_up(lines)
    await visitor.page.get_by_test_id("composer").press_sequentially("hm")
    await expect(agent.page.get_by_test_id("typing")).to_have_count(1)
    pill = agent.page.locator(".pill")
    await expect(pill).to_have_count(0)
    await visitor.page.get_by_test_id("composer").press("Enter")
    await expect(pill).to_have_count(1)

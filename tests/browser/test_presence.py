"""What a desk shows of who is there: the visitor beside its name, colleagues where one chooses."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.people import a_visitor, an_agent, unique
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server


async def test_a_visitor_goes_and_comes_back(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """Both beside the conversation and in the list, in words too; a reload is not shown."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("are you there")
    await visitor.say(first)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation(first)
    row = agent.page.get_by_test_id("list-item").filter(has_text=first)
    places = (row, agent.page.locator(".talk-head"))
    await shows(places, "online", "Here now")
    await agent.page.screenshot(path=pictures / "desk-visitor-here.png")
    await visitor.page.reload()
    await visitor.page.goto("about:blank")
    await shows(places, "gone", "Not here now")
    await agent.page.screenshot(path=pictures / "desk-visitor-gone.png")
    await visitor.open(wire.url)
    await shows(places, "online", "Here now")


async def shows(places: tuple[Locator, ...], kind: str, words: str) -> None:
    """Each of these has one dot, of this kind, that says so."""
    for place in places:
        dot = place.get_by_test_id("presence")
        await expect(dot).to_have_attribute("data-kind", kind)
        await expect(dot).to_have_attribute("aria-label", words)


async def test_colleagues_who_are_there_come_first(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """In the menu to whom a conversation is given; who has no desk open is said to have none."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("who is there")
    await visitor.say(first)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation(first)
    await agent.page.get_by_test_id("transfer").click()
    choices = agent.page.get_by_test_id("agent-choice")
    gone = choices.filter(has=agent.page.get_by_label("no desk open"))
    before = await gone.count()
    colleague = await an_agent(browser, server, wire.url, number=1)
    await expect(colleague.page.get_by_test_id("list")).to_be_visible()
    await expect(gone).to_have_count(before - 1)
    await agent.page.keyboard.press("Escape")  # while it is open it keeps its order
    await agent.page.get_by_test_id("transfer").click()
    await expect(choices.first.get_by_test_id("presence")).not_to_have_attribute(
        "data-kind", "gone"
    )
    await agent.page.screenshot(path=pictures / "desk-colleagues.png")

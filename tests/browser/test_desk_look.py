"""The desk, as somebody meets it who has much to tag, a small screen, or no eyes for it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, a_visitor, an_agent, unique
from tests.fixtures.server import Server

LONG = "a tag that is as long as tags can be: 12"


async def test_a_long_tag_can_be_removed(browser: Open, server: Server) -> None:
    """However long a tag is, the button that removes it is in sight and in reach."""
    visitor = await a_visitor(browser, server.url)
    question = unique("tag me")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    await agent.page.get_by_test_id("tag-input").fill(LONG)
    await agent.page.get_by_test_id("tag-input").press("Enter")
    tag = agent.page.get_by_test_id("tags").get_by_test_id("tag")
    box, cross = await tag.bounding_box(), await tag.get_by_role("button").bounding_box()
    assert box is not None
    assert cross is not None
    assert cross["x"] + cross["width"] <= box["x"] + box["width"]
    await tag.get_by_role("button").click()
    await expect(tag).to_have_count(0)


async def test_every_action_has_a_name_where_there_is_no_room_for_words(
    browser: Open, server: Server, pictures: Path
) -> None:
    """On a phone the actions are drawings only, and have names; a notice lies over none."""
    visitor = await a_visitor(browser, server.url)
    question = unique("name them")
    await visitor.say(question)
    agent = AgentPage(await page_of(await browser("phone-agent", phone=True)))
    await agent.sign_in(server.url, server.credentials["agents"][1])
    await agent.open_conversation(question)
    for name in ("Take", "Assign", "Transfer", "Close"):
        await expect(agent.page.get_by_role("button", name=name, exact=True)).to_have_count(1)
    field = agent.page.get_by_test_id("composer")
    before = await field.bounding_box()
    await agent.page.get_by_test_id("close").click()
    notice = agent.page.get_by_test_id("toast").filter(has_text="Conversation closed")
    await notice.wait_for()
    await agent.page.screenshot(path=pictures / "desk-phone-notice.png")
    told, head = await notice.bounding_box(), await agent.page.locator(".talk-head").bounding_box()
    assert told is not None
    assert head is not None
    assert told["y"] + told["height"] <= head["y"]
    assert await field.bounding_box() == before


async def test_a_short_tag_is_legible_beside_a_long_one(browser: Open, server: Server) -> None:
    """In the list a long tag gives way, not the short one next to it."""
    visitor = await a_visitor(browser, server.url)
    question = unique("tags in the list")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    item = agent.page.get_by_test_id("list-item").filter(has_text=question)
    for tag in ("vip", LONG, "wholesale"):
        await agent.page.get_by_test_id("tag-input").fill(tag)
        await agent.page.get_by_test_id("tag-input").press("Enter")
        await expect(item).to_contain_text(tag)
    cut = "one => one.scrollWidth > one.clientWidth"
    assert not await item.get_by_text("vip", exact=True).evaluate(cut)
    assert await item.get_by_text(LONG).evaluate(cut)

"""What calls an agent whose tab is hidden, and how its status follows what it does."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, a_visitor, unique
from tests.browser.system import SYSTEM, wishes
from tests.browser.workspace import SETTINGS, settle
from tests.fixtures.server import Server


async def watched(
    browser: Open, server: Server, number: int, profile: str = "agent", **routing: int
) -> AgentPage:
    """An agent at the desk whose system notes what it is asked for, and whose clock can be set."""
    page = await page_of(await browser(profile))
    await page.clock.install()
    await page.add_init_script(SYSTEM)
    await settle(page, routing={**SETTINGS["routing"], **routing})
    agent = AgentPage(page)
    await agent.sign_in(server.url, server.credentials["agents"][number])
    await page.get_by_test_id("list").wait_for()
    return agent


async def test_a_visitor_calls_the_agent_whose_tab_is_hidden(browser: Open, server: Server) -> None:
    """Sound, title and a notification that leads to it; asked for at a click, and remembered."""
    agent = await watched(browser, server, 0)
    page = agent.page
    await wishes(page, notify=True, sound=True, call_arrivals=True)
    await page.evaluate("look('hidden')")
    visitor = await a_visitor(browser, server.url)
    await page.wait_for_function(
        "() => told.some((each) => each.title.includes('came to the site'))"
    )
    question = unique("is anybody here")
    await visitor.say(question)
    await page.wait_for_function("(body) => told.some((each) => each.body === body)", arg=question)
    assert await page.evaluate("tones") > 0
    await page.wait_for_function("() => document.title.includes('is waiting')")
    await page.wait_for_function("() => /^\\(\\d+\\) Parley$/.test(document.title)")
    await page.evaluate("look('visible')")
    await page.evaluate("(body) => told.find((each) => each.body === body).click()", question)
    await agent.shows(question)
    await expect(page).to_have_title(re.compile(r"^(\(\d+\) )?Parley$"))
    await page.reload()
    await page.get_by_test_id("alerts").click()
    await expect(page.get_by_test_id("notify")).to_be_checked()
    await page.keyboard.press("Escape")
    await wishes(page, notify=False, sound=False, call_arrivals=False)
    await page.evaluate("look('hidden')")
    await visitor.say("hello?")
    await page.wait_for_function("() => document.title.includes('is waiting')")
    assert await page.evaluate("[told.length, tones]") == [0, 0]


async def test_whoever_does_nothing_is_away_until_they_do(browser: Open, server: Server) -> None:
    """By itself, on all devices; who works at any of them is back, and one's own choice stays."""
    other = await watched(browser, server, 1, profile="phone")
    idle = await watched(browser, server, 1, away_after_s=600)
    both = [each.page.get_by_test_id("status") for each in (idle, other)]
    await other.page.clock.fast_forward("00:05")
    await idle.page.clock.fast_forward("11:00")
    for status in both:
        await expect(status).to_have_attribute("data-status", "away")
    await other.page.mouse.move(20, 20)
    for status in both:
        await expect(status).to_have_attribute("data-status", "online")
    await idle.page.clock.fast_forward("11:00")
    await idle.be("busy")
    await other.page.mouse.move(40, 40)
    await expect(both[1]).to_have_attribute("data-status", "busy")

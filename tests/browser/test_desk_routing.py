"""What Parley does by itself, and what an admin sets, as an agent at the desk meets it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.people import a_visitor, an_agent, unique
from tests.fixtures.client import agent_session
from tests.fixtures.product import running_copy
from tests.fixtures.server import Server

HURRY = {
    "PARLEY_ROUTER_POLL_S": "0.2",
    "PARLEY_ROUTER_LEASE_S": "0.6",
    "PARLEY_ROUTER_SETTLE_S": "1.0",
}
ROUTING = {"strategy": "manual", "capacity": 5, "release_after_s": 0, "away_after_s": 0}


@pytest.fixture
def hurried(demonstration: Path) -> Iterator[Server]:
    """A product of the test's own, whose router looks often."""
    with running_copy(demonstration, **HURRY) as running:
        yield running


async def put(server: Server, section: str, **value: Any) -> None:
    """Let an admin set something."""
    session = await agent_session(server.url, "demo", server.credentials["admin"])
    async with httpx.AsyncClient() as http:
        answer = await http.put(
            f"{server.url}/v1/settings/{section}",
            json=value,
            headers={"Authorization": f"Bearer {session['token']}"},
        )
    assert answer.status_code == 200, answer.text


async def test_what_is_set_holds_at_once_and_what_is_missed_is_red(
    browser: Open, hurried: Server, pictures: Path
) -> None:
    """Replies and statuses come while the desk is open; reminded, missed, answered, assigned."""
    agent = await an_agent(browser, hurried, hurried.url)
    page = agent.page
    await page.get_by_test_id("list").wait_for()
    text = "We ship in two days, {{visitor.name}}."
    await put(hurried, f"replies/{uuid.uuid4()}", shortcut="ship", title="Shipping", text=text)
    await put(hurried, "statuses/lunch", name={"en": "At lunch", "zh": "午餐"}, available=False)
    times = {"remind_after_s": 1, "missed_after_s": 2}
    await put(hurried, "routing", **ROUTING, **times)
    await expect(page.get_by_test_id("status")).to_contain_text("At lunch")
    visitor = await a_visitor(browser, hurried.url)
    question = unique("when will it come")
    await visitor.say(question)
    row = page.get_by_test_id("list-item").filter(has_text=question)
    await expect(row).to_have_attribute("data-missed", "unanswered")
    await expect(page.locator("[data-testid=toast][data-tone=call]").first).to_be_visible()
    await page.keyboard.press("3")
    await page.keyboard.press("z")
    await agent.shows(question)
    await expect(page.get_by_test_id("missed")).to_be_visible()
    alarms = page.locator(
        '[data-type="conversation.unanswered"], [data-type="conversation.missed"]'
    )
    await expect(alarms).to_have_count(2)
    await page.screenshot(path=pictures / "desk-missed.png")
    await page.get_by_test_id("composer").press_sequentially("/ship")
    await page.get_by_test_id("reply").click()
    await page.get_by_test_id("composer").press("Enter")
    await visitor.shows(question, "We ship in two days.")
    await expect(page.get_by_test_id("missed")).to_have_count(0)
    await expect(page.get_by_test_id("list-empty")).to_be_visible()
    await put(hurried, "routing", **{**ROUTING, "strategy": "least_busy"})
    other = await a_visitor(browser, hurried.url, "another")
    given = unique("who will help me")
    await other.say(given)
    await expect(page.get_by_test_id("toast").filter(has_text="yours now")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("1")
    await agent.open_conversation(given)
    assigned = page.locator('[data-type="conversation.assigned"]')
    await expect(assigned).to_have_attribute("data-reason", "least_busy")
    await expect(page.get_by_test_id("load")).to_have_text("2/5")
    await page.get_by_test_id("status").select_option("lunch")
    late = await a_visitor(browser, hurried.url, "late")
    await late.say("anybody?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await expect(page.get_by_test_id("list-item").filter(has_text="anybody?")).to_have_count(1)

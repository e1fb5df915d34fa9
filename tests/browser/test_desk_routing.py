"""What Parley does by itself, and what an admin sets, as an agent at the desk meets it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, a_visitor, an_agent, unique
from tests.browser.system import SYSTEM, wishes
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.product import running_copy
from tests.fixtures.proxy import network
from tests.fixtures.server import Server

HURRY = {
    "PARLEY_PRESENCE_GRACE_S": "0.3",
    "PARLEY_PRESENCE_LOOK_S": "0.1",
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
    await page.get_by_test_id("me").click()
    await expect(page.get_by_test_id("me-menu")).to_contain_text("At lunch")
    await page.keyboard.press("Escape")
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
    await agent.be("lunch")
    late = await a_visitor(browser, hurried.url, "late")
    await late.say("anybody?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await expect(page.get_by_test_id("list-item").filter(has_text="anybody?")).to_have_count(1)


async def asked(server: Server, text: str) -> str:
    """What a visitor asks, who is gone then."""
    question = unique(text)
    async with Client(await visitor_session(server.url, server.credentials["site"])) as visitor:
        await visitor.ack("start", body={"text": question})
    return question


async def test_missed_while_nobody_looks_and_back_after_being_gone(
    browser: Open, hurried: Server, pictures: Path
) -> None:
    """Each reason stands in red in one's language; who was set offline is told, and back."""
    await put(hurried, "routing", **{**ROUTING, "remind_after_s": 1, "missed_after_s": 2})
    page = await page_of(await browser("agent0"))
    await page.add_init_script(SYSTEM)
    agent = AgentPage(page)
    async with network(hurried.port) as wire:
        await agent.sign_in(wire.url, hurried.credentials["agents"][0])
        await page.get_by_test_id("list").wait_for()
        await wishes(page, notify=True, sound=True)
        await page.evaluate("look('hidden')")
        question = await asked(hurried, "is anybody awake")
        await page.wait_for_function(
            "() => told.some((each) => each.title.includes('still waits'))"
        )
        await page.wait_for_function("() => document.title.includes('still waits')")
        assert await page.evaluate("tones") > 0
        await page.evaluate("look('visible')")
        rows = page.get_by_test_id("list-item")
        await expect(rows.filter(has_text="not answered")).to_have_count(1)
        missed = {"unanswered": (question, "not answered", "未回复")}
        await agent.be("away")
        missed["unstaffed"] = (await asked(hurried, "nobody there"), "nobody was here", "无人在线")
        await expect(rows.filter(has_text="nobody was here")).to_have_count(1)
        await put(hurried, "hours", zone="UTC", week=[[]] * 7)
        missed["closed"] = (await asked(hurried, "at night"), "after hours", "非工作时间")
        for language, word in (("en", 1), ("zh", 2)):
            await page.get_by_test_id("me").click()
            await page.locator(
                f'[data-testid="language-choice"][data-language="{language}"]'
            ).click()
            for reason, said in missed.items():
                row = rows.filter(has_text=said[0])
                await expect(row).to_have_attribute("data-missed", reason)
                await expect(row.locator(".is-alert").first).to_contain_text(said[word])
                red = await row.locator("strong").evaluate("(one) => getComputedStyle(one).color")
                assert red == "rgb(180, 35, 42)"
        await page.screenshot(path=pictures / "desk-missed-reasons.png")
        await agent.be("busy")
        await put(hurried, "routing", **{**ROUTING, "release_after_s": 1})
        account = hurried.credentials["agents"][1]
        session = await agent_session(hurried.url, "demo", account)
        async with Client(session, {"inbox": 0}) as colleague:
            wire.cut()
            await colleague.until(lambda: statuses(colleague)[-1:] == ["gone"])
            wire.restore()
            await page.wait_for_function(STIRRING, polling=500)
            await expect(page.get_by_test_id("status")).to_have_attribute("data-status", "busy")
            await colleague.until(lambda: statuses(colleague)[-1:] == ["back"])


STIRRING = """() => {
    window.dispatchEvent(new Event("pointermove"));
    const said = [...document.querySelectorAll('[data-testid="toast"]')];
    return said.some((each) => each.textContent.includes("忙碌"));
}"""
"""Somebody moves at the desk until it says that they are busy again."""


def statuses(agent: Client) -> list[str | None]:
    """Why agents' statuses changed, as this one has heard."""
    changes = [e for e in agent.events["inbox"] if e["type"] == "agent.status_changed"]
    return [each["data"].get("reason") for each in changes]

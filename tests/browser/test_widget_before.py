"""Before anybody answers: forms, welcome rules, invitations, the queue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.sites import (
    Shop,
    Signals,
    an_agent_socket,
    an_owner,
    known,
    outside_hours,
    say,
    who,
)
from tests.fixtures.client import Client
from tests.fixtures.server import Server

EMAIL = "ada@example.com"


def form(*fields: tuple[str, str, bool]) -> dict[str, Any]:
    """A form of fields (key, kind, whether required)."""
    label = {"en": "Field {}", "zh": "字段 {}"}
    return {
        "intro": {"en": "A few words first.", "zh": "请先留言。"},
        "fields": [
            {
                "key": key,
                "kind": kind,
                "label": {tag: text.format(key) for tag, text in label.items()},
                "required": required,
                "options": [],
            }
            for key, kind, required in fields
        ],
    }


PRECHAT = form(
    ("name", "text", True),
    ("email", "email", True),
    ("department", "select", False),
    ("order", "text", False),
    ("question", "textarea", True),
    ("consent", "checkbox", True),
)
OFFLINE = form(("email", "email", True), ("question", "textarea", True))


async def fill(page: Page, **answers: str) -> None:
    """Write into the fields of a form."""
    for key, text in answers.items():
        await page.get_by_test_id(f"field-{key}").fill(text)


async def test_a_form_before_the_chat(
    browser: Open, shop: Shop, server: Server, pictures: Path
) -> None:
    """Faults are told beside their fields and sent nowhere; then the desk knows who asks what."""
    owner = await an_owner(server)
    await owner.department("after-sales", "After-sales")
    site = await owner.site("Forms", prechat=PRECHAT, offline=OFFLINE, color="#ffd400")
    page = await page_of(await browser("forms"))
    await shop.open(page, site)
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("field-name")).to_be_focused()
    await fill(page, name="Ada", email="ada@")
    await page.get_by_test_id("form-send").click()
    await expect(page.get_by_test_id("field-email")).to_be_focused()
    await expect(page.get_by_test_id("field-email-fault")).to_contain_text("name@example.com")
    await expect(page.get_by_test_id("field-question-fault")).to_be_visible()
    await expect(page.get_by_test_id("field-name-fault")).to_have_count(0)
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-form.png")
    await fill(page, email=EMAIL, order="4711", question="Where is my ink?")
    await page.get_by_test_id("field-department").select_option("after-sales")
    await page.get_by_test_id("field-consent").check()
    await page.get_by_test_id("form-send").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Where is my ink?"])
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    await expect(page.get_by_test_id("composer")).to_be_focused()
    feed = f"conversation:{(await who(page))['conversation']}"
    async with await an_agent_socket(server) as agent:
        await agent.follow(feed)
        [started, *_] = agent.events[feed]
    said = started["data"]
    assert (said["department"], said["channel"], said["language"]) == (
        "after-sales",
        "widget",
        "en",
    )
    # Filled in once: another page of the visit asks nothing.
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Where is my ink?"])


async def test_outside_working_hours(
    browser: Open, shop: Shop, server: Server, pictures: Path
) -> None:
    """A message is left, in Chinese; without a form one writes as ever, and leaves an address."""
    owner = await an_owner(server)
    page = await page_of(await browser("hours", locale="zh-CN"))
    await outside_hours(page)
    await shop.open(page, await owner.site("Hours", offline=OFFLINE))
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("form")).to_have_attribute("data-kind", "offline")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-offline-zh.png")
    await fill(page, email=EMAIL, question="请回电")
    await page.get_by_test_id("form-send").click()
    await expect(page.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    await expect(page.get_by_test_id("notice")).to_contain_text("谢谢")
    await expect(page.get_by_test_id("mail")).to_have_count(0)
    away = {"zh": {"away": "明早九点见。"}}
    await shop.open(page, await owner.site("Plain", texts=away))
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("notice")).to_contain_text("明早九点见。")
    await say(page, "在吗")
    await page.get_by_test_id("mail").fill("nobody")
    await page.get_by_test_id("mail-save").click()
    await expect(page.get_by_test_id("mail-fault")).to_be_visible()
    assert await complaints(page) == []
    await page.get_by_test_id("mail").fill(EMAIL)
    await page.get_by_test_id("mail-save").click()
    await expect(page.get_by_test_id("mail-kept")).to_contain_text(EMAIL)
    closed = await owner.site("Hidden", hide_when_closed=True)
    await shop.open(page, closed)
    await expect(page.get_by_test_id("launcher")).to_be_hidden()


async def test_welcome_rules(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """By page, campaign and time; each once in a visit; the first words say what they answer."""
    owner = await an_owner(server)
    site = await owner.site("Rules", side="left")
    text = {"en": "Shall we wrap it?", "zh": "需要包装吗"}
    when = {"page": "/gifts*", "source": "campaign", "campaign": "spring", "after_s": 1}
    await owner.welcome(site, "gifts", text=text, when=when)
    await owner.welcome(
        site, "again", text={"en": "Back again?"}, when={"returning": True}, open=True
    )
    page = await page_of(await browser("rules"))
    # Who goes on before the chat is there has come from the same place.
    await page.route("**/assets/chat-*.js", lambda route: route.abort())
    await shop.open(page, site, "/?utm_source=mail&utm_campaign=Spring")
    await expect(page.get_by_test_id("launcher")).to_be_visible()
    await page.unroute("**/assets/chat-*.js")
    await shop.open(page, site, "/gifts")
    await expect(page.get_by_test_id("nudge-text")).to_have_text("Shall we wrap it?")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-welcome.png")
    await page.get_by_test_id("nudge-open").click()
    await expect(page.get_by_test_id("welcome")).to_have_text("Shall we wrap it?")
    await say(page, "Yes, please")
    await expect(page.get_by_test_id("welcome")).to_have_text("Shall we wrap it?")
    feed = f"conversation:{(await who(page))['conversation']}"
    async with await an_agent_socket(server) as agent:
        await agent.follow(feed)
        greeting = agent.events[feed][0]["data"]["greeting"]
    assert greeting == {"rule": "gifts", "text": "Shall we wrap it?"}
    # Half an hour later it is another visit.
    other = await owner.site("Returning")
    await owner.welcome(other, "return", text=text, when={"returning": True}, open=True)
    await shop.open(page, other)
    await page.wait_for_function("Object.keys(localStorage).some(key => key.endsWith(':visit'))")
    await page.evaluate(
        """() => Object.keys(localStorage).filter(key => key.endsWith(":visit")).forEach(key => {
          const visit = JSON.parse(localStorage[key]);
          localStorage[key] = JSON.stringify({...visit, last: visit.last - 31 * 60_000});
        })"""
    )
    await page.reload()
    await expect(page.get_by_test_id("window")).to_be_visible()
    await expect(page.get_by_test_id("welcome")).to_have_text("Shall we wrap it?")


def introduced(agent: Client, visitor: str) -> list[Any]:
    """Name and attributes of a visitor, as agents were told last."""
    told = [e for e in agent.events["inbox"] if e["type"] == "visitor.introduced"]
    own = [e["data"] for e in told if e["stream"] == f"visitor-{visitor}"]
    return [own[-1].get("name"), own[-1].get("attributes")] if own else []


async def test_somebody_here_asks_first(browser: Open, shop: Shop, server: Server) -> None:
    """An agent invites a visitor: a bubble, also on the next page; the answer is that agent's."""
    owner = await an_owner(server)
    page = await page_of(await browser("invited"))
    site = await owner.site("Invitations")
    await shop.open(page, site)
    visitor = await known(page)
    await page.evaluate("Parley.set({name: 'Ada', attributes: {plan: 'gold'}})")
    async with await an_agent_socket(server) as agent:
        await agent.follow("inbox")
        await agent.until(lambda: introduced(agent, visitor) == ["Ada", {"plan": "gold"}])
        await agent.ack("invite", visitor=visitor, body={"text": "May I help?"})
        await expect(page.get_by_test_id("nudge-text")).to_have_text("May I help?")
        await page.reload()
        await expect(page.get_by_test_id("nudge-text")).to_have_text("May I help?")
        await page.get_by_test_id("nudge-open").click()
        await expect(page.get_by_test_id("welcome")).to_have_text("May I help?")
        await say(page, "Yes")
        await expect(page.get_by_test_id("system")).to_contain_text("joined")
        await page.get_by_test_id("close").click()
        await expect(page.get_by_test_id("launcher")).to_be_focused()
        conversation = (await who(page))["conversation"]
        await agent.ack("post", conversation=conversation, body={"text": "<b>Look</b>"})
        await expect(page.get_by_test_id("nudge-text")).to_have_text("<b>Look</b>")
        await expect(page.get_by_test_id("badge")).to_have_text("1")


async def test_in_the_queue(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """Place and wait are told, that nobody is here, and who comes and goes."""
    owner = await an_owner(server)
    page, signals = await page_of(await browser("queue")), Signals()
    await signals.watch(page)
    await shop.open(page, await owner.site("Queue"))
    await page.get_by_test_id("launcher").click()
    await say(page, "Hello")
    conversation = (await who(page))["conversation"]
    notice = page.get_by_test_id("notice")
    async with await an_agent_socket(server) as agent:
        await agent.ack("status", status="online")
        await expect(notice).to_have_attribute("data-kind", "place")
        await expect(notice).to_have_text(re.compile(r"^You are (next|number \d+ in the queue)\."))
        signals.muted = {"queue"}
        place = {"conversation": conversation, "place": 3, "waiting": 4, "open": True}
        signals.say("queue", **place, staffed=True, wait_s=240)
        await expect(notice).to_have_text(
            "You are number 3 in the queue. It will take about 4 min."
        )
        await page.screenshot(path=pictures / "widget-queue.png")
        signals.say("queue", **place, staffed=False)
        await expect(notice).to_contain_text("Nobody is here right now")
        await expect(page.get_by_test_id("mail")).to_be_visible()
        await agent.ack("assign", conversation=conversation)
        await expect(notice).to_be_hidden()
        signals.muted = set()
        await agent.ack("leave", conversation=conversation)
        await expect(page.get_by_test_id("system").last).to_contain_text("has left the chat")
        await expect(notice).to_have_attribute("data-kind", "place")

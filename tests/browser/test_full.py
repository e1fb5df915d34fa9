"""Full size: visitors at one node, agents at the other, the router apart, servers in between.

What is decided, said, typed and shown goes by the log, RabbitMQ and Redis alone; each node, the
router, RabbitMQ and an agent's network fail in their turn. One fleet serves all tests of this file,
each of which leaves it whole.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.browser.conftest import Open
from tests.browser.people import AgentPage, VisitorPage, a_visitor, an_agent, unique
from tests.browser.test_widget_files import picture
from tests.fixtures.full_size import FullSize
from tests.fixtures.routed import Hall, owners_of
from tests.fixtures.traffic import events_of, head_of

LINES, EACH = 3, 4
"""People who come at once, and how many come so, one after the other."""


@pytest.fixture
async def hall(full_size: FullSize) -> AsyncIterator[Hall]:
    """The product with nobody there."""
    made = Hall(full_size)
    yield made
    await made.empty()


# --- routing ----------------------------------------------------------------------------------


async def test_given_and_told_across_the_nodes(hall: Hall) -> None:
    """By load, room and turns, each with its reason; who waits knows its place and who is there."""
    await hall.say(strategy="least_busy", capacity=2)
    askers = await hall.askers(5)
    last = askers[-1]
    await last.told(place=5, waiting=5, staffed=False)
    ann, bob = await hall.desk(0), await hall.desk(1)
    given = [await each.served() for each in askers[:4]]
    assert sorted(given) == sorted([ann.agent, bob.agent] * 2)
    await last.told(place=1, waiting=1, staffed=True)
    mine = askers[given.index(ann.agent)]
    await ann.ack("close", conversation=mine.talk)
    assert await last.served() == ann.agent
    await hall.say(strategy="round_robin", capacity=4)
    turns = [await (await hall.asker()).served() for _ in range(4)]
    assert turns == [bob.agent, ann.agent] * 2
    await ann.until(lambda: ann.of(last.talk, "conversation.assigned"))
    reasons = {ann.of(each.talk, "conversation.assigned")[0]["reason"] for each in askers}
    assert reasons == {"least_busy"}

    waiting = await hall.asker()
    await waiting.told(place=1, staffed=True)
    await ann.ack("status", status="away")
    await bob.ack("status", status="away")
    await waiting.told(staffed=False)
    await bob.ack("status", status="online")
    await waiting.told(staffed=True)
    await hall.say(strategy="round_robin", capacity=5)
    assert await waiting.served() == bob.agent
    await bob.until(lambda: bob.of(waiting.talk, "conversation.assigned"))
    assert bob.of(waiting.talk, "conversation.assigned")[0]["reason"] == "round_robin"


async def test_who_vanishes_loses_who_waits(hall: Hall) -> None:
    """Its network is cut: who waits for an answer gets another, and is told when nobody is left."""
    await hall.say(release_after_s=1)
    wires, away = hall.full.wires, hall.full.door("node-2")
    bob = await hall.desk(1, away.url)
    asker, answered = await hall.asker(), await hall.asker()
    for each in (asker, answered):
        assert await each.served() == bob.agent
    await bob.ack("post", conversation=answered.talk, body={"text": "It is on its way."})
    ann = await hall.desk(0)
    wires.cut(away)
    assert await asker.served(2) == ann.agent
    await ann.until(lambda: ann.of(asker.talk, "conversation.transferred"))
    assert ann.of(asker.talk, "conversation.transferred")[0]["reason"] == "agent_gone"
    await ann.__aexit__(None, None, None)
    await asker.told(place=1, staffed=False)
    wires.restore(away)
    again = await hall.desk(1, away.url)
    assert await asker.served(3) == again.agent
    assert answered.types(answered.feed).count("conversation.assigned") == 1


async def test_a_killed_router_forgets_nobody(hall: Hall) -> None:
    """Kill -9 while it gives out and while others come: each is given once, by the log."""
    fleet, head = hall.full.fleet, await asyncio.to_thread(head_of, hall.full.fleet)
    await hall.say(capacity=1_000)
    before = await asyncio.to_thread(fleet.processes)
    desks = [await hall.desk(0), await hall.desk(1)]
    first = await hall.asker()
    lines = [asyncio.create_task(hall.askers(EACH)) for _ in range(LINES)]
    await first.served()
    await asyncio.to_thread(fleet.signal, "router-1", signal.SIGKILL)
    askers = [first, *await hall.askers(1), *chain(*await asyncio.gather(*lines))]
    given = [await each.served() for each in askers]
    assert {given.count(each.agent) for each in desks} == {len(askers) // 2}
    await fleet.until_new("router-1", before=before)
    owners = owners_of(await asyncio.to_thread(events_of, fleet, "--from", str(head + 1)))
    assert {len(owners[f"conversation-{each.talk}"]) for each in askers} == {2}


async def test_without_rabbitmq_it_goes_on(hall: Hall) -> None:
    """The line to it is cut: conversations are given all the same, and all is well after it."""
    await hall.say(capacity=3)
    fleet, wires, broker = hall.full.fleet, hall.full.wires, hall.full.broker
    desk = await hall.desk(0)
    assert await (await hall.asker()).served() == desk.agent
    wires.cut(broker)
    askers = await hall.askers(2)
    assert [await each.served() for each in askers] == [desk.agent] * 2
    await desk.until(lambda: all(desk.of(e.talk, "conversation.assigned") for e in askers))
    waiting = await hall.asker()
    await fleet.until_unwell()
    wires.restore(broker)
    await waiting.told(place=1, staffed=True)
    await desk.ack("close", conversation=askers[0].talk)
    assert await waiting.served() == desk.agent


# --- in the browser ---------------------------------------------------------------------------


async def test_from_the_first_word_to_the_stars(browser: Open, hall: Hall, pictures: Path) -> None:
    """Given, announced, typed, answered, read, a picture; left, taken by another, ended, rated."""
    await hall.say()
    mia = await at_the_desk(browser, hall, hall.two.url)
    visitor, question = await asking(browser, hall, "visitor", "Do you ship to Norway?")
    toast = mia.page.get_by_test_id("toast").filter(has_text="yours now")
    await expect(toast).to_be_visible()
    await mia.page.keyboard.press("z")
    await mia.shows(question)
    given = mia.page.locator('[data-type="conversation.assigned"]')
    await expect(given).to_have_attribute("data-reason", "least_busy")
    await typed_and_read(visitor, mia)
    await seen_as_sent(visitor, mia, "boots.png")
    await mia.page.screenshot(path=pictures / "desk-full.png")

    await hall.say(strategy="manual")
    noah = await at_the_desk(browser, hall, hall.one.url, 1)
    later, _ = await asking(browser, hall, "later", "And to Chile?")
    place = later.page.get_by_test_id("notice")
    await expect(place).to_contain_text("You are next.")
    await shortcut(mia, "l")
    await expect(place).to_contain_text("You are number 2 in the queue.")
    await expect(visitor.page.get_by_test_id("notice")).to_contain_text("You are next.")
    for row in ("boots.png", "Chile"):
        waits = noah.page.get_by_test_id("list-item").filter(has_text=row)
        await expect(waits.filter(has_text="Waiting")).to_be_visible()
    await noah.page.keyboard.press("w")
    await expect(noah.page.get_by_test_id("message-text").first).to_have_text(question)
    await shortcut(noah, "t")
    await expect(place).to_contain_text("You are next.")
    await expect(visitor.page.get_by_test_id("header-agent")).to_contain_text("Noah")
    await noah.say("You are welcome.")
    await expect(message(visitor, "You are welcome.")).to_be_visible()
    await shortcut(noah, "e")
    await visitor.page.get_by_test_id("rate-4").check()
    await visitor.page.get_by_test_id("rate-send").click()
    await expect(noah.page.locator('[data-type="conversation.rated"]')).to_be_visible()
    await visitor.page.screenshot(path=pictures / "demo-full.png")


async def at_the_desk(browser: Open, hall: Hall, url: str, number: int = 0) -> AgentPage:
    """An agent that takes conversations."""
    agent = await an_agent(browser, hall.full.fleet, url, number)
    line = agent.page.get_by_test_id("conn-state")
    await expect(line).to_have_attribute("data-state", "online")
    await agent.be("online")
    return agent


async def shortcut(agent: AgentPage, key: str) -> None:
    """Leave the field, which has the focus in every open conversation, and press a key."""
    await expect(agent.page.get_by_test_id("composer")).to_be_focused()
    await agent.page.keyboard.press("Escape")
    await agent.page.keyboard.press(key)


async def asking(browser: Open, hall: Hall, profile: str, text: str) -> tuple[VisitorPage, str]:
    """A visitor at the first node, and what it has asked."""
    visitor, question = await a_visitor(browser, hall.one.url, profile), unique(text)
    await visitor.say(question)
    return visitor, question


def message(person: VisitorPage | AgentPage, text: str) -> Locator:
    """The message that says this."""
    return person.page.get_by_test_id("message").filter(has_text=text)


async def typed_and_read(visitor: VisitorPage, agent: AgentPage) -> None:
    """Each sees that the other writes, what it has written, and that it was read."""
    pairs = (visitor, agent, "And when?"), (agent, visitor, "Yes.")
    for writer, reader, text in pairs:
        await writer.page.get_by_test_id("composer").press_sequentially(text)
        await expect(reader.page.get_by_test_id("typing")).to_be_visible()
    for writer, reader, text in pairs:
        await writer.page.get_by_test_id("composer").press("Enter")
        await expect(message(reader, text)).to_be_visible()
        await expect(message(writer, text)).to_have_attribute("data-state", "read")


async def seen_as_sent(visitor: VisitorPage, agent: AgentPage, name: str) -> None:
    """A picture of the visitor's is one at the desk."""
    sent: FilePayload = {"name": name, "mimeType": "image/png", "buffer": picture()}
    await visitor.page.get_by_test_id("file-input").set_input_files([sent])
    shown = agent.page.locator(f'[data-testid="file"][data-name="{name}"] img')
    await expect(shown).to_be_visible()
    assert await shown.evaluate("one => one.naturalWidth > 0")


async def test_a_node_is_killed_in_the_middle_of_a_message(browser: Open, hall: Hall) -> None:
    """Kill -9 of the visitor's node, then of the agent's: all arrives once, alike at both ends."""
    await hall.say(strategy="manual")
    fleet = hall.full.fleet
    visitor, question = await asking(browser, hall, "visitor", "Is anybody here?")
    agent = await an_agent(browser, fleet, hall.two.url)
    await agent.open_conversation(question)
    await agent.shows(question)
    said = [question]
    for node in ("node-1", "node-2"):
        before = await asyncio.to_thread(fleet.processes)
        texts = [f"{who} at {node}" for who in ("asked", "asked again", "answered")]
        await visitor.say(texts[0])
        await asyncio.to_thread(fleet.signal, node, signal.SIGKILL)
        await visitor.say(texts[1])
        await agent.say(texts[2])
        said += texts
        await expect(visitor.messages).to_have_count(len(said))
        await expect(agent.page.get_by_test_id("message")).to_have_count(len(said))
        for each in (visitor, agent):
            await expect(each.page.locator('[data-state="sending"]')).to_have_count(0)
        shown = await visitor.page.get_by_test_id("message-text").all_inner_texts()
        assert sorted(shown) == sorted(said)
        assert shown.index(texts[0]) < shown.index(texts[1])
        await agent.shows(*shown)
        await fleet.until_new(node, before=before)

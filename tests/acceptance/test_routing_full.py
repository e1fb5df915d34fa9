"""Routing at full size: visitors at one node, agents at the other, and a router apart.

What is decided goes by the log, RabbitMQ and Redis alone; each of them, the router and an agent's
network fail here in their turn. One fleet serves all tests, each of which leaves it whole.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import chain

import pytest

from tests.fixtures.full_size import FullSize
from tests.fixtures.routed import ROUTING, Asker, Desk, owners_of, put
from tests.fixtures.traffic import events_of, head_of

LINES, EACH = 3, 4
"""People who come at once, and how many come so, one after the other."""


class Hall:
    """Everybody who comes during a test; who is left over is served and gone after it."""

    def __init__(self, full: FullSize) -> None:
        self.full = full
        self.credentials = full.fleet.credentials
        self._there = AsyncExitStack()

    async def say(self, **routing: object) -> None:
        """Let the tenant's routing be so from now on."""
        url = self.full.fleet.url
        await put(url, self.credentials, "routing", **{**ROUTING, **routing})

    async def asker(self, text: str = "hello") -> Asker:
        """A visitor that comes to the first node and asks."""
        asker = await Asker.at(self.full.one.url, self.credentials["site"], text)
        self._there.push_async_exit(asker.__aexit__)
        self._there.push_async_callback(asker.call, "close", conversation=asker.talk)
        return asker

    async def askers(self, count: int) -> list[Asker]:
        """So many, one after the other."""
        return [await self.asker() for _ in range(count)]

    async def desk(self, number: int, url: str | None = None) -> Desk:
        """An agent's at the second node."""
        url = url or self.full.two.url
        desk = await Desk.at(url, self.credentials["agents"][number])
        self._there.push_async_exit(desk.__aexit__)
        return desk

    async def empty(self) -> None:
        """Those who have asked end it, and all go."""
        await self.say(strategy="manual")
        await self._there.aclose()


@pytest.fixture
async def hall(full_size: FullSize) -> AsyncIterator[Hall]:
    """The product with nobody there."""
    made = Hall(full_size)
    yield made
    await made.empty()


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
    assert not await asyncio.to_thread(fleet.healthy)
    wires.restore(broker)
    await waiting.told(place=1, staffed=True)
    await desk.ack("close", conversation=askers[0].talk)
    assert await waiting.served() == desk.agent

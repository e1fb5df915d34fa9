"""Two nodes and a Redis that dies, stands still, or comes back empty: what desks are told of whom.

The nodes' looks are the test's own, and what is passed on reaches both at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from redis import RedisError
from redis.asyncio import Redis

from adapters.presence.in_process import InProcessPresences
from adapters.redis.link import RedisLink
from adapters.redis.presences import RedisPresences, SharedPresences
from adapters.redis.settings import RedisSettings
from adapters.websocket.attendance import Attendance
from domain.passing import Presence
from domain.presence import Person, PresenceSettings
from tests.doubles.clock import ManualClock
from tests.fixtures.redis import age
from tests.fixtures.stack import OpenStack, OwnStack

LOG = UUID(int=1)
ADA, BOB, EVE = (Person(LOG, "visitor", name) for name in ("ada", "bob", "eve"))
SETTINGS = PresenceSettings()
GRACE_S, TTL_S = SETTINGS.grace_s, SETTINGS.ttl_s


class World:
    """The nodes, and what the desks at each are told: who, and whether there or gone."""

    def __init__(self, stack: OwnStack) -> None:
        self.stack = stack
        self.clock = ManualClock()
        self.nodes = [Node(self), Node(self)]
        self.client = Redis.from_url(stack.urls["redis"], decode_responses=True)

    async def open(self) -> World:
        """With Redis known by all for long enough that everybody's people are in it."""
        await self.look()
        await self.advance(TTL_S)
        assert all(node.shared.knows_all for node in self.nodes)
        return self

    async def close(self) -> None:
        """Let the connections go."""
        await self.client.aclose()
        for node in self.nodes:
            await node.link.close()

    def pass_on(self, presence: Presence) -> None:
        """Tell all nodes that live."""
        for node in self.nodes:
            if node.alive and node.attendance.hear(presence):
                node.told.append((presence.id, presence.online))

    async def look(self) -> None:
        """Let every node look after Redis, and at who came and went."""
        for node in self.nodes:
            await node.link.look()
        for node in self.nodes:
            if node.alive:
                await node.attendance.look()

    async def advance(self, seconds: float) -> None:
        """Let time pass for nodes and Redis; the nodes look every few seconds."""
        for _ in range(round(seconds / 2.5)):
            await self.clock.advance(2.5)
            with suppress(RedisError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await age(self.client, 2.5)
            await self.look()

    async def back(self) -> None:
        """Wait until all know that Redis is there."""
        async with asyncio.timeout(10):
            while any([await node.link.probe() for node in self.nodes]):
                await self.look()
                await asyncio.sleep(0.01)

    def told(self) -> list[list[tuple[str, bool]]]:
        """What each node's desks were told since this was asked last."""
        told = [node.told[:] for node in self.nodes]
        for node in self.nodes:
            node.told.clear()
        return told


class Node:
    """One node."""

    def __init__(self, world: World) -> None:
        url = world.stack.urls["redis"]
        self.link = RedisLink(url, RedisSettings(answer_s=0.5), world.clock)
        self.shared = RedisPresences(self.link, SETTINGS)
        own = InProcessPresences(world.clock, SETTINGS)
        self.presences = SharedPresences(self.shared, own)
        self.attendance = Attendance(self.presences, world.clock, SETTINGS, world.pass_on)
        self.told: list[tuple[str, bool]] = []
        self.alive = True

    def come(self, person: Person) -> UUID:
        """Let somebody open a socket here."""
        socket = uuid4()
        self.attendance.arrive(person, socket)
        return socket


@pytest.fixture
async def world(open_stack: OpenStack) -> AsyncIterator[World]:
    """Two nodes on a Redis that the test may harm."""
    world = World(await asyncio.to_thread(open_stack, "redis"))
    yield await world.open()
    await world.close()


async def test_moving_between_nodes_is_no_going(world: World) -> None:
    """Nor is a node more, or one less of two."""
    one, two = world.nodes
    first = one.come(ADA)
    await world.look()
    assert world.told() == [[("ada", True)]] * 2
    one.attendance.leave(first)
    await world.advance(GRACE_S / 2)
    second, third = two.come(ADA), one.come(ADA)
    await world.advance(2 * GRACE_S)
    two.attendance.leave(second)
    await world.advance(2 * GRACE_S)
    assert world.told() == [[], []]
    assert await two.presences.present([ADA, BOB]) == {ADA}
    one.attendance.leave(third)
    await world.advance(2 * GRACE_S)
    assert world.told() == [[("ada", False)]] * 2
    assert await one.presences.present([ADA]) == set()


async def test_a_dead_nodes_people_are_told_to_be_gone_once(world: World) -> None:
    """When their time is over; who is at another node too stays."""
    one, two = world.nodes
    one.come(ADA)
    one.come(BOB)
    two.come(BOB)
    await world.look()
    world.told()
    one.alive = False
    await world.advance(TTL_S - 5)
    assert world.told() == [[], []]
    await world.advance(10)
    assert world.told()[1] == [("ada", False)]
    await world.advance(2 * TTL_S)
    assert world.told()[1] == []


async def test_a_killed_redis_that_comes_back_empty_makes_nobody_flicker(world: World) -> None:
    """Who is there stays so at every desk, and is known again everywhere after the next beats."""
    one, two = world.nodes
    one.come(ADA)
    two.come(BOB)
    await world.look()
    world.told()
    world.stack.kill("redis")
    await world.advance(2 * TTL_S)
    assert await one.presences.present([ADA, BOB]) == {ADA}
    await asyncio.to_thread(world.stack.start, "redis")
    await world.back()
    await world.advance(SETTINGS.beat_s)
    for node in world.nodes:
        assert await node.presences.present([ADA, BOB, EVE]) == {ADA, BOB}
    await world.advance(2 * TTL_S)
    assert world.told() == [[], []]


async def test_without_redis_each_node_tells_of_its_own(world: World) -> None:
    """Who comes and who goes meanwhile is told by the node where it happens."""
    one, two = world.nodes
    leaving = one.come(ADA)
    await world.look()
    world.told()
    world.stack.kill("redis")
    one.attendance.leave(leaving)
    two.come(BOB)
    await world.advance(2 * GRACE_S)
    expected = [("bob", True), ("ada", False)]
    assert world.told() == [expected, expected]
    await asyncio.to_thread(world.stack.start, "redis")
    await world.back()
    await world.advance(2 * TTL_S)
    assert world.told() == [[], []]
    assert await one.presences.present([ADA, BOB]) == {BOB}


async def test_whoever_is_at_another_node_is_put_right_at_once(world: World) -> None:
    """Without Redis a node cannot know: it says that somebody is gone, and the other one no."""
    one, two = world.nodes
    leaving = one.come(ADA)
    two.come(ADA)
    await world.look()
    world.told()
    world.stack.kill("redis")
    one.attendance.leave(leaving)
    await world.advance(2 * GRACE_S)
    here, there = world.told()
    assert here == [("ada", False), ("ada", True)]
    assert there == [("ada", True)]


@pytest.mark.parametrize("place", [0, 1])
async def test_whoever_was_told_to_be_gone_is_told_to_be_back(world: World, place: int) -> None:
    """Just after an outage a node tells by its own book who is gone; Redis has him there still."""
    one = world.nodes[0]
    world.stack.pause("redis")
    await world.look()
    world.stack.resume("redis")
    await world.back()
    socket = one.come(ADA)
    await world.look()
    one.attendance.leave(socket)
    await world.advance(GRACE_S + 2.5)
    assert world.told() == [[("ada", True), ("ada", False)]] * 2
    world.nodes[place].come(ADA)
    await world.look()
    assert world.told() == [[("ada", True)]] * 2


@pytest.mark.parametrize("place", [0, 1])
async def test_whoever_left_while_redis_stood_still_is_told_to_be_back(
    world: World, place: int
) -> None:
    """Redis has not heard that he left, and does not call it a coming; the nodes do."""
    one, two = world.nodes
    socket = one.come(ADA)
    await world.look()
    world.told()
    world.stack.pause("redis")
    one.attendance.leave(socket)
    for _ in range(2):
        for node in (one, two):
            await node.attendance.look()
        await world.clock.advance(GRACE_S)
    assert world.told() == [[("ada", False)]] * 2
    world.stack.resume("redis")
    await world.back()
    world.nodes[place].come(ADA)
    await world.look()
    assert world.told() == [[("ada", True)]] * 2


async def test_a_redis_that_stands_still_holds_up_no_look(world: World) -> None:
    """One wait at each node; when it goes on, nothing was missed or made up."""
    one, two = world.nodes
    one.come(ADA)
    two.come(BOB)
    await world.look()
    world.told()
    world.stack.pause("redis")
    two.come(EVE)
    for node in world.nodes:
        await node.attendance.look()
    began = time.monotonic()
    for _ in range(50):
        await one.attendance.look()
        await two.attendance.look()
    assert time.monotonic() - began < 5, "they would have waited 50 s"
    world.stack.resume("redis")
    await world.back()
    await world.advance(SETTINGS.beat_s)
    for node in world.nodes:
        assert await node.presences.present([ADA, BOB, EVE]) == {ADA, BOB, EVE}
    await world.advance(2 * TTL_S)
    assert world.told() == [[("eve", True)]] * 2


async def test_whoever_leaves_just_after_redis_forgot_is_gone(world: World) -> None:
    """Nobody stays present for ever because nothing was known of him any more."""
    one, _ = world.nodes
    socket = one.come(ADA)
    await world.look()
    world.told()
    await world.client.flushall()
    one.attendance.leave(socket)
    await world.advance(2 * GRACE_S)
    assert world.told() == [[("ada", False)]] * 2


async def test_after_an_outage_nobody_is_gone_before_all_could_say_who_is_there(
    world: World,
) -> None:
    """Everybody's time was over when Redis went on, and the first to ask is not told so."""
    one, two = world.nodes
    one.come(ADA)
    two.come(BOB)
    await world.look()
    world.told()
    world.stack.pause("redis")
    for _ in range(16):
        await world.clock.advance(2.5)
        for node in world.nodes:
            await node.attendance.look()
    world.stack.resume("redis")
    await age(world.client, 40)
    await one.link.look()
    await one.attendance.look()
    await world.back()
    await world.advance(2 * TTL_S)
    assert world.told() == [[], []]
    assert await one.presences.present([ADA, BOB]) == {ADA, BOB}

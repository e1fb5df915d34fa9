"""Presence under anything that may happen, in any order, held to what a desk may rely on.

A desk knows only what it is told: somebody came, somebody is gone. It is never told the same twice
in a row, except of somebody who comes back when his going was due to be told; and when nothing
moves any more it knows who is there and who is not.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from adapters.presence.in_process import InProcessPresences
from adapters.redis.link import RedisLink
from adapters.redis.presences import RedisPresences
from domain.presence import Person, Presences, PresenceSettings
from tests.doubles.clock import ManualClock
from tests.fixtures.redis import PATIENT, age

SETTINGS = PresenceSettings(grace_s=100.0, ttl_s=300.0)
PEOPLE = [Person(UUID(int=1), "visitor", name) for name in "ab"]
SEATS = [(person, UUID(int=n)) for n, person in enumerate(PEOPLE * 3)]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.sampled_from(SEATS)),
        st.tuples(st.just("leave"), st.sampled_from(SEATS)),
        st.tuples(st.just("pass"), st.sampled_from([10.0, 60.0, 110.0, 200.0])),
        st.tuples(st.just("departed"), st.none()),
    ),
    max_size=30,
)


class Desk:
    """What is true, and what a desk was told of it. ``said`` is when each socket was last said."""

    def __init__(self, *, expires: bool) -> None:
        self.now = 0.0
        self.said: dict[tuple[Person, UUID], float] = {}
        self.left: dict[Person, float] = {}
        self.online: set[Person] = set()
        self._expires = expires

    def came(self, absent: set[Person], seat: tuple[Person, UUID]) -> None:
        """Somebody's socket was said to be there."""
        assert absent == {seat[0]} - (self.online & self.there)
        self.online |= absent
        self.said[seat] = self.now

    def went(self, seat: tuple[Person, UUID]) -> None:
        """A socket was said to be gone. Even one that nobody knew lets its person be told of."""
        self.said.pop(seat, None)
        self.left[seat[0]] = self.now
        self.online.add(seat[0])

    def gone(self, people: set[Person]) -> None:
        """Somebody was said to be gone: told to be there until now, and rightly gone."""
        assert people <= self.online
        assert not people & self.there
        self.online -= people

    @property
    def there(self) -> set[Person]:
        """Who has a socket, or had one until a moment ago."""
        return {person for person in PEOPLE if self._is_there(person)}

    def _is_there(self, person: Person) -> bool:
        said = [when for (each, _), when in self.said.items() if each == person]
        lasting = [when for when in said if not self._expires or self.now < when + SETTINGS.ttl_s]
        return bool(lasting) or self.now < self.left.get(person, -1e9) + SETTINGS.grace_s


async def follow(world: Any, presences: Presences, desk: Desk, steps: list[Any]) -> None:
    """Take the steps, then let everything come to rest. Some node looks before all is forgotten."""
    looked = 0.0
    for what, how in steps:
        if what == "departed" or desk.now - looked > SETTINGS.ttl_s / 2:
            desk.gone(await presences.departed())
            looked = desk.now
        if what == "arrive":
            desk.came(await presences.arrive([how]), how)
        elif what == "leave":
            await presences.leave([how])
            desk.went(how)
        elif what == "pass":
            desk.now += how
            await world(how)
    desk.gone(await presences.departed())
    assert desk.online == desk.there
    assert await presences.present(PEOPLE) == desk.there
    listed = await presences.listed(UUID(int=1), "visitor")
    assert listed.ids == sorted(person.id for person in desk.there)


async def in_process(_: str, steps: list[Any]) -> None:
    """At a single node, whose sockets end with it."""
    clock = ManualClock()
    presences = InProcessPresences(clock, SETTINGS)
    await follow(clock.advance, presences, Desk(expires=False), steps)


async def in_redis(url: str, steps: list[Any]) -> None:
    """In Redis, where what is not said again expires."""
    link = RedisLink(url, PATIENT, ManualClock())
    async with Redis.from_url(url, decode_responses=True) as client:
        await client.flushdb()
        await link.look()

        async def pass_time(seconds: float) -> None:
            await age(client, seconds)

        try:
            await follow(pass_time, RedisPresences(link, SETTINGS), Desk(expires=True), steps)
        finally:
            await link.close()


@pytest.mark.parametrize("run", [in_process, in_redis])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_desk_knows_who_is_there(run: Any, redis_url: str, steps: list[Any]) -> None:
    """Whoever comes, goes, is renewed or forgotten, in whatever order and time."""
    asyncio.run(run(redis_url, steps))

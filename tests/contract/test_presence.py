"""The contract of presence: who is there, from the first socket to a while after the last.

What concerns more than one node is asked only of what more than one node can be told of.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

import pytest
from redis.asyncio import Redis

from adapters.presence.in_process import InProcessPresences
from adapters.redis.link import RedisLink
from adapters.redis.presences import RedisPresences, SharedPresences
from adapters.redis.settings import RedisSettings
from domain.presence import Person, Presences, PresenceSettings
from tests.doubles.clock import ManualClock
from tests.fixtures.redis import age

SETTINGS = PresenceSettings(grace_s=100.0, ttl_s=300.0)
"""So long that no real time that a test takes matters."""

LOG, OTHER_LOG = UUID(int=1), UUID(int=2)
ADA = Person(LOG, "visitor", "ada")
BOB = Person(LOG, "visitor", "bob")
STRANGERS = {
    Person(OTHER_LOG, "visitor", "ada"),
    Person(LOG, "agent", "ada"),
    Person(LOG, "visitor", "ada b"),
}
ONE, TWO, THREE = UUID(int=11), UUID(int=12), UUID(int=13)


class World(NamedTuple):
    """Presence at one node, and the way to let time pass for it."""

    presences: Presences
    advance: Callable[[float], Awaitable[None]]


@pytest.fixture
def in_process(manual_clock: ManualClock) -> World:
    """That of a single process."""
    return World(InProcessPresences(manual_clock, SETTINGS), manual_clock.advance)


@pytest.fixture
def redis(redis_link: RedisLink, redis_client: Redis) -> World:
    """That of all nodes together."""

    async def advance(seconds: float) -> None:
        await age(redis_client, seconds)

    return World(RedisPresences(redis_link, SETTINGS), advance)


@pytest.fixture
async def redis_or_own(redis: World, redis_link: RedisLink, manual_clock: ManualClock) -> World:
    """What a node uses, while Redis is there."""

    async def advance(seconds: float) -> None:
        await redis.advance(seconds)
        await manual_clock.advance(seconds)

    await manual_clock.advance(SETTINGS.ttl_s)
    own = InProcessPresences(manual_clock, SETTINGS)
    return World(SharedPresences(RedisPresences(redis_link, SETTINGS), own), advance)


@pytest.fixture
def redis_away(manual_clock: ManualClock) -> World:
    """What a node uses, while Redis is away."""
    link = RedisLink("redis://127.0.0.1:1/", RedisSettings(), manual_clock)
    own = InProcessPresences(manual_clock, SETTINGS)
    return World(SharedPresences(RedisPresences(link, SETTINGS), own), manual_clock.advance)


@pytest.fixture(params=["in_process", "redis", "redis_or_own", "redis_away"])
def world(request: pytest.FixtureRequest) -> World:
    """Presence; each test runs once for every implementation."""
    found: World = request.getfixturevalue(request.param)
    return found


async def is_present(world: World, person: Person = ADA) -> bool:
    """Whether somebody counts as present."""
    return await world.presences.present([person]) == {person}


async def test_the_first_socket_makes_one_present(world: World) -> None:
    """The answer says so once; a second one, and the same one again, change nothing."""
    assert not await is_present(world)
    assert await world.presences.arrive([(ADA, ONE)]) == {ADA}
    assert await world.presences.arrive([(ADA, TWO)]) == set()
    assert await world.presences.arrive([(ADA, ONE)]) == set()
    assert await is_present(world)


async def test_whoever_has_another_socket_stays(world: World) -> None:
    """However long ago one of two was closed."""
    await world.presences.arrive([(ADA, ONE), (ADA, TWO)])
    await world.presences.leave([(ADA, ONE)])
    await world.advance(250)
    assert await world.presences.departed() == set()
    assert await is_present(world)


async def test_the_last_socket_ends_it_after_the_grace(world: World) -> None:
    """Until then one counts as present; then it is said once, and one can come anew."""
    await world.presences.arrive([(ADA, ONE), (ADA, TWO), (BOB, THREE)])
    await world.presences.leave([(ADA, ONE), (ADA, TWO)])
    await world.advance(90)
    assert await world.presences.departed() == set()
    assert await is_present(world)
    await world.advance(11)
    assert await world.presences.departed() == {ADA}
    assert await world.presences.departed() == set()
    assert not await is_present(world)
    assert await is_present(world, BOB)
    assert await world.presences.arrive([(ADA, THREE)]) == {ADA}


async def test_coming_back_within_the_grace_is_no_coming(world: World) -> None:
    """A page that loads anew: nobody hears of it, neither then nor later."""
    await world.presences.arrive([(ADA, ONE)])
    await world.presences.leave([(ADA, ONE)])
    await world.advance(90)
    assert await world.presences.arrive([(ADA, TWO)]) == set()
    await world.advance(90)
    assert await world.presences.departed() == set()
    assert await is_present(world)


async def test_coming_back_after_the_grace_is_a_coming(world: World) -> None:
    """Also when nobody has asked yet who is gone; then he is not gone any more."""
    await world.presences.arrive([(ADA, ONE)])
    await world.presences.leave([(ADA, ONE)])
    await world.advance(110)
    assert await world.presences.arrive([(ADA, TWO)]) == {ADA}
    assert await world.presences.departed() == set()
    assert await is_present(world)


async def test_a_grace_begins_with_the_last_leave(world: World) -> None:
    """Going, coming and going again starts it anew."""
    for socket in (ONE, TWO):
        await world.presences.arrive([(ADA, socket)])
        await world.presences.leave([(ADA, socket)])
        await world.advance(60)
    assert await world.presences.departed() == set()
    await world.advance(41)
    assert await world.presences.departed() == {ADA}


async def test_people_are_told_apart(world: World) -> None:
    """By tenant, role and id, whatever is in an id."""
    await world.presences.arrive([(ADA, ONE)])
    assert await world.presences.present([ADA, *STRANGERS]) == {ADA}
    everybody = {(each, UUID(int=n)) for n, each in enumerate(STRANGERS, 20)}
    assert await world.presences.arrive(everybody) == STRANGERS
    assert await world.presences.present([ADA, BOB, *STRANGERS]) == {ADA, *STRANGERS}
    assert await world.presences.present([]) == set()


async def test_whoever_was_forgotten_still_departs(world: World) -> None:
    """A socket leaves of which nothing is known any more: somebody thinks its person is there."""
    await world.presences.leave([(ADA, ONE)])
    await world.advance(101)
    assert await world.presences.departed() == {ADA}


async def test_people_of_a_tenant_are_listed(world: World) -> None:
    """By role, in the order of their ids and in parts; whoever is gone is not among them."""
    presences = world.presences
    crowd = [Person(LOG, "visitor", f"v{n}") for n in range(7)]
    await presences.arrive([(each, ONE) for each in [*reversed(crowd), *STRANGERS]])
    await presences.leave([(crowd[0], ONE), (crowd[1], ONE)])
    first = await presences.listed(LOG, "visitor", limit=3)
    assert (first.ids, first.total) == (["ada b", "v0", "v1"], 8)
    rest = await presences.listed(LOG, "visitor", after="v1")
    assert rest.ids == [f"v{n}" for n in range(2, 7)]
    assert (await presences.listed(LOG, "agent")).ids == ["ada"]
    assert (await presences.listed(UUID(int=9), "visitor")).ids == []
    await world.advance(101)
    assert await presences.departed() == {crowd[0], crowd[1]}
    assert (await presences.listed(LOG, "visitor", limit=2)).ids == ["ada b", "v2"]


# --- more than one node -----------------------------------------------------------------------


@pytest.fixture
def other(redis_link: RedisLink) -> Presences:
    """Another node's, on the same Redis."""
    return RedisPresences(redis_link, SETTINGS)


async def test_any_node_makes_one_present(redis: World, other: Presences) -> None:
    """Nodes see one person: its first socket at either, its last at either."""
    assert await redis.presences.arrive([(ADA, ONE)]) == {ADA}
    assert await other.arrive([(ADA, TWO)]) == set()
    await redis.presences.leave([(ADA, ONE)])
    await redis.advance(101)
    assert await redis.presences.departed() == set()
    await other.leave([(ADA, TWO)])
    await redis.advance(101)
    assert await other.departed() == {ADA}


async def test_the_sockets_of_a_dead_node_end(redis: World, other: Presences) -> None:
    """What is not said again is gone, and one of those that ask is told."""
    await redis.presences.arrive([(ADA, ONE), (BOB, TWO)])
    await redis.advance(200)
    await other.arrive([(BOB, THREE)])
    await redis.advance(101)
    assert [await other.departed(), await redis.presences.departed()] == [{ADA}, set()]
    await other.leave([(BOB, THREE)])
    await redis.advance(101)
    assert await other.departed() == {BOB}, "the dead node's socket held nobody"


async def test_what_is_said_again_stays(redis: World) -> None:
    """A node's beats keep its people there."""
    await redis.presences.arrive([(ADA, ONE)])
    for _ in range(4):
        await redis.advance(200)
        assert await redis.presences.arrive([(ADA, ONE)]) == set()
    assert await redis.presences.departed() == set()


async def test_departures_come_in_bounded_numbers(redis_link: RedisLink, redis: World) -> None:
    """Nobody waits while everybody goes at once."""
    few = RedisPresences(redis_link, PresenceSettings(batch=2))
    people = {Person(LOG, "visitor", str(n)) for n in range(5)}
    await few.arrive([(each, ONE) for each in people])
    await redis.advance(31)
    gone = [await few.departed() for _ in range(4)]
    assert [len(each) for each in gone] == [2, 2, 1, 0]
    assert set[Person]().union(*gone) == people


async def test_an_emptied_redis_learns_everything_again(redis: World, redis_client: Redis) -> None:
    """From the next beats; meanwhile nobody is said to be gone."""
    await redis.presences.arrive([(ADA, ONE), (BOB, TWO)])
    await redis_client.flushall()
    assert await redis.presences.departed() == set()
    assert await redis.presences.arrive([(ADA, ONE), (BOB, TWO)]) == {ADA, BOB}
    assert await redis.presences.present([ADA, BOB]) == {ADA, BOB}
    assert (await redis.presences.listed(LOG, "visitor")).ids == ["ada", "bob"]


async def test_a_dead_nodes_sockets_do_not_pile_up(
    redis: World, other: Presences, redis_client: Redis
) -> None:
    """Of whoever stays at another node only those remain that are said again."""
    for n in range(5):
        await redis.presences.arrive([(ADA, UUID(int=20 + n))])
    for _ in range(2):
        await redis.advance(200)
        await other.arrive([(ADA, ONE)])
    (key,) = [key async for key in redis_client.scan_iter("parley:presence:*")]
    assert await redis_client.zrange(key, 0, -1) == [str(ONE)]


async def test_what_is_in_redis_ends_by_itself(redis: World, redis_client: Redis) -> None:
    """Every key, whatever was done last."""
    await redis.presences.arrive([(ADA, ONE), (BOB, TWO)])
    await redis.presences.leave([(ADA, ONE)])
    keys = [key async for key in redis_client.scan_iter("*")]
    assert {key.partition(":")[0] for key in keys} == {"parley"}
    assert len(keys) > 1
    assert all([0 < await redis_client.pttl(key) <= 600_000 for key in keys])

"""The contract of rate limits: pace, burst, and that keys are each other's strangers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from redis.asyncio import Redis

from adapters.limits.token_buckets import TokenBuckets
from adapters.redis.link import RedisLink
from adapters.redis.rate_limits import RedisRateLimits, SharedRateLimits
from adapters.redis.settings import RedisSettings
from domain.rate_limits import Rate, RateLimits
from tests.doubles.clock import ManualClock
from tests.fixtures.redis import age

RATE = Rate("test", per_second=0.02, burst=3)
"""So slow that no real time that a test takes gives anything back."""

OTHER = Rate("other", per_second=0.02, burst=3)
SECRET = b"shared by all nodes"


class World(NamedTuple):
    """Limits, and the way to let time pass for them."""

    limits: RateLimits
    advance: Callable[[float], Awaitable[None]]


@pytest.fixture
def in_process(manual_clock: ManualClock) -> World:
    """Those of a single process."""
    return World(TokenBuckets(manual_clock), manual_clock.advance)


@pytest.fixture
def redis(redis_link: RedisLink, redis_client: Redis) -> World:
    """Those of all nodes together."""

    async def advance(seconds: float) -> None:
        await age(redis_client, seconds)

    return World(RedisRateLimits(redis_link, SECRET), advance)


@pytest.fixture
def redis_or_own(redis: World, redis_link: RedisLink, manual_clock: ManualClock) -> World:
    """What a node uses, while Redis is there."""
    shared = SharedRateLimits(RedisRateLimits(redis_link, SECRET), TokenBuckets(manual_clock))
    return World(shared, redis.advance)


@pytest.fixture
def redis_away(manual_clock: ManualClock) -> World:
    """What a node uses, while Redis is away."""
    link = RedisLink("redis://127.0.0.1:1/", RedisSettings(), manual_clock)
    own = TokenBuckets(manual_clock)
    return World(SharedRateLimits(RedisRateLimits(link, SECRET), own), manual_clock.advance)


@pytest.fixture(params=["in_process", "redis", "redis_or_own", "redis_away"])
def world(request: pytest.FixtureRequest) -> World:
    """Limits; each test runs once for every implementation."""
    found: World = request.getfixturevalue(request.param)
    return found


async def drain(limits: RateLimits, rate: Rate, key: str) -> int:
    """How many can be taken now."""
    count = 0
    while await limits.take(rate, key) == 0:
        count += 1
        assert count <= RATE.burst, "it never ends"
    return count


async def test_a_burst_and_then_the_pace(world: World) -> None:
    """The answer says how long to wait, and after that there is one."""
    assert await drain(world.limits, RATE, "a") == 3
    wait_s = await world.limits.take(RATE, "a")
    assert 45 < wait_s <= 50
    await world.advance(wait_s)
    assert await drain(world.limits, RATE, "a") == 1
    await world.advance(40)
    assert 5 < await world.limits.take(RATE, "a") <= 10


async def test_a_long_rest_fills_it_and_no_more(world: World) -> None:
    """However long nobody comes, there is one burst."""
    await drain(world.limits, RATE, "a")
    await world.advance(3600)
    assert await drain(world.limits, RATE, "a") == 3


async def test_several_are_taken_whole_or_not_at_all(world: World) -> None:
    """Where there are too few, none is gone, and the wait is until there are as many."""
    assert await world.limits.take(RATE, "a", 2) == 0
    assert 45 < await world.limits.take(RATE, "a", 2) <= 50
    assert 95 < await world.limits.take(RATE, "a", 3) <= 100
    assert await drain(world.limits, RATE, "a") == 1


async def test_nobody_asks_for_what_can_never_be(world: World) -> None:
    """More at once than the burst is a mistake of ours, not a wait for ever."""
    with pytest.raises(AssertionError, match="never"):
        await world.limits.take(RATE, "a", 4)


async def test_keys_and_limits_do_not_share(world: World) -> None:
    """Another key, or the same one under another limit, has its own."""
    await drain(world.limits, RATE, "a")
    assert await drain(world.limits, RATE, "b") == 3
    assert await drain(world.limits, OTHER, "a") == 3


async def test_what_is_given_back_was_not_taken(world: World) -> None:
    """One or several; but never more than the burst, not even where nothing was taken."""
    await drain(world.limits, RATE, "a")
    await world.limits.give_back(RATE, "a")
    assert await drain(world.limits, RATE, "a") == 1
    await world.limits.give_back(RATE, "a", 2)
    assert await drain(world.limits, RATE, "a") == 2
    for key in ("a", "new"):
        for _ in range(4):
            await world.limits.give_back(RATE, key)
        assert await drain(world.limits, RATE, key) == 3

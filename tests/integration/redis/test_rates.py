"""Rates over several nodes: one bucket for all, hidden names, and no bucket filled by an outage."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis

from adapters.limits.token_buckets import TokenBuckets
from adapters.redis.link import RedisLink
from adapters.redis.rate_limits import RedisRateLimits, SharedRateLimits
from domain import figures
from domain.rate_limits import Rate
from tests.doubles.clock import ManualClock
from tests.doubles.telemetry import KeptMeasures
from tests.fixtures.redis import PATIENT
from tests.fixtures.stack import OpenStack

RATE = Rate("sign-in", per_second=0.02, burst=3)
WHO = "192.0.2.1 acme ann@example.com"
SECRET = b"shared by all nodes"


async def test_nodes_count_together(redis_url: str, redis_link: RedisLink) -> None:
    """What one has taken the other cannot; nodes of another master key count apart."""
    link = RedisLink(redis_url, PATIENT, ManualClock())
    await link.look()
    one, two = RedisRateLimits(redis_link, SECRET), RedisRateLimits(link, SECRET)
    assert await one.take(RATE, WHO, 2) == 0
    assert await two.take(RATE, WHO) == 0
    assert await one.take(RATE, WHO) > 0
    assert await RedisRateLimits(link, b"another").take(RATE, WHO) == 0
    await link.close()


async def test_many_at_once_take_no_more_than_there_is(redis_link: RedisLink) -> None:
    """However they fall together."""
    limits = RedisRateLimits(redis_link, SECRET)
    waits = await asyncio.gather(*(limits.take(RATE, WHO) for _ in range(40)))
    assert sum(wait_s == 0 for wait_s in waits) == 3


async def test_whom_it_is_counted_for_is_hidden(redis_link: RedisLink, redis_client: Redis) -> None:
    """Neither address nor e-mail stands in a key or a value, and the key ends by itself."""
    await RedisRateLimits(redis_link, SECRET).take(RATE, WHO)
    keys = [key async for key in redis_client.scan_iter("*") if key != "parley:look"]
    assert len(keys) == 1
    assert keys[0].startswith("parley:rate:sign-in:")
    assert not {"192", "acme", "ann"} & set(keys[0].replace(":", " ").split())
    assert str(await redis_client.get(keys[0])).isdigit()
    assert 0 < await redis_client.pttl(keys[0]) <= 50_000


async def test_a_full_bucket_is_kept_nowhere(redis_link: RedisLink, redis_client: Redis) -> None:
    """What was given back whole leaves nothing behind."""
    limits = RedisRateLimits(redis_link, SECRET)
    await limits.take(RATE, WHO, 2)
    await limits.give_back(RATE, WHO, 2)
    assert [key async for key in redis_client.scan_iter("parley:rate:*")] == []


async def test_a_clock_that_was_set_back_locks_out_nobody(
    redis_link: RedisLink, redis_client: Redis
) -> None:
    """A bucket out of the future is empty at worst, and fills at its pace."""
    limits = RedisRateLimits(redis_link, SECRET)
    await limits.take(RATE, WHO)
    (key,) = [key async for key in redis_client.scan_iter("parley:rate:*")]
    await redis_client.set(key, int((time.time() + 86_400) * 1e6), keepttl=True)
    assert 45 < await limits.take(RATE, WHO) <= 50
    await limits.give_back(RATE, WHO)
    assert await limits.take(RATE, WHO) == 0


@pytest.mark.parametrize("given_back", [0, 1])
async def test_an_outage_fills_nobodys_bucket(open_stack: OpenStack, given_back: int) -> None:
    """The node knows by itself what was taken here while Redis counted."""
    stack = await asyncio.to_thread(open_stack, "redis")
    clock = ManualClock()
    link = RedisLink(stack.urls["redis"], PATIENT, clock)
    await link.look()
    measures = KeptMeasures()
    limits = SharedRateLimits(RedisRateLimits(link, SECRET), TokenBuckets(clock), measures)
    assert await limits.take(RATE, WHO, 3) == 0
    if given_back:
        await limits.give_back(RATE, WHO)
    stack.kill("redis")
    assert (await limits.take(RATE, WHO) == 0) is bool(given_back)
    assert 45 < await limits.take(RATE, WHO) <= 50
    await clock.advance(50)
    assert await limits.take(RATE, WHO) == 0
    await asyncio.to_thread(stack.start, "redis")
    async with asyncio.timeout(10):
        while await link.probe():
            await link.look()
    assert await limits.take(RATE, WHO, 3) == 0, "Redis counts again, from nothing"
    assert measures.counted(figures.RATE_LIMIT_FALLBACKS) == {(): 3}
    await link.close()

"""The link to a Redis that dies, stands still, comes back empty, or is none at all.

Whatever it does, nobody waits for it twice, nothing is raised but RedisAway, and it is used again
by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, closing, nullcontext
from urllib.parse import urlsplit, urlunsplit

import pytest
from redis.asyncio import Redis

from adapters.redis.link import RedisAway, RedisLink
from adapters.redis.rate_limits import RedisRateLimits
from adapters.redis.settings import RedisSettings
from domain.breaker import PartAway
from domain.rate_limits import Rate
from tests.doubles.clock import ManualClock
from tests.fixtures.redis import PATIENT
from tests.fixtures.stack import OpenStack, OwnStack

RATE = Rate("test", per_second=0.02, burst=1000)


@asynccontextmanager
async def linked(url: str, settings: RedisSettings = PATIENT) -> AsyncIterator[RedisLink]:
    """A link after its first look."""
    link = RedisLink(url, settings, ManualClock())
    try:
        await link.look()
        yield link
    finally:
        await link.close()


def limits(link: RedisLink) -> RedisRateLimits:
    """Something to ask for."""
    return RedisRateLimits(link, b"secret")


@pytest.fixture
def own_redis(open_stack: OpenStack) -> OwnStack:
    """A Redis that the test may harm."""
    return open_stack("redis")


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # a socket of another process sets no Event
            await asyncio.sleep(0.01)


async def until_there(link: RedisLink) -> None:
    """Look until it is there."""
    async with asyncio.timeout(10):
        while await link.probe():
            await link.look()
            await asyncio.sleep(0.01)


async def test_a_killed_redis_is_away_until_it_is_back(own_redis: OwnStack) -> None:
    """The question that meets its end fails, those behind it at once; then all goes on."""
    async with linked(own_redis.urls["redis"]) as link:
        assert await link.probe() is None
        assert await limits(link).take(RATE, "a") == 0
        await asyncio.to_thread(own_redis.kill, "redis")
        for _ in range(3):
            with pytest.raises(RedisAway, match="cannot be reached"):
                await limits(link).take(RATE, "a")
        await link.look()
        assert await link.probe() == "cannot be reached"
        await asyncio.to_thread(own_redis.start, "redis")
        await until_there(link)
        assert await limits(link).take(RATE, "a", 1000) == 0, "it came back empty"


async def test_a_quick_restart_is_no_outage(own_redis: OwnStack) -> None:
    """Connections that were cut while nobody asked are made anew, the scripts loaded again."""
    async with linked(own_redis.urls["redis"]) as link:
        await limits(link).take(RATE, "a")
        (connection,) = link._client.connection_pool._available_connections
        assert connection._reader is not None
        await asyncio.to_thread(own_redis.kill, "redis")
        await asyncio.to_thread(own_redis.start, "redis")
        await until(connection._reader.at_eof)
        assert await limits(link).take(RATE, "a", 1000) == 0


async def test_a_redis_that_stands_still_holds_nobody_up_twice(own_redis: OwnStack) -> None:
    """One wait of bounded length for those who asked first; none for those after them."""
    async with linked(own_redis.urls["redis"], RedisSettings(answer_s=0.2)) as link:
        await until_there(link)
        await asyncio.to_thread(own_redis.pause, "redis")
        began = time.monotonic()
        first = [limits(link).take(RATE, "a") for _ in range(20)]
        failures = await asyncio.gather(*first, return_exceptions=True)
        assert 0.2 <= time.monotonic() - began < 4.0, "those who wait for a place wait as long"
        assert {str(each) for each in failures} == {"Redis gives no answer in time"}
        began = time.monotonic()
        for _ in range(1000):
            with pytest.raises(RedisAway):
                await limits(link).take(RATE, "a")
        assert time.monotonic() - began < 10, "they would have waited 200 s"
        await asyncio.to_thread(own_redis.resume, "redis")
        await until_there(link)
        assert await limits(link).take(RATE, "b") == 0


async def test_whoever_gives_up_waiting_gets_nobody_elses_answer(own_redis: OwnStack) -> None:
    """A question that is cancelled leaves no connection with its answer still to come."""
    async with linked(own_redis.urls["redis"]) as link:
        await limits(link).take(RATE, "a", 500)
        await asyncio.to_thread(own_redis.pause, "redis")
        asking = [asyncio.create_task(limits(link).take(RATE, "a", 900)) for _ in range(8)]
        await asyncio.sleep(0.05)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await asyncio.to_thread(own_redis.resume, "redis")
        assert [await limits(link).take(RATE, str(n)) for n in range(20)] == [0.0] * 20


@pytest.mark.parametrize("secret", ["", ":wrong@"])
async def test_a_wrong_password_is_said(own_redis: OwnStack, secret: str) -> None:
    """In words without the password, the user or the address."""
    url = own_redis.urls["redis"]
    async with Redis.from_url(url) as client:
        await client.config_set("requirepass", "right")
    async with linked(with_secret(url, secret)) as link:
        assert await link.probe() == "does not let us in"
    async with linked(with_secret(url, ":right@")) as link:
        assert await link.probe() is None


def with_secret(url: str, secret: str) -> str:
    """The URL with this before its host, in the place of what it had there."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=secret + parts.netloc.rpartition("@")[2]))


async def test_rights_that_are_missing_are_found_before_they_are_needed(
    own_redis: OwnStack,
) -> None:
    """A user that may connect and ask, but run no script."""
    async with Redis.from_url(own_redis.urls["redis"]) as client:
        await client.acl_setuser("default", commands=["-eval", "-evalsha"])
    async with linked(own_redis.urls["redis"]) as link:
        assert await link.probe() == "does not let us in"


async def test_a_full_redis_is_away(own_redis: OwnStack) -> None:
    """It answers, and takes nothing."""
    async with Redis.from_url(own_redis.urls["redis"]) as client:
        await client.config_set("maxmemory", "1")
    async with linked(own_redis.urls["redis"]) as link:
        assert await link.probe() == "has no memory left"


async def test_a_replica_is_away(own_redis: OwnStack) -> None:
    """It would answer from what another one knew."""
    async with Redis.from_url(own_redis.urls["redis"]) as client:
        await client.replicaof("127.0.0.1", "1")
    async with linked(own_redis.urls["redis"]) as link:
        assert await link.probe() == "takes no writes: it is a replica"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$99999999\r\nx",
        b":1\r\n:1\r\n",
        b"*1\r\n$-1\r\n",
        b"",
    ],
)
async def test_what_is_no_redis_is_said(said: bytes) -> None:
    """Something else answers at the address: nonsense, half an answer, or nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(said)
        with closing(writer):
            await writer.drain()
            await reader.read(1)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, linked(f"redis://127.0.0.1:{port}/", RedisSettings(answer_s=0.2)) as link:
        reason = await link.probe()
        assert reason in {
            "cannot be reached",
            "gives no answer in time",
            "gives no answer that makes sense (InvalidResponse)",
            "gives no answer that makes sense (TypeError)",
        }


async def test_what_makes_no_sense_is_no_answer(redis_client: Redis, redis_link: RedisLink) -> None:
    """Somebody else's value under our key, or an answer that is not of the kind asked for."""
    with pytest.raises(RedisAway, match="ValueError"):
        await redis_link.ask("take", "parley:x", (1, 1, 1), lambda _: int("nonsense"))
    await redis_link.look()
    await redis_client.lpush("parley:list", "x")
    with pytest.raises(RedisAway, match="ResponseError"):
        await redis_link.ask("take", "parley:list", (1, 1, 1), int)


async def test_every_question_goes_by_the_breaker(redis_url: str) -> None:
    """One that is open keeps them all from being asked, looks too."""
    clock, guards = ManualClock(), 0

    class Counting:
        away = False

        def guard(self) -> AbstractContextManager[None]:
            nonlocal guards
            guards += 1
            if self.away:
                raise PartAway("redis")
            return nullcontext()

    breaker = Counting()
    link = RedisLink(redis_url, PATIENT, clock, breaker)
    await link.look()
    await limits(link).take(RATE, "a")
    assert guards == 2
    breaker.away = True
    with pytest.raises(RedisAway, match="alone"):
        await limits(link).take(RATE, "a")
    await link.look()
    assert guards == 4
    await link.close()


async def test_it_is_looked_after_until_the_end(redis_url: str) -> None:
    """At once, then again and again; the end lets the connections go."""
    clock = ManualClock()
    link = RedisLink(redis_url, PATIENT, clock)
    assert await link.probe() == "was not asked yet"
    task = asyncio.create_task(link.run())
    await until(lambda: clock.next_deadline is not None)
    assert await link.probe() is None
    assert link.steady_s == 0
    await clock.advance(7.5)
    assert link.steady_s == 7.5
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not link._client.connection_pool._available_connections[0].is_connected


def test_a_url_with_options_that_are_none_is_refused() -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError, match="max_connections"):
        RedisLink("redis://127.0.0.1/?max_connections=many", PATIENT, ManualClock())

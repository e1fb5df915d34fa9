"""Breakers: who fails several times running is left alone, and let in again after a rest."""

from __future__ import annotations

import asyncio

import pytest

from domain.breaker import PartAway
from ops.breakers import Breakers, BreakerSettings


def fail(breakers: Breakers, times: int) -> None:
    """Let a part fail."""
    for _ in range(times):
        with pytest.raises(OSError, match="away"), breakers.of("redis").guard():
            raise OSError("away")


def test_after_several_failures_a_part_is_not_asked() -> None:
    """The third failure opens it; then callers fail at once, with the part's name."""
    breakers = Breakers(BreakerSettings(failures=3, rest_s=60))
    fail(breakers, 2)
    with breakers.of("redis").guard():
        pass
    fail(breakers, 3)
    with pytest.raises(PartAway) as refused, breakers.of("redis").guard():
        raise AssertionError("it was asked")
    assert refused.value.part == "redis"
    assert breakers.states() == {"redis": "open"}


def test_one_part_s_breaker_is_no_other_s() -> None:
    """Each part has its own."""
    breakers = Breakers(BreakerSettings(failures=1, rest_s=60))
    fail(breakers, 1)
    with breakers.of("rabbitmq").guard():
        pass
    assert breakers.states() == {"redis": "open", "rabbitmq": "closed"}


def test_after_its_rest_a_success_closes_it_and_a_failure_opens_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the rest is over one call is enough to know."""
    now = [1000.0]
    monkeypatch.setattr("circuitbreaker.monotonic", lambda: now[0])
    breakers = Breakers(BreakerSettings(failures=2, rest_s=5))
    fail(breakers, 2)
    now[0] += 6
    assert breakers.states() == {"redis": "half_open"}
    fail(breakers, 1)
    assert breakers.states() == {"redis": "open"}
    now[0] += 6
    with breakers.of("redis").guard():
        pass
    assert breakers.states() == {"redis": "closed"}


def test_an_outage_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is tried meanwhile, and its end is told too."""
    now = [1000.0]
    monkeypatch.setattr("circuitbreaker.monotonic", lambda: now[0])
    caplog.set_level("INFO", "parley.breakers")
    breakers = Breakers(BreakerSettings(failures=2, rest_s=5))
    fail(breakers, 2)
    for _ in range(3):
        now[0] += 6
        fail(breakers, 1)
    assert caplog.messages == ["redis: the breaker is open"]
    now[0] += 6
    for _ in range(2):
        with breakers.of("redis").guard():
            pass
    assert caplog.messages[1:] == ["redis: the breaker is closed"]


async def test_who_goes_away_says_nothing_of_the_part() -> None:
    """A cancelled call neither opens a breaker nor closes it."""
    breakers = Breakers(BreakerSettings(failures=2, rest_s=60))
    fail(breakers, 1)

    async def wait() -> None:
        with breakers.of("redis").guard():
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    fail(breakers, 1)
    assert breakers.states() == {"redis": "open"}

"""Token buckets in this process: their own clock, and bounded memory."""

from __future__ import annotations

from adapters.limits.token_buckets import TokenBuckets
from domain.rate_limits import Rate
from tests.doubles.clock import ManualClock

RATE = Rate("test", per_second=2.0, burst=3)


async def drain(limits: TokenBuckets, rate: Rate, key: str) -> int:
    """How many can be taken now."""
    count = 0
    while await limits.take(rate, key) == 0:
        count += 1
    return count


async def test_a_clock_set_back_fills_nothing() -> None:
    """Only the monotonic clock counts."""
    clock = ManualClock()
    limits = TokenBuckets(clock)
    await drain(limits, RATE, "a")
    clock.set_wall(clock.now() + 10_000)
    assert await drain(limits, RATE, "a") == 0


async def test_memory_is_bounded() -> None:
    """The key that was not seen for longest is forgotten; one in use is not."""
    limits = TokenBuckets(ManualClock(), kept=10)
    await drain(limits, RATE, "busy")
    for n in range(100):
        await limits.take(RATE, str(n))
        assert await limits.take(RATE, "busy") > 0
    assert len(limits._buckets) == 10

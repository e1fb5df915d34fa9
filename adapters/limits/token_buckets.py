"""Rate limits in this process: a bucket for each key, filled as time passes.

The number of buckets is bounded: the one not used for longest goes first, and most likely is full
again by then. Each process counts for itself.
"""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

from domain.ports import Clock
from domain.rate_limits import Rate


class _Bucket(Struct):
    """``left`` tokens at ``then``, on the monotonic clock."""

    left: float
    then: float


class TokenBuckets:
    """A :class:`~domain.rate_limits.RateLimits`. ``kept`` bounds the buckets (about 200 B each)."""

    def __init__(self, clock: Clock, *, kept: int = 50_000) -> None:
        self._clock = clock
        self._kept = kept
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    async def take(self, rate: Rate, key: str) -> float:
        bucket = self._filled(rate, key)
        if bucket.left < 1:
            return (1 - bucket.left) / rate.per_second
        bucket.left -= 1
        return 0.0

    async def give_back(self, rate: Rate, key: str) -> None:
        bucket = self._filled(rate, key)
        bucket.left = min(float(rate.burst), bucket.left + 1)

    def _filled(self, rate: Rate, key: str) -> _Bucket:
        """The bucket as it is now."""
        now = self._clock.monotonic()
        bucket = self._buckets.get((rate.name, key))
        if bucket is None:
            bucket = self._buckets[rate.name, key] = _Bucket(float(rate.burst), now)
            if len(self._buckets) > self._kept:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end((rate.name, key))
        passed = max(0.0, now - bucket.then)
        bucket.left = min(float(rate.burst), bucket.left + passed * rate.per_second)
        bucket.then = now
        return bucket

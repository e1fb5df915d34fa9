"""Rate limits in this process: a bucket for each key, filled as time passes.

The number of buckets is bounded: the one not used for longest goes first, and most likely is full
again by then. Each process counts for itself.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from msgspec import Struct

from domain.ports import Clock
from domain.rate_limits import Rate


@dataclass(frozen=True)
class LimitSettings:
    """What a process remembers of rates by itself, without Redis or while that is away."""

    kept: int = 50_000
    """Buckets kept, about 200 bytes each; the one not used for longest goes first."""


class _Bucket(Struct):
    """``left`` tokens at ``then``, on the monotonic clock."""

    left: float
    then: float


class TokenBuckets:
    """A :class:`~domain.rate_limits.RateLimits`. ``kept`` bounds the buckets."""

    def __init__(self, clock: Clock, *, kept: int = LimitSettings.kept) -> None:
        self._clock = clock
        self._kept = kept
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    async def take(self, rate: Rate, key: str, count: int = 1) -> float:
        assert count <= rate.burst, f"{count} of {rate.name} can never be had at once"
        bucket = self._filled(rate, key)
        if bucket.left < count:
            return (count - bucket.left) / rate.per_second
        bucket.left -= count
        return 0.0

    async def give_back(self, rate: Rate, key: str, count: int = 1) -> None:
        bucket = self._filled(rate, key)
        bucket.left = min(float(rate.burst), bucket.left + count)

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

"""The port to rate limits: a bucket of tokens for each key, filled at an even pace.

A limit holds back whoever is too fast; it is no protection of data. So an implementation may
forget keys that it has not seen for a while, and count each node for itself.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Rate(Struct, frozen=True):
    """How fast: ``per_second`` on average, ``burst`` at once after a quiet time.

    ``name`` keeps the buckets of one limit apart from those of another.
    """

    name: str
    per_second: float
    burst: int


class RateLimits(Protocol):
    """Counts, by limit and key. ``count`` is at most the rate's burst."""

    async def take(self, rate: Rate, key: str, count: int = 1) -> float:
        """Take so many, or none: 0.0 when there were as many, else the seconds until there are."""

    async def give_back(self, rate: Rate, key: str, count: int = 1) -> None:
        """Put back: what they were taken for is not to be counted after all."""

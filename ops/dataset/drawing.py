"""How the generator draws: from one seeded source, so that the same seed makes the same events.

Python keeps what ``random()`` and ``getrandbits()`` of a seed give from release to release, and
nothing else: so nothing else of ``random.Random`` is used here. Nothing secret may come of it.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

LONGEST = 60
"""No span that is drawn is more times its median."""

LOG_3 = math.log(3)

_VERSION_7 = 0x7 << 76 | 0x2 << 62
_TAIL_BITS = 74
_UNDER_VARIANT = (1 << 62) - 1


class Weighted:
    """A number from 0 on for each weight, as often as it weighs."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._sums = list(accumulate(weights))

    def at(self, share: float) -> int:
        """The number at a share in [0, 1) of the whole."""
        return bisect(self._sums, share * self._sums[-1])


class Dice:
    """One source of chance."""

    def __init__(self, seed: str) -> None:
        source = Random(seed)
        self.random = source.random
        self.bits = source.getrandbits

    def chance(self, probability: float) -> bool:
        """Whether it happens."""
        return self.random() < probability

    def between(self, least: float, most: float) -> float:
        """A number of an interval, each as likely."""
        return least + (most - least) * self.random()

    def number(self, least: int, most: int) -> int:
        """A whole number from least to most, each as likely."""
        return least + int((most - least + 1) * self.random())

    def one_of(self, things: Sequence[T]) -> T:
        """One of them, each as likely."""
        return things[int(len(things) * self.random())]

    def often(self, things: Sequence[T]) -> T:
        """One of them, the first most often: the n-th about 1/n as often (Zipf)."""
        return things[int(len(things) ** self.random()) - 1]

    def of(self, weighted: Weighted) -> int:
        """A number by its weight."""
        return weighted.at(self.random())

    def spread(self, median: float, factor: float) -> float:
        """A span as waiting times are: half of all are within this factor of the median.

        Log-logistic, since of that the inverse is known and one draw is enough; never more than
        ``LONGEST`` times the median.
        """
        share = self.random()
        return median * min(LONGEST, math.pow(share / (1 - share), math.log(factor) / LOG_3))

    def uuid(self, at_us: int) -> UUID:
        """A UUIDv7 of this time."""
        tail = self.bits(_TAIL_BITS)
        low, high = tail & _UNDER_VARIANT, tail >> 62
        return UUID(int=at_us // 1_000 << 80 | _VERSION_7 | high << 64 | low)

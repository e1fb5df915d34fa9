"""Time and chance of the simulation: one monotonic time for all, and a time of day that may jump.

Nothing here looks at the real clock or the real dice.
"""

from __future__ import annotations

import asyncio
from random import Random

from tests.simulation.loop import rest

START = 1_700_000_000.0
"""The time of day when a scenario begins: seconds since 1970."""


class VirtualClock:
    """A :class:`~domain.ports.Clock` of one machine. ``ahead``: how wrong its time of day is."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.ahead = 0.0
        self.monotonic = loop.time

    def now(self) -> float:
        return START + self._loop.time() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await rest(self._loop, seconds)


class Dice:
    """The chance of a seed, apart for each purpose: what one draws more moves nothing elsewhere."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, purpose: str) -> Random:
        """The dice for this purpose, from their first throw on."""
        return Random(f"{self._seed} {purpose}")

    def number(self, purpose: str) -> int:
        """A seed for what makes its own dice."""
        return self.of(purpose).getrandbits(48)

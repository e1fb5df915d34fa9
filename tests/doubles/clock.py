"""Time and chance in the test's own hands: nothing here looks at the real clock or the real dice.

One seed replays everything. No test may need to wait for real time because of what is in here.
"""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import UUID

from domain.ports import Clock

START = 1_700_000_000.0
"""When the manual clock begins: seconds since 1970."""

_TURNS = 20
"""Turns of the event loop that a woken sleeper gets before time goes on."""


class ManualClock:
    """A :class:`~domain.ports.Clock` that stands still until the test moves it."""

    def __init__(self, now: float = START) -> None:
        self._now = now
        self._monotonic = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        deadline = self._monotonic + max(seconds, 0.0)
        heappush(self._sleepers, (deadline, next(self._order), future))
        await future

    @property
    def next_deadline(self) -> float | None:
        """When the next sleeper wakes, by ``monotonic``; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, seconds: float) -> None:
        """Let time pass. Sleepers wake in the order of their deadlines, each at its own time."""
        target = self._monotonic + seconds
        await settle()
        while (deadline := self.next_deadline) is not None and deadline <= target:
            self._pass(deadline - self._monotonic)
            heappop(self._sleepers)[2].set_result(None)
            await settle()
        self._pass(target - self._monotonic)

    def set_wall(self, now: float) -> None:
        """Set the time of day, back too, as an operator or NTP may. ``monotonic`` stays."""
        self._now = now

    def _pass(self, seconds: float) -> None:
        self._now += seconds
        self._monotonic += seconds


async def settle() -> None:
    """Let what can go on without the passing of time go on."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class SeededIds:
    """The :class:`~domain.ports.Ids` of a seed: the same ones in every run."""

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self._clock = clock
        self._random = Random(seed)

    def uuid(self) -> UUID:
        raw = bytearray(int(self._clock.now() * 1000).to_bytes(6, "big") + self.random(10))
        raw[6] = (raw[6] & 0x0F) | 0x70
        raw[8] = (raw[8] & 0x3F) | 0x80
        return UUID(bytes=bytes(raw))

    def random(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def uniform(self) -> float:
        return self._random.random()

"""One who sends and many who read: messages are numbered, and done when the last reader has them.

So many messages are on their way at once; each that is done lets the next one go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.work import Watch, Work

DRAIN_S = 20.0


@dataclass(frozen=True)
class Burst:
    """What one run gave: deliveries and frames within its time, and the seconds of each message."""

    deliveries: int
    frames: int
    taken: list[float]
    work: Work

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.work.seconds

    @property
    def packed(self) -> float:
        """Messages a frame."""
        return self.deliveries / self.frames


class Crowd:
    """Counts what so many readers take of the messages that ``send`` sends.

    ``sent`` is the number of the last one before; ``pid`` is the serving process.
    """

    def __init__(self, readers: int, sent: int, send: Callable[[], None], pid: int) -> None:
        self.sent = sent
        self._readers = readers
        self._send = send
        self._pid = pid
        self._begun: dict[int, float] = {}
        self._missing: dict[int, int] = {}
        self._going = False
        self._quiet = asyncio.Event()
        self._taken: list[float] = []
        self._deliveries = 0
        self._frames = 0

    def receive(self, after: int, upto: int) -> None:
        """A reader has got the messages of this range, in one frame."""
        self._frames += 1
        self._deliveries += upto - after
        for number in range(after + 1, upto + 1):
            self._missing[number] -= 1
            if not self._missing[number]:
                self._done(number)

    async def run(self, seconds: float, window: int) -> Burst:
        """Keep so many messages on their way for so long; then wait until all have come."""
        self._taken, self._deliveries, self._frames, self._going = [], 0, 0, True
        self._quiet.clear()
        watch = Watch(self._pid)
        for _ in range(window):
            self._next()
        await asyncio.sleep(seconds)
        self._going = False
        burst = Burst(self._deliveries, self._frames, self._taken, watch.end())
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._quiet.wait()
        except TimeoutError:
            raise MeasurementFailed(f"missing at readers: {self._missing}") from None
        return burst

    def _next(self) -> None:
        self.sent += 1
        self._begun[self.sent] = time.perf_counter()
        self._missing[self.sent] = self._readers
        self._send()

    def _done(self, number: int) -> None:
        del self._missing[number]
        self._taken.append(time.perf_counter() - self._begun.pop(number))
        if self._going:
            self._next()
        elif not self._missing:
            self._quiet.set()

"""Messages along many lines, closed loop and open loop, over whatever carries them.

A :class:`Line` is somewhere that messages can be sent along; a message is done when all that it is
to bring about has come. Closed loop: the next one is sent then. Open loop: messages are sent when
they are due, whatever became of those before.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Protocol

from tests.benchmarks.measuring import MeasurementFailed

DRAIN_S = 20.0
RATE_SEED = 1


class Figures:
    """What one run gave. Latencies are in seconds, from sending to the other's receipt.

    ``acked`` has those to the sender's own, where there is one.
    ``cpu_s`` is what the serving process has worked meanwhile; others on the machine change it less
    than they change anything else. ``generator_s`` is what this process has.
    """

    def __init__(self) -> None:
        self.done = 0
        self.seconds = 0.0
        self.cpu_s = 0.0
        self.generator_s = 0.0
        self.received: list[float] = []
        self.acked: list[float] = []
        self.late: list[float] = []

    @property
    def rate(self) -> float:
        """Messages a second."""
        if not self.done:
            raise MeasurementFailed("no message arrived")
        return self.done / self.seconds

    @property
    def work(self) -> float:
        """Microseconds of the serving process for a message."""
        return 1e6 * self.cpu_s / self.done

    @property
    def generator_share(self) -> float:
        """How much of a core the generator has worked."""
        return self.generator_s / self.seconds


class Line(Protocol):
    """Somewhere that messages can be sent along; ``figures`` takes what becomes of them."""

    figures: Figures
    going: bool
    posted: int

    def send(self) -> None:
        """Send one message; with ``going`` the next follows when it is done."""

    @property
    def pending(self) -> int:
        """Messages that are not done."""

    def check(self) -> None:
        """Raise what went wrong, if anything did."""

    def leave(self) -> None:
        """End it. Raises what went wrong."""


async def closed_loop(lines: Sequence[Line], seconds: float) -> Figures:
    """Let every line send one message after the other."""
    before = _begin(lines)
    for line in lines:
        line.going = True
        line.send()
    await asyncio.sleep(seconds)
    figures = _gathered(lines, time.perf_counter() - before)
    await _finish(lines)
    return figures


async def open_loop(lines: Sequence[Line], seconds: float, rate: float) -> Figures:
    """Send messages at random moments, so many a second, along one line after the other.

    The moments are a Poisson process, as those of people are who know nothing of each other. A beat
    would keep step with the kernel's, and its accounting of work would say something else.
    """
    begin = _begin(lines)
    chance = random.Random(RATE_SEED)
    late: list[float] = []
    due = begin
    for count in range(int(rate * seconds)):
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late.append(time.perf_counter() - due)
        lines[count % len(lines)].send()
    await _finish(lines)
    figures = _gathered(lines, time.perf_counter() - begin)
    figures.late = late
    return figures


def _begin(lines: Sequence[Line]) -> float:
    for line in lines:
        line.figures = Figures()
    return time.perf_counter()


def _gathered(lines: Sequence[Line], seconds: float) -> Figures:
    whole = Figures()
    whole.seconds = seconds
    for line in lines:
        whole.done += line.figures.done
        whole.received += line.figures.received
        whole.acked += line.figures.acked
    return whole


async def _finish(lines: Sequence[Line]) -> None:
    """Wait until everything sent has arrived."""
    for line in lines:
        line.going = False
    end = time.monotonic() + DRAIN_S
    while any(line.pending for line in lines):
        for line in lines:
            line.check()
        if time.monotonic() > end:
            raise MeasurementFailed(f"{sum(line.pending for line in lines)} messages are missing")
        await asyncio.sleep(0.02)

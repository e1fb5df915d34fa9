"""Conversations between pairs, closed loop and open loop, over the product or over a bare echo.

A pair's message is done when its sender has the ack and its reader the text. Closed loop: the next
one is sent then. Open loop: messages are sent when they are due, whatever became of those before.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any, Protocol

from tests.benchmarks.bare import Bare
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.people import (
    TEXT,
    Person,
    agents,
    conversation_of,
    new_id,
    visitors,
)
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import Server

DRAIN_S = 20.0
RATE_SEED = 1


class Figures:
    """What one run gave. Latencies are in seconds, from sending to the other's receipt.

    ``cpu_s`` is what the serving process has worked meanwhile; others on the machine change it less
    than they change anything else.
    """

    def __init__(self) -> None:
        self.done = 0
        self.seconds = 0.0
        self.cpu_s = 0.0
        self.received: list[float] = []
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


class Line(Protocol):
    """Somewhere that messages can be sent along; ``figures`` takes what becomes of them."""

    figures: Figures
    going: bool

    def send(self) -> None:
        """Send one message; with ``going`` the next follows when it is done."""

    @property
    def pending(self) -> int:
        """Messages that are not done."""

    def check(self) -> None:
        """Raise what went wrong, if anything did."""

    def leave(self) -> None:
        """End it. Raises what went wrong."""


class Pair:
    """A visitor and an agent's socket that reads its conversation."""

    def __init__(self, visitor: Person, agent: Person, conversation: str) -> None:
        self.figures = Figures()
        self.going = False
        self.posted = 0
        self._visitor = visitor
        self._agent = agent
        self._conversation = conversation
        self._sent: dict[str, float] = {}
        self._half: set[str] = set()
        visitor.acked = self._step
        agent.seen = self._receive

    @property
    def pending(self) -> int:
        return len(self._sent)

    def send(self) -> None:
        command = new_id()
        self._sent[command] = time.perf_counter()
        self.posted += 1
        self._visitor.post(self._conversation, command)

    def check(self) -> None:
        self._agent.check()
        self._visitor.check()

    def leave(self) -> None:
        self._agent.leave()
        self._visitor.leave()
        if not self._visitor.messages == self._agent.messages == self.posted + 1:
            raise MeasurementFailed(f"{self.posted} sent, {self._agent.messages} received")

    def _receive(self, command: str) -> None:
        self.figures.received.append(time.perf_counter() - self._sent[command])
        self._step(command)

    def _step(self, command: str) -> None:
        """An ack or a receipt: the message is done when both have come."""
        if command not in self._half:
            self._half.add(command)
            return
        self._half.discard(command)
        del self._sent[command]
        self.figures.done += 1
        if self.going:
            self.send()


class Echo:
    """A socket that sends a text and gets it back."""

    def __init__(self) -> None:
        self.figures = Figures()
        self.going = False
        self.socket: Socket | None = None
        self._sent: list[float] = []
        self._text = TEXT.encode()

    @property
    def pending(self) -> int:
        return len(self._sent)

    def send(self) -> None:
        assert self.socket is not None
        self._sent.append(time.perf_counter())
        self.socket.send(self._text)

    def check(self) -> None:
        assert self.socket is not None
        self.socket.check()

    def leave(self) -> None:
        assert self.socket is not None
        self.socket.close()
        self.check()

    def take(self, _: bytes) -> None:
        """What was sent first came back."""
        self.figures.received.append(time.perf_counter() - self._sent.pop(0))
        self.figures.done += 1
        if self.going:
            self.send()


async def pairs(server: Server, count: int) -> list[Pair]:
    """So many pairs in conversation."""
    sessions = zip(await visitors(server, count), await agents(server, count), strict=True)
    return list(await asyncio.gather(*(_pair(*both) for both in sessions)))


async def _pair(visiting: dict[str, Any], serving: dict[str, Any]) -> Pair:
    visitor = await Person().arrive(visiting)
    conversation = await conversation_of(visitor)
    agent = await Person().arrive(serving, [f"conversation:{conversation}"])
    return Pair(visitor, agent, conversation)


async def echoes(bare: Bare, count: int) -> list[Echo]:
    """So many echoing sockets."""
    lines = [Echo() for _ in range(count)]
    for line in lines:
        line.socket = await connected(bare.socket("/echo"), line.take)
    return lines


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

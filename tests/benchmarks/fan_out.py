"""One conversation and many readers: how long until the last one has a message.

The baseline is a bare room on the same server settings that sends every text to everybody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tests.benchmarks.bare import Bare, running_bare
from tests.benchmarks.measuring import (
    MeasurementFailed,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.people import TEXT, Person, agents, conversation_of, new_id, visitors
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import Server, running_server

READERS = 200


class Crowd:
    """Counts receipts of one message at a time, by all readers and by its sender."""

    def __init__(self, readers: int) -> None:
        self._readers = readers
        self._due = 0
        self._done = asyncio.Event()

    def receive(self, _: object) -> None:
        """One reader has it."""
        self._due -= 1
        if self._due <= 0:
            self._done.set()

    async def send(self, send: Callable[[], None]) -> float:
        """Send a message; seconds until the last has it."""
        self._due = self._readers
        self._done.clear()
        begin = time.perf_counter()
        send()
        try:
            async with asyncio.timeout(20):
                await self._done.wait()
        except TimeoutError:
            raise MeasurementFailed(f"{self._due} readers have no message") from None
        return time.perf_counter() - begin


async def fan_out(options: Options) -> Table:
    """Both in turn, one message after the other."""
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    with ExitStack() as stack:
        parley = await _parley(stack.enter_context(running_server()))
        room = await _room(stack.enter_context(running_bare()))
        for number in range(-1, options.rounds):
            for (crowd, send), results in ((parley, ours), (room, theirs)):
                taken = await _messages(crowd, send, 1.0 if number < 0 else options.seconds)
                if number >= 0:
                    results.append(taken)
    return _table(ours, theirs)


def _table(ours: list[list[float]], theirs: list[list[float]]) -> Table:
    table = Table(
        f"fan-out: one conversation, {READERS} readers, sent to the last receipt",
        ("", "deliveries/s", "p50 ms", "p99 ms"),
    )
    for name, runs in (("Parley", ours), ("bare room", theirs)):
        rates = [READERS * len(taken) / sum(taken) for taken in runs]
        table.add(name, spread(rates), spread(_at(0.5, runs)), spread(_at(0.99, runs)))
    rate = ratios([len(taken) / sum(taken) for taken in ours], [len(t) / sum(t) for t in theirs])
    p50, p99 = (ratios(_at(share, ours), _at(share, theirs)) for share in (0.5, 0.99))
    table.add("Parley / room", rate, p50, p99)
    return table


def _at(share: float, runs: list[list[float]]) -> list[float]:
    return [at_least(share, milliseconds(taken)) for taken in runs]


async def _messages(crowd: Crowd, send: Callable[[], None], seconds: float) -> list[float]:
    taken: list[float] = []
    while sum(taken) < seconds:
        taken.append(await crowd.send(send))
    return taken


async def _parley(server: Server) -> tuple[Crowd, Callable[[], None]]:
    visitor = await Person().arrive((await visitors(server, 1))[0])
    conversation = await conversation_of(visitor)
    feed = f"conversation:{conversation}"
    readers = [await Person().arrive(each, [feed]) for each in await agents(server, READERS)]
    crowd = Crowd(READERS)
    for reader in readers:
        reader.seen = crowd.receive

    def send() -> None:
        _check(readers)
        visitor.post(conversation, new_id())

    return crowd, send


def _check(readers: Sequence[Person]) -> None:
    for reader in readers:
        reader.check()
    if len({reader.messages for reader in readers}) != 1:
        raise MeasurementFailed("a message came more than once, or not to all")


async def _room(bare: Bare) -> tuple[Crowd, Callable[[], None]]:
    crowd = Crowd(READERS + 1)  # the sender is in the room too
    sockets: list[Socket] = [
        await connected(bare.socket("/room"), crowd.receive) for _ in range(READERS + 1)
    ]
    text = TEXT.encode()
    return crowd, lambda: sockets[0].send(text)

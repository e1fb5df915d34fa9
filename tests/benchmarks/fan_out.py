"""One conversation and many readers: deliveries a second, and how long until the last one has it.

A delivery is one message at one reader; a frame may carry several. The baseline is a bare room on
the same server settings that sends every text to everybody.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tests.benchmarks.bare import Bare, running_bare
from tests.benchmarks.checking import demand_events
from tests.benchmarks.crowd import Burst, Crowd
from tests.benchmarks.frames import TEXT, new_id
from tests.benchmarks.measuring import (
    Figure,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.readers import RangeReader, WholeReader
from tests.benchmarks.sessions import agents, visitors
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import Server, running_server

READERS = 500
SAMPLE = 25
"""One of so many readers reads every event."""

WINDOWS = (1, 16)
"""Messages on their way at once: one shows the time it takes, the other what goes through."""


async def fan_out(options: Options) -> Table:
    """Both in turn, first one message after the other, then many on their way."""
    table = Table(
        f"fan-out: one conversation, {READERS} readers, sent to the last receipt",
        ("", "deliveries/s", "p50 ms", "p99 ms", "messages a frame", "generator's share of a core"),
    )
    with ExitStack() as stack:
        parley = await Parley().open(stack.enter_context(running_server()))
        room = await Room().open(stack.enter_context(running_bare()))
        for window in WINDOWS:
            runs: tuple[list[Burst], list[Burst]] = ([], [])
            for number in range(-1, options.rounds):
                for crowd, results in zip((parley.crowd, room.crowd), runs, strict=True):
                    burst = await crowd.run(1.0 if number < 0 else options.seconds, window)
                    if number >= 0:
                        results.append(burst)
            _add(table, window, *runs)
        parley.end()
        room.end()
    return table


class Parley:
    """A visitor's conversation, and agents' sockets that follow it."""

    def __init__(self) -> None:
        self.visitor = Person()
        self.readers: list[RangeReader | WholeReader] = []

    async def open(self, server: Server) -> Parley:
        """Everybody there and live."""
        await self.visitor.arrive((await visitors(server, 1))[0])
        conversation = await conversation_of(self.visitor)
        feed = f"conversation:{conversation}"
        for number, session in enumerate(await agents(server, READERS)):
            reader = RangeReader(_nothing) if number % SAMPLE else WholeReader(_nothing)
            self.readers.append(reader)
            await reader.arrive(session, [feed])
        assert server.process is not None
        self.crowd = Crowd(
            READERS,
            self.readers[0].offset,
            lambda: self.visitor.post(conversation, new_id()),
            server.process.pid,
        )
        for reader in self.readers:
            reader.ranges = self.crowd.receive
        return self

    def end(self) -> None:
        """All have the same, to the end. Raises MeasurementFailed."""
        for reader in self.readers:
            reader.leave()
            demand_events(reader.offset, self.crowd.sent, "a reader's range")
        self.visitor.leave()


class Room:
    """Bare sockets in one room, of which one sends."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []

    async def open(self, bare: Bare) -> Room:
        """Everybody there."""
        readers = READERS + 1  # the sender is in the room too
        takes: list[Callable[[bytes], None]] = [self._counted() for _ in range(readers)]
        self.sockets = [await connected(bare.socket("/room"), take) for take in takes]
        text = TEXT.encode()
        self.crowd = Crowd(readers, 0, lambda: self.sockets[0].send(text), bare.process.pid)
        return self

    def _counted(self) -> Callable[[bytes], None]:
        numbers = itertools.count()

        def take(_: bytes) -> None:
            number = next(numbers)
            self.crowd.receive(number, number + 1)

        return take

    def end(self) -> None:
        """Leave. Raises MeasurementFailed."""
        for socket in self.sockets:
            socket.leave()
            socket.check()


def _add(table: Table, window: int, ours: Sequence[Burst], theirs: Sequence[Burst]) -> None:
    way = "one at a time" if window == 1 else f"{window} on their way"
    for name, runs in (("Parley", ours), ("bare room", theirs)):
        table.add(
            f"{name}, {way}",
            spread(_rates(runs)),
            *(spread(_at(share, runs)) for share in (0.5, 0.99)),
            spread([each.packed for each in runs]),
            spread([each.work.generator_share for each in runs]),
        )
    times = (ratios(_at(share, ours), _at(share, theirs)) for share in (0.5, 0.99))
    table.add(f"Parley / room, {way}", ratios(_rates(ours), _rates(theirs)), *times, "", "")
    if window > 1:
        table.keep(Figure.FAN_OUT, _rates(ours))


def _rates(runs: Sequence[Burst]) -> list[float]:
    return [each.rate for each in runs]


def _at(share: float, runs: Sequence[Burst]) -> list[float]:
    return [at_least(share, milliseconds(each.taken)) for each in runs]


def _nothing(_: int, __: int) -> None:
    """What was there before."""

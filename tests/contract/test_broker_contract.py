"""The broker's contract: what the tail, the relay and the followers rely on while all is well.

Consumers go by position, so losing and repeating are allowed; none of it may happen without cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from brokers.rabbitmq.broker import RabbitBroker
from domain.broker import Broker, Heads
from domain.envelope import StoredEvent, StoredSlice
from domain.passing import Passing, Presence, Typing
from tests.doubles.appends import uuid
from tests.fixtures.postgres import SystemClock
from tests.simulation.broker import Exchange, SimulatedBroker

LOG, OTHER = uuid(1), uuid(2)
TENANTS = {LOG: "one", OTHER: "two"}
PATIENCE_S = 10.0

OpenBroker = Callable[[], Broker]


def an_event(position: int) -> StoredEvent:
    """An event as it is stored; what is in it does not matter to a broker."""
    return StoredEvent(
        position,
        "conversation-1",
        position,
        0,
        "message.posted",
        1,
        uuid(position),
        "visitor",
        "ada",
        uuid(3),
        b"\x00metadata",
        1_700_000_000_000_000 + position,
        b"\xff" * 200,
        b"h" * 32,
    )


def a_slice(after: int, upto: int, log: UUID = LOG) -> StoredSlice:
    """A slice of a log."""
    events = tuple(an_event(position) for position in range(after + 1, upto + 1))
    return StoredSlice(log, TENANTS[log], after, upto, events)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # it is another process's doing
            await asyncio.sleep(0.005)


class Process:
    """One process at the broker, and all that it is told."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.slices: list[StoredSlice] = []
        self.contexts: list[str | None] = []
        self.signals: list[tuple[UUID, int]] = []
        self.beacons: list[Heads] = []
        self.passing: list[Passing] = []
        self.ends = [
            broker.on_slice(self._keep),
            broker.on_signal(self.signals.extend),
            broker.on_beacon(self.beacons.append),
            broker.on_passing(self.passing.append),
        ]

    async def _keep(self, committed: StoredSlice, context: str | None) -> None:
        self.slices.append(committed)
        self.contexts.append(context)


class Processes:
    """Opens processes: each with a broker of its own, or all with the one that there is."""

    def __init__(self, kind: str, url: str | None) -> None:
        self._url = url
        self._shared = InProcessBroker() if kind == "in_process" else None
        self._exchange = Exchange(Random(1)) if kind == "simulated" else None
        self._running: list[asyncio.Task[None]] = []

    def open(self, *, before: Callable[[Broker], Any] = lambda broker: None) -> Process:
        """One more process; ``before`` it runs, something may subscribe."""
        if self._shared is not None:
            before(self._shared)
            return Process(self._shared)
        broker: RabbitBroker | SimulatedBroker
        if self._exchange is not None:
            broker = SimulatedBroker(self._exchange)
        else:
            assert self._url is not None
            broker = RabbitBroker(self._url, f"test{len(self._running)}", SystemClock())
        before(broker)
        process = Process(broker)
        self._running.append(asyncio.create_task(broker.run()))
        return process

    async def ready(self, *processes: Process) -> None:
        """Wait until these are connected."""
        brokers = [each.broker for each in processes]
        real = [each for each in brokers if isinstance(each, RabbitBroker)]
        await until(lambda: all(broker.illness is None for broker in real))
        twins = [each for each in brokers if isinstance(each, SimulatedBroker)]
        await until(lambda: all(broker.up for broker in twins))

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@pytest.fixture(params=["in_process", "simulated", "rabbitmq"])
def kind_and_url(request: pytest.FixtureRequest) -> tuple[str, str | None]:
    """Each test runs once for every implementation."""
    if request.param != "rabbitmq":
        return request.param, None
    return request.param, request.getfixturevalue("broker_url")


@pytest.fixture
async def processes(kind_and_url: tuple[str, str | None]) -> AsyncIterator[Processes]:
    """Where processes are opened."""
    found = Processes(*kind_and_url)
    yield found
    await found.close()


@pytest.fixture
async def pair(processes: Processes) -> tuple[Process, Process]:
    """One that sends, and one that follows the log; in one process they are the same broker."""
    sender, receiver = processes.open(), processes.open()
    await processes.ready(sender, receiver)
    await receiver.broker.follow(LOG, "one")
    return sender, receiver


Pair = tuple[Process, Process]


async def test_slices_come_whole_and_in_order(pair: Pair) -> None:
    """Byte for byte as they are stored, though nobody waited between two of them."""
    sender, receiver = pair
    sent = [a_slice(n, n + 3) for n in range(0, 60, 3)]
    await asyncio.gather(*(sender.broker.publish(each) for each in sent))
    await until(lambda: len(receiver.slices) == len(sent))
    assert receiver.slices == sent


async def test_only_followed_logs_come(pair: Pair) -> None:
    """Another tenant's slices do not; after it is followed they do, and then no more."""
    sender, receiver = pair
    await sender.broker.publish(a_slice(0, 1, OTHER))
    await receiver.broker.follow(OTHER, "two")
    await sender.broker.publish(a_slice(1, 2, OTHER))
    await until(lambda: len(receiver.slices) == 1)
    await receiver.broker.unfollow(OTHER)
    await sender.broker.publish(a_slice(2, 3, OTHER))
    await sender.broker.publish(a_slice(0, 1))
    await until(lambda: len(receiver.slices) == 2)
    assert [(each.log, each.upto) for each in receiver.slices] == [(OTHER, 2), (LOG, 1)]


async def test_a_trace_travels_with_a_slice(pair: Pair) -> None:
    """Its context comes out as it went in, and none where there was none."""
    sender, receiver = pair
    context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await sender.broker.publish(a_slice(0, 1), context)
    await sender.broker.publish(a_slice(1, 2))
    await until(lambda: len(receiver.slices) == 2)
    assert receiver.contexts == [context, None]


async def test_signals_come_here_and_elsewhere(pair: Pair) -> None:
    """Whoever works on logs hears of each that has grown, wherever that was; here at once."""
    sender, receiver = pair
    sender.broker.signal(LOG, 3)
    assert (LOG, 3) in sender.signals
    sender.broker.signal(OTHER, 5)
    await until(lambda: {(LOG, 3), (OTHER, 5)} <= set(receiver.signals))


async def test_a_beacon_reaches_whoever_follows(pair: Pair) -> None:
    """With its heads, and also with none."""
    sender, receiver = pair
    sender.broker.beacon([(LOG, 7), (OTHER, 9)])
    await until(lambda: len(receiver.beacons) == 1)
    assert [tuple(each) for each in receiver.beacons[0]] == [(LOG, 7), (OTHER, 9)]
    sender.broker.beacon([])
    await until(lambda: len(receiver.beacons) == 2)
    assert list(receiver.beacons[1]) == []


async def test_passing_things_come_here_and_to_followers(pair: Pair) -> None:
    """Once each: what a process passes on itself, it does not hear from the broker again."""
    sender, receiver = pair
    typing = Typing(LOG, "visitor", "ada", "c1", on=True, name="Ada")
    gone = Presence(LOG, "agent", "grace", online=False)
    sender.broker.pass_on(typing)
    assert sender.passing[0] == typing
    sender.broker.pass_on(gone)
    await until(lambda: gone in receiver.passing)
    assert receiver.passing.count(typing) == receiver.passing.count(gone) == 1
    assert sender.passing.count(typing) == 1


async def test_a_failing_handler_hurts_no_other(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """Handlers before and behind one that raises get theirs, and the next message comes."""

    async def failing(*_: object) -> None:
        raise RuntimeError("this handler is broken")

    def failing_too(*_: object) -> None:
        raise RuntimeError("so is this one")

    def subscribe(broker: Broker) -> None:
        broker.on_slice(failing)
        broker.on_signal(failing_too)

    process = processes.open(before=subscribe)
    await processes.ready(process)
    await process.broker.follow(LOG, "one")
    await process.broker.publish(a_slice(0, 1))
    await process.broker.publish(a_slice(1, 2))
    process.broker.signal(LOG, 7)
    await until(lambda: len(process.slices) == 2 and process.signals == [(LOG, 7)])
    assert sum("handler" in record.message for record in caplog.records) == 3


async def test_unsubscribing_ends_it(pair: Pair) -> None:
    """After that nothing comes, and doing it twice is harmless; others go on."""
    sender, receiver = pair
    kept: list[StoredSlice] = []

    async def keep(committed: StoredSlice, _: str | None) -> None:
        kept.append(committed)

    receiver.broker.on_slice(keep)
    for end in (*receiver.ends, *receiver.ends):
        end()
    await sender.broker.publish(a_slice(0, 1))
    sender.broker.beacon([(LOG, 1)])
    await until(lambda: len(kept) == 1)
    assert receiver.slices == []

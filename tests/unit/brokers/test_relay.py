"""The relay: what anybody commits reaches the broker once, in order, and nothing is read twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from brokers.relay import Relay, RelaySettings
from domain.envelope import RecordedEvent, Slice
from domain.errors import UnknownEvent
from domain.group_commit import GroupCommit
from domain.ports import LogHead
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore

LOG, OTHER = uuid(1), uuid(2)


class WatchedStore(MemoryEventStore):
    """The simulated store, counting reads of logs; ``unreadable`` logs raise UnknownEvent."""

    reads = 0
    looks = 0
    unreadable: frozenset[UUID] = frozenset()

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        self.reads += 1
        if log in self.unreadable:
            raise UnknownEvent("from the future")
        return await super().read_log(log, after, limit)

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        self.looks += 1
        return await super().heads(logs)


class FlakyBroker(InProcessBroker):
    """A broker that refuses so many slices."""

    refuse = 0

    async def publish(self, committed: Slice) -> None:
        if self.refuse:
            self.refuse -= 1
            raise ConnectionError("the broker is away")
        await super().publish(committed)


class World:
    """A store, this node's group commit, its relay, and what came out of the broker."""

    def __init__(self, settings: RelaySettings | None = None) -> None:
        self.clock = ManualClock()
        self.store = WatchedStore(self.clock, SeededIds(self.clock))
        self.broker = FlakyBroker()
        self.relay = Relay(self.store, self.broker, self.clock, settings)
        self.commits = GroupCommit(self.store, self.relay.committed)
        self.slices: list[Slice] = []
        self.broker.on_slice(self.slices.append)
        self.number = 0

    async def commit_here(self, log: UUID = LOG) -> None:
        """One event, committed by this node."""
        self.number += 1
        await self.commits.submit(log, append(self.number))
        await settle()

    async def commit_elsewhere(self, count: int = 1, log: UUID = LOG) -> list[RecordedEvent]:
        """Events that another process commits: this one hears nothing of it."""
        self.number += count
        commands = [append(n) for n in range(self.number - count + 1, self.number + 1)]
        answers = await self.store.append_batch(log, commands)
        return [event for answer in answers for event in events_of(answer)]

    def published(self, log: UUID = LOG) -> list[int]:
        """The positions that came out, proved to be contiguous slice by slice."""
        positions: list[int] = []
        for each in self.slices:
            if each.log == log:
                assert [e.position for e in each.events] == [*range(each.after + 1, each.upto + 1)]
                positions += [event.position for event in each.events]
        return positions

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the relay runs."""
        task = asyncio.create_task(self.relay.run())
        await settle()
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def world() -> World:
    """A world with one log."""
    found = World()
    await found.store.create_log(LOG, "one")
    return found


async def test_own_commits_go_out_at_once(world: World) -> None:
    """What this node commits is published without reading it back and without time passing."""
    async with world.running():
        for _ in range(5):
            await world.commit_here()
    assert world.published() == [1, 2, 3, 4, 5]
    assert world.store.reads == 0


async def test_own_commits_go_out_without_the_follower(world: World) -> None:
    """A process that only commits publishes too."""
    await world.commit_here()
    assert world.published() == [1]


async def test_others_commits_are_found_by_polling(world: World) -> None:
    """The command line beside a running product reaches this node's sockets within a second."""
    async with world.running():
        await world.commit_here()
        await world.commit_elsewhere(3)
        await settle()
        assert world.published() == [1]
        await world.clock.advance(1.0)
        assert world.published() == [1, 2, 3, 4]


async def test_a_gap_before_an_own_commit_is_filled_in_order(world: World) -> None:
    """Another's events before one's own are read at once, and come out before it, once each."""
    async with world.running():
        await world.commit_here()
        await world.commit_elsewhere(2)
        await world.commit_here()
        await world.commit_here()
        assert world.published() == [1, 2, 3, 4, 5]
        assert world.store.reads == 1


async def test_own_commits_close_the_gap_while_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is committed here during the reading of a gap is kept and not read again."""
    reads, gate = [], asyncio.Event()
    original = world.store.read_log

    async def slow(log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        events = await original(log, after, limit)
        reads.append(len(events))
        await gate.wait()
        return events

    monkeypatch.setattr(world.store, "read_log", slow)
    async with world.running():
        await world.commit_here()
        await world.commit_elsewhere(2)
        for _ in range(4):
            await world.commit_here()
        gate.set()
        await settle()
        assert world.published() == [1, 2, 3, 4, 5, 6, 7]
    assert reads == [3]


async def test_history_from_before_the_start_is_not_published(world: World) -> None:
    """A relay begins at the heads it finds: what is older is read by whoever needs it."""
    await world.commit_elsewhere(10)
    async with world.running():
        await world.clock.advance(3.0)
        await world.commit_here()
    assert world.published() == [11]


async def test_new_logs_are_noticed_from_their_first_event(world: World) -> None:
    """A tenant made by another process while this one runs is published from its beginning."""
    async with world.running():
        await world.store.create_log(OTHER, "two")
        await world.commit_elsewhere(2, OTHER)
        await world.clock.advance(1.0)
        assert world.published(OTHER) == [1, 2]


async def test_a_large_gap_comes_in_slices(world: World) -> None:
    """No slice that is read holds more than 256 events."""
    async with world.running():
        await world.commit_elsewhere(600)
        await world.clock.advance(1.0)
    assert world.published() == list(range(1, 601))
    assert [len(each.events) for each in world.slices] == [256, 256, 88]


async def test_an_own_slice_larger_than_a_slice_is_cut() -> None:
    """A batch of more events than a slice may hold goes out as several, without a hole."""
    world = World(RelaySettings(slice_events=4))
    await world.store.create_log(LOG, "one")
    events = tuple(await world.commit_elsewhere(10))
    world.relay.committed(Slice(LOG, 0, 10, events))
    await settle()
    assert world.published() == list(range(1, 11))
    assert [len(each.events) for each in world.slices] == [4, 4, 2]


async def test_a_store_that_is_away_is_waited_for(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Polls that fail are spread out, logged once, and nothing is lost when it is back."""
    async with world.running():
        await world.commit_elsewhere(2)
        world.store.away = True
        looks = world.store.looks
        await world.clock.advance(60.0)
        assert 3 <= world.store.looks - looks <= 10
        world.store.away = False
        await world.clock.advance(10.0)
        assert world.published() == [1, 2]
    assert [r.message for r in caplog.records] == ["the store is away; the relay waits for it"]


async def test_a_slice_that_the_broker_refused_is_published_again(world: World) -> None:
    """After a failure of the broker the log is read again from there: nothing is missing."""
    async with world.running():
        await world.commit_here()
        world.broker.refuse = 1
        await world.commit_here()
        await world.commit_here()
        await world.clock.advance(1.0)
        assert world.published() == [1, 2, 3]


async def test_signals_of_others_wake_it(world: World) -> None:
    """Word from another node that a log has grown is followed at once."""
    async with world.running():
        await world.commit_elsewhere(2)
        world.broker.signal(LOG, 2)
        await settle()
        assert world.published() == [1, 2]


async def test_a_log_that_cannot_be_read_holds_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """One log with an event from the future is set aside, with one alarm; the others go on."""
    await world.store.create_log(OTHER, "two")
    async with world.running():
        world.store.unreadable = frozenset({LOG})
        await world.commit_elsewhere(1, LOG)
        await world.commit_elsewhere(1, OTHER)
        await world.clock.advance(5.0)
        assert (world.published(LOG), world.published(OTHER)) == ([], [1])
        world.store.unreadable = frozenset()
        await world.clock.advance(1.0)
        assert world.published(LOG) == [1]
    assert sum("cannot be relayed" in record.message for record in caplog.records) == 1


async def test_idle_logs_cost_one_query_a_poll(world: World) -> None:
    """A thousand sleeping tenants: each second asks for the heads once, and reads nothing."""
    for n in range(1000):
        await world.store.create_log(uuid(100 + n), f"tenant-{n}")
        await world.store.append_batch(uuid(100 + n), [append(1)])
    async with world.running():
        before = world.store.looks
        await world.clock.advance(10.0)
        assert (world.store.looks - before, world.store.reads) == (10, 0)


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a broker that stands still, little waits; the rest is read when it goes on."""
    world = World(RelaySettings(outgoing_slices=4))
    await world.store.create_log(LOG, "one")
    gate = asyncio.Event()
    publish = world.broker.publish

    async def slow(committed: Slice) -> None:
        await gate.wait()
        await publish(committed)

    monkeypatch.setattr(world.broker, "publish", slow)
    async with world.running():
        for _ in range(50):
            await world.commit_here()
        assert len(world.relay._outgoing) <= 4
        gate.set()
        await settle()
        await world.clock.advance(2.0)
        assert world.published() == list(range(1, 51))


async def test_short_pages_fill_a_gap_too() -> None:
    """What others committed is relayed to the head, however few events a page of it has."""
    world = World()
    await world.store.create_log(LOG, "one")
    world.store.page_bytes = 60
    async with world.running():
        await world.commit_elsewhere(20)
        await world.clock.advance(1.0)
    assert [event.position for one in world.slices for event in one.events] == list(range(1, 21))
    assert len(world.slices) > 2

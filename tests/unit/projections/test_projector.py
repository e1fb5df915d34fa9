"""The projector: follows all logs, woken or polling, outlives the store, stops cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from domain.envelope import RecordedEvent, Slice
from projections.engine import Engine
from projections.ports import Checkpoint
from projections.projector import Projector, ProjectorSettings
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.unit.projections.memory_models import Counting, Counts, MemoryReadModels
from tests.unit.projections.test_engine import StrangeStore

LOG, OTHER = uuid(1), uuid(2)


class World:
    """Two logs, a broker, a projector with one counting projection."""

    def __init__(self, settings: ProjectorSettings | None = None) -> None:
        self.clock = ManualClock()
        self.store = StrangeStore(self.clock, SeededIds(self.clock))
        self.broker = InProcessBroker()
        self.models = MemoryReadModels()
        self.projection = Counting(self.models)
        self.number = 0
        self.projector = self.another(settings)

    def another(self, settings: ProjectorSettings | None = None) -> Projector:
        """One more projector over the same things, as another process has it."""
        engine = Engine(self.store, self.models, self.projection, self.clock)
        return Projector(self.store, [engine], self.broker, self.clock, settings)

    async def write(self, log: UUID = LOG, *, signal: bool = False) -> Slice:
        """One event; ``signal``: and word of it."""
        self.number += 1
        (answer,) = await self.store.append_batch(log, [append(self.number)])
        events = events_of(answer)
        committed = Slice(log, events[0].position - 1, events[-1].position, events)
        if signal:
            self.broker.signal(log, committed.upto)
        return committed

    @asynccontextmanager
    async def running(self, projector: Projector | None = None) -> AsyncIterator[None]:
        """While a projector runs."""
        task = asyncio.create_task((projector or self.projector).run())
        await settle()
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def counted(self, log: UUID = LOG) -> int:
        """How many events were counted."""
        return sum(self.models.tables.counts.get(log, {}).values())


@pytest.fixture
async def world() -> World:
    """A world with two logs."""
    found = World()
    await found.store.create_log(LOG, "one")
    await found.store.create_log(OTHER, "two")
    return found


async def test_it_catches_up_with_every_log(world: World) -> None:
    """What was written before the start is folded at the start."""
    await world.write()
    await world.write(OTHER)
    async with world.running():
        assert (world.counted(), world.counted(OTHER)) == (1, 1)


async def test_slices_and_signals_wake_it(world: World) -> None:
    """Word of a commit is followed at once, without a poll."""
    async with world.running():
        await world.write(signal=True)
        await settle()
        assert world.counted() == 1
        await world.write()
        world.broker.signal(LOG, 2)
        await world.clock.advance(0.1)
        assert world.counted() == 2


async def test_polling_is_the_floor(world: World) -> None:
    """With a broker that tells nothing the views are a second old at most."""
    async with world.running():
        await world.write()
        await settle()
        assert world.counted() == 0
        await world.clock.advance(1.0)
        assert world.counted() == 1


async def test_a_call_during_the_work_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that comes just after the last look at the log is folded next, without a poll."""
    gate = asyncio.Event()
    read_log = world.store.read_log

    async def slow(log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        page = await read_log(log, after, limit)
        if not page:
            await gate.wait()
        return page

    monkeypatch.setattr(world.store, "read_log", slow)
    async with world.running():
        await world.write(signal=True)
        await settle()
        await world.write(signal=True)
        gate.set()
        await world.clock.advance(0.5)
        assert world.counted() == 2


async def test_logs_at_rest_are_not_read_at_a_start(world: World) -> None:
    """A restart asks once for all checkpoints and opens no log that has nothing new."""
    await world.write()
    async with world.running():
        pass
    world.projection.folded.clear()
    world.models.asked = 0
    async with world.running(world.another()):
        await world.clock.advance(5.0)
    assert world.models.asked == 0


async def test_it_survives_the_stores_absence(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Polls are spread out, nothing is lost, and it goes on by itself."""
    async with world.running():
        world.store.away = world.models.away = True
        world.projector._hear([(LOG, 1)])
        await world.clock.advance(60.0)
        world.store.away = False
        await world.write()
        await world.clock.advance(10.0)
        assert world.counted() == 0
        assert world.projector.progress(LOG)["counting"].state == "failing"
        world.models.away = False
        await world.clock.advance(11.0)
        assert world.counted() == 1
        assert world.projector.progress(LOG)["counting"].state == "following"
    assert [r.message for r in caplog.records] == ["the store is away; the projector waits for it"]


async def test_an_unknown_event_stops_one_log_only(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The log of a newer program stands still, with one clear sentence; others go on."""
    world.store.unknown = frozenset({2})
    async with world.running():
        for _ in range(2):
            await world.write(signal=True)
        await world.write(OTHER, signal=True)
        await world.clock.advance(10.0)
        assert (world.counted(), world.counted(OTHER)) == (1, 1)
        progress = world.projector.progress(LOG)["counting"]
        assert (progress.state, progress.checkpoint.position) == ("stopped", 1)
        assert "future.thing" in progress.reason
    sentences = [r.message for r in caplog.records if "stands still" in r.message]
    assert len(sentences) == 1
    assert "future.thing" in sentences[0]


async def test_one_failing_log_holds_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own on one log is alarmed and tried again later; others go on."""
    load = world.projection.load
    broken = True

    async def breaking(log: UUID, events: Sequence[RecordedEvent]) -> Counts:
        if broken and log == LOG:
            raise ZeroDivisionError("secret words")
        return await load(log, events)

    monkeypatch.setattr(world.projection, "load", breaking)
    async with world.running():
        await world.write(signal=True)
        await world.write(OTHER, signal=True)
        await world.clock.advance(5.0)
        assert (world.counted(), world.counted(OTHER)) == (0, 1)
        broken = False
        await world.clock.advance(10.0)
        assert world.counted() == 1
    assert "ZeroDivisionError at breaking" in caplog.text
    assert "secret words" not in caplog.text


async def test_at_most_so_many_logs_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many logs grow at once, no more models are open than there may be."""
    world = World(ProjectorSettings(concurrency=2))
    inside, most = 0, 0
    load = world.projection.load

    async def counted(log: UUID, events: Sequence[RecordedEvent]) -> Counts:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        return await load(log, events)

    monkeypatch.setattr(world.projection, "load", counted)
    for n in range(20):
        await world.store.create_log(uuid(100 + n), f"tenant-{n}")
        await world.write(uuid(100 + n))
    async with world.running():
        await world.clock.advance(1.0)
        assert all(world.counted(uuid(100 + n)) == 1 for n in range(20))
    assert most == 2


async def test_progress_tells_position_and_mark(world: World) -> None:
    """What an operator is shown is the committed checkpoint."""
    written = await world.write()
    async with world.running():
        expected = Checkpoint(1, written.events[-1].hash[:8])
        assert world.projector.progress(LOG)["counting"].checkpoint == expected


async def test_stopping_leaves_nothing_behind(world: World) -> None:
    """Cancelled in the middle of its work it ends its tasks, and hears the broker no more."""
    never = asyncio.Event()

    async def hang() -> None:
        await never.wait()

    async with world.running():
        world.models.pause = hang
        await world.write(signal=True)
        await settle()
        assert world.projector._tasks
    assert not world.projector._tasks
    assert not world.broker._signals

"""The projector: follows all logs, woken or polling, outlives the store, stops cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from domain import figures
from domain.envelope import RecordedEvent, Slice
from domain.errors import StoreUnavailable
from domain.shards import Shards, shard_of
from projections.engine import PAGE_EVENTS, TURN_S, Engine
from projections.ports import NOTHING, Checkpoint
from projections.projection import Write
from projections.projector import Projector, ProjectorSettings
from projections.recent import RecentEvents
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.telemetry import Kept
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
        self.kept = Kept(self.clock)
        self.number = 0
        self.projector = self.another(settings)

    def another(
        self,
        settings: ProjectorSettings | None = None,
        *,
        recent: RecentEvents | None = None,
        shards: Shards | None = None,
    ) -> Projector:
        """One more projector over the same things, as another process has it."""
        seen = self.kept.telemetry
        engine = Engine(
            self.store, self.models, self.projection, self.clock, recent=recent, telemetry=seen
        )
        return Projector(
            self.store,
            [engine],
            self.broker,
            self.clock,
            settings,
            recent=recent,
            shards=shards,
            telemetry=seen,
        )

    async def write(
        self, log: UUID = LOG, *, signal: bool = False, trace: str | None = None
    ) -> Slice:
        """One event, of this trace; ``signal``: and word of it."""
        self.number += 1
        (answer,) = await self.store.append_batch(log, [append(self.number, trace=trace)])
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


async def test_what_another_node_commits_behind_ours_does_not_wait_for_the_next_look(
    world: World,
) -> None:
    """A turn on what was committed here ends before it; the call for it came before the turn."""
    recent = RecentEvents(10)
    async with world.running(world.another(recent=recent)):
        await world.write(signal=True)
        await world.clock.advance(0.3)
        assert world.counted() == 1
        recent.committed(await world.write(signal=True))
        await world.write(signal=True)
        await world.clock.advance(0.3)
        assert world.counted() == 3


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


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.15, 0.2, 0.25])
async def test_a_call_at_any_moment_is_not_lost(world: World, after_s: float) -> None:
    """While it rests from the last turn, when it ends, and just after that; without a poll."""
    async with world.running():
        await world.write(signal=True)
        await world.clock.advance(after_s)
        await world.write(signal=True)
        await world.clock.advance(0.2)
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


async def test_signals_do_not_shorten_the_pause_after_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy log that fails is left alone as long as a quiet one."""
    tries = 0

    async def breaking(*_: Any) -> Counts:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    monkeypatch.setattr(world.projection, "load", breaking)
    async with world.running():
        for _ in range(25):
            await world.write(signal=True)
            await world.clock.advance(0.1)
    assert tries == 2


async def test_what_there_was_no_time_for_needs_no_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that takes too long ends before the log does; the next one comes without a poll."""
    load = world.projection.load

    async def slow(log: UUID, *given: Any) -> Counts:
        await world.clock.sleep(TURN_S)
        return await load(log, *given)

    monkeypatch.setattr(world.projection, "load", slow)
    for _ in range(PAGE_EVENTS + 1):
        await world.write()
    async with world.running(world.another(ProjectorSettings(poll_s=60.0))):
        for _ in range(40):
            await world.clock.advance(0.1)
        assert world.counted() == PAGE_EVENTS + 1


@pytest.mark.parametrize("recent_events", [0, 5_000])
async def test_no_projection_waits_for_a_log_to_be_quiet(recent_events: int) -> None:
    """More projections than have a turn at a time, all on a log that grows with each page."""
    world = World()
    recent = RecentEvents(recent_events)
    await world.store.create_log(LOG, "demo")
    await world.write()

    class Busy(Counting):
        async def change(self, log: UUID, before: Counts, after: Counts) -> Write:
            recent.committed(await world.write(signal=True))
            await world.clock.sleep(0.005)
            return await super().change(log, before, after)

    models = [MemoryReadModels() for _ in range(3)]
    engines = []
    for number, each in enumerate(models):
        projection = Busy(each)
        projection.name = f"counting {number}"
        engines.append(Engine(world.store, each, projection, world.clock, recent=recent))
    settings = ProjectorSettings(concurrency=2)
    projector = Projector(world.store, engines, world.broker, world.clock, settings, recent=recent)
    async with world.running(projector):
        for _ in range(800):
            await world.clock.advance(0.005)
        counted = [sum(each.tables.counts.get(LOG, {}).values()) for each in models]
    assert min(counted) > world.number / 4


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

    async def breaking(log: UUID, *given: Any) -> Counts:
        if broken and log == LOG:
            raise ZeroDivisionError("secret words")
        return await load(log, *given)

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

    async def counted(log: UUID, *given: Any) -> Counts:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        return await load(log, *given)

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


# --- what operators see -------------------------------------------------------------------------


async def test_how_far_it_is_behind_can_be_seen(world: World) -> None:
    """In events and for how long, from the look that finds out until the views are back."""
    seen = world.kept.measures.seen
    async with world.running():
        assert seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 0}
        world.models.away = True
        for _ in range(3):
            await world.write()
        await world.clock.advance(1.0)
        await world.clock.advance(20.0)
        assert seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 3}
        assert seen(figures.PROJECTOR_LAG_SECONDS) == {("counting",): 20.0}
        world.models.away = False
        await world.clock.advance(11.0)
        assert seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 0}
        assert seen(figures.PROJECTOR_LAG_SECONDS) == {("counting",): 0.0}


class OneShard:
    """Shards of which this process has that of ``LOG``, as long as it may keep it.

    So many ``lose_sessions`` end where it is given up.
    """

    def __init__(self) -> None:
        self.owned = frozenset({shard_of(LOG)})
        self.lost: frozenset[int] = frozenset()
        self.lose_sessions = 0

    async def share(self) -> frozenset[int]:
        return self.lost

    async def give_up(self, shards: frozenset[int]) -> None:
        self.owned -= shards
        self.lost = frozenset()
        if self.lose_sessions:
            self.lose_sessions -= 1
            raise StoreUnavailable("the session is gone, and its locks")


async def test_who_no_longer_has_a_log_is_not_behind_in_it(world: World) -> None:
    """Another projector has it from now on, and says how far it is."""
    shards = OneShard()
    async with world.running(world.another(shards=shards)):
        world.models.away = True
        await world.write(signal=True)
        assert world.kept.measures.seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 1}
        shards.lost = shards.owned
        await world.clock.advance(1.0)
        assert world.kept.measures.seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 0}


async def test_logs_of_shards_that_went_with_the_session_are_forgotten(world: World) -> None:
    """Nobody names them as lost; one that comes back is followed at once."""
    shards = OneShard()
    projector = world.another(shards=shards)
    async with world.running(projector):
        world.models.away = True
        await world.write(signal=True)
        await world.clock.advance(8.0)
        assert projector.progress(LOG)["counting"].state == "failing"
        shards.owned = frozenset()
        await world.clock.advance(1.0)
        assert projector.progress(LOG)["counting"].state == "following"
        assert world.kept.measures.seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 0}
        world.models.away = False
        shards.owned = frozenset({shard_of(LOG)})
        await world.clock.advance(1.0)
        assert world.counted() == 1


async def test_events_of_a_log_that_another_has_now_are_let_go(world: World) -> None:
    """What this process commits there from now on is kept no more: nobody here would be done."""
    shards, recent = OneShard(), RecentEvents(10)
    async with world.running(world.another(recent=recent, shards=shards)):
        await world.write(signal=True)
        await world.clock.advance(1.0)
        assert recent.after(LOG, NOTHING, 10)
        shards.lost = shards.owned
        await world.clock.advance(1.0)
        recent.committed(await world.write())
        assert not recent.after(LOG, NOTHING, 10)


async def test_work_that_had_not_begun_is_given_up_too(world: World) -> None:
    """Called in the turn in which the shard goes, it ends; and begins when the shard is back."""
    shards = OneShard()
    projector = world.another(shards=shards)
    async with world.running(projector):
        await world.write(signal=True)
        shards.lost = owned = shards.owned
        await projector._share()
        shards.owned = owned
        await world.clock.advance(1.0)
        assert world.counted() == 1


async def test_logs_at_rest_are_not_read_when_their_shard_comes_back(world: World) -> None:
    """Giving up failed, and nobody else took it: how far everything is, is asked once again."""
    shards = OneShard()
    async with world.running(world.another(shards=shards)):
        await world.write(signal=True)
        await world.clock.advance(1.0)
        assert world.counted() == 1
        world.models.asked = 0
        shards.lost, shards.lose_sessions = shards.owned, 1
        await world.clock.advance(1.0)
        assert not shards.owned
        shards.owned = frozenset({shard_of(LOG)})
        await world.clock.advance(3.0)
        assert world.models.asked == 0


async def test_a_shard_that_comes_is_not_behind_from_the_beginning(world: World) -> None:
    """Word of a log that comes before its checkpoint is known here says nothing of a lag."""
    shards = OneShard()
    owned, shards.owned = shards.owned, frozenset()
    for _ in range(3):
        await world.write()
    async with world.running(), world.running(world.another(shards=shards)):
        assert world.counted() == 3
        shards.owned = owned
        world.broker.signal(LOG, 3)
        assert world.kept.measures.seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 0}


async def test_what_stands_still_or_fails_can_be_seen(world: World) -> None:
    """How many logs a projection follows, fails on or has stopped at, each by its state."""
    world.store.unknown = frozenset({2})
    async with world.running():
        for _ in range(2):
            await world.write(signal=True)
        await world.clock.advance(1.0)
        await world.write(OTHER, signal=True)
        await world.clock.advance(1.0)
        world.models.away = True
        await world.write(OTHER, signal=True)
        await world.clock.advance(1.0)
        assert world.kept.measures.seen(figures.PROJECTOR_LOGS) == {
            ("counting", "following"): 0,
            ("counting", "paused"): 0,
            ("counting", "failing"): 1,
            ("counting", "stopped"): 1,
        }


async def test_what_was_folded_and_what_was_parked_is_counted(world: World) -> None:
    """Both are there from the start, so that the first one parked is seen as one more."""
    world.projection.poison = frozenset({2})
    async with world.running():
        counted = world.kept.measures.counted
        assert counted(figures.PARKED_EVENTS) == {("counting",): 0}
        for _ in range(3):
            await world.write()
        await world.clock.advance(1.0)
        assert counted(figures.PROJECTOR_EVENTS) == {("counting",): 3}
        assert counted(figures.PARKED_EVENTS) == {("counting",): 1}


async def test_a_traced_event_has_its_step(world: World) -> None:
    """One for each projection, child of what the event names; others of the page have none."""
    await world.write(trace="append 1")
    await world.write()
    await world.write(trace="append 2")
    async with world.running():
        pass
    spans = world.kept.tracer.named("project")
    assert [(span.parent, span.error, span.ended) for span in spans] == [
        ("append 1", None, 1),
        ("append 2", None, 1),
    ]
    assert spans[0].attributes == {"projection": "counting", "page": 3}


async def test_a_step_that_was_not_committed_says_so(world: World) -> None:
    """What is folded again later is a step of its own."""
    world.models.lose_commits = 1
    await world.write(trace="append 1")
    async with world.running():
        await world.clock.advance(2.0)
    errors = [span.error for span in world.kept.tracer.named("project")]
    assert errors == ["failed"]
    assert world.counted() == 1


async def test_old_traces_end(world: World) -> None:
    """What is folded anew long after, as in a rebuild, is no part of anybody's message."""
    await world.write(trace="append 1")
    await world.clock.advance(61.0)
    async with world.running():
        assert world.counted() == 1
    assert world.kept.tracer.spans == []


async def test_events_that_nobody_wants_have_no_step(world: World) -> None:
    """A projection shows only in the traces of what it folds."""
    world.projection.types = frozenset({"conversation.closed"})
    await world.write(trace="append 1")
    async with world.running():
        assert world.projector.progress(LOG)["counting"].checkpoint.position == 1
    assert world.kept.tracer.spans == []


@pytest.mark.parametrize(("took_s", "rest_s"), [(0.001, 0.1), (0.02, 0.18), (5.0, 0.5)])
def test_turns_take_a_share_of_the_time(world: World, took_s: float, rest_s: float) -> None:
    """A busy log's projections rest longer than their turns last, up to five times the least."""
    assert world.projector._rest(took_s, PAGE_EVENTS) == pytest.approx(rest_s)


def test_a_log_that_is_not_busy_is_shown_soon(world: World) -> None:
    """After a turn of less than a page the rest is the least, however long the turn took."""
    assert world.projector._rest(5.0, PAGE_EVENTS - 1) == pytest.approx(0.1)

"""The engine: every event counts exactly once, whatever dies where; nothing is skipped silently."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from domain.conversation.events import ConversationErased
from domain.envelope import MARK_BYTES, NewEvent, RecordedEvent
from domain.errors import StoreUnavailable, UnknownEvent
from projections.engine import Engine
from projections.ports import NOTHING, Checkpoint
from projections.projection import Write
from projections.recent import LOGS, RecentEvents
from tests.doubles.appends import HERE, OTHER, SUBJECT, append, part, said, uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.projections.memory_models import Counting, Counts, MemoryReadModels

LOG = uuid(1)
KEY = ("counting.1", LOG)


class StrangeStore(MemoryEventStore):
    """The simulated store; events at these positions are of a newer program."""

    unknown: frozenset[int] = frozenset()

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        page = await super().read_log(log, after, limit)
        for event in page:
            if event.position in self.unknown:
                raise UnknownEvent("this program does not know the event type 'future.thing'")
        return page


class World:
    """A store with one log, read models in memory, an engine over both."""

    def __init__(self, *, page_events: int = 4) -> None:
        self.clock = ManualClock()
        self.store = StrangeStore(self.clock, SeededIds(self.clock))
        self.models = MemoryReadModels()
        self.projection = Counting(self.models)
        self.engine = self.another(page_events)
        self.seen: list[int] = []

    def another(self, page_events: int = 4) -> Engine:
        """One more engine for the same projection."""
        return Engine(self.store, self.models, self.projection, self.clock, page_events=page_events)

    async def write(self, *numbers: int) -> None:
        """Two events a number: one on each of two streams."""
        commands = [append(n, part(said()), part(said(), stream=OTHER)) for n in numbers]
        await self.store.append_batch(LOG, commands)

    async def follow(self) -> None:
        """Let the engine work."""
        await self.engine.follow(LOG, lambda upto: self.seen.append(upto.position))

    @property
    def total(self) -> int:
        """How many events were counted."""
        return sum(self.models.tables.counts.get(LOG, {}).values())

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the projection stands."""
        return self.models.tables.checkpoints.get(KEY, NOTHING)


@pytest.fixture
async def world() -> World:
    """A world with ten events in its log."""
    found = World()
    await found.store.create_log(LOG, "demo")
    await found.write(*range(1, 6))
    return found


async def test_it_folds_the_log_page_by_page(world: World) -> None:
    """Rows and checkpoint arrive at the head, a page in each transaction."""
    await world.follow()
    (head,) = await world.store.heads([LOG])
    assert world.total == 10
    assert world.checkpoint == Checkpoint(10, head.hash[:MARK_BYTES])
    assert world.seen == [0, 4, 8, 10]


async def test_it_goes_on_from_its_checkpoint(world: World) -> None:
    """What is folded is not folded again."""
    await world.follow()
    await world.write(6)
    await world.follow()
    assert world.total == 12
    assert world.projection.folded == list(range(1, 13))


async def test_events_of_other_types_only_move_the_checkpoint(world: World) -> None:
    """A projection sees the types that it wants; the checkpoint passes all."""
    world.projection.types = frozenset({"conversation.closed"})
    await world.follow()
    assert (world.total, world.checkpoint.position) == (0, 10)


@pytest.mark.parametrize("kept", [0, 2])
async def test_a_turn_has_all_that_was_known_and_no_more(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a log that others write to while it is read: what comes then is for the next turn.

    A part of it another projection has read already, and kept.
    """
    world, recent = World(), RecentEvents(100)
    await world.store.create_log(LOG, "demo")
    engine = Engine(*(world.store, world.models, world.projection, world.clock), recent=recent)
    read_log, coming = world.store.read_log, [6, 7, 8]

    async def growing(log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        page = await read_log(log, after, limit)
        if coming:
            await world.write(coming.pop(0))
        return page

    await world.write(1, 2)
    await engine.follow(LOG, lambda _: None)
    await world.write(3, 4, 5)
    recent.take(LOG, await read_log(LOG, 4, kept))
    monkeypatch.setattr(world.store, "read_log", growing)
    await engine.follow(LOG, lambda _: None, upto=10)
    assert (world.checkpoint.position, coming) == (10, [7, 8])


@pytest.mark.parametrize("engines", [2, 5])
async def test_two_projectors_count_nothing_twice(world: World, engines: int) -> None:
    """Engines at the same log at the same time fence each other; together they count once."""

    async def others_first() -> None:
        await asyncio.sleep(0)

    world.models.pause = others_first
    several = [world.another(page_events=1 + n) for n in range(engines)]
    await asyncio.gather(*(engine.follow(LOG, lambda _: None) for engine in several))
    assert (world.total, world.checkpoint.position) == (10, 10)


async def test_two_projectors_take_turns(world: World) -> None:
    """Rows that one has kept are of no use to it once the other has gone on."""
    engines = world.engine, world.another()
    for turn in range(6):
        await world.write(100 + turn)
        await engines[turn % 2].follow(LOG, lambda _: None)
    assert world.total == 22


async def test_a_stale_projector_drops_its_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was asleep between its fold and its commit finds itself overtaken, and goes on."""
    overtaken = False
    change = world.projection.change

    async def asleep(log: UUID, before: Counts, after: Counts) -> Write:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            await world.another(page_events=6).follow(LOG, lambda _: None)
        return await change(log, before, after)

    monkeypatch.setattr(world.projection, "change", asleep)
    await world.follow()
    assert (world.total, world.checkpoint.position) == (10, 10)


class Killer:
    """Cancels the task that comes to its n-th await."""

    def __init__(self, at: int) -> None:
        self.left = at

    async def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        await asyncio.sleep(0)


async def killed_at(at: int) -> tuple[World, bool]:
    """A world whose projector was killed at its n-th await; whether it came so far."""
    world = World()
    await world.store.create_log(LOG, "demo")
    await world.write(*range(1, 6))
    world.projection.poison = frozenset({6})
    killer = Killer(at)
    world.models.pause = killer
    world.store._pause = killer
    task = asyncio.create_task(world.follow())
    await asyncio.gather(task, return_exceptions=True)
    world.models.pause = world.store._pause = Killer(0)
    return world, killer.left <= 0


async def test_killed_between_any_two_awaits_it_counts_nothing_twice() -> None:
    """A kill at every await there is, then a new start: each event counted or parked once."""
    at, alive = 0, True
    while alive:
        at += 1
        world, alive = await killed_at(at)
        before = world.total + len(world.models.tables.parked)
        assert before == world.checkpoint.position
        await world.follow()
        assert (world.total, len(world.models.tables.parked)) == (9, 1), f"await {at}"
    assert at > 20


async def test_a_commit_whose_answer_was_lost_counts_once(world: World) -> None:
    """The checkpoint tells whether it was committed; nothing is guessed."""
    for _ in range(2):
        world.models.lose_commits = 1
        with pytest.raises(StoreUnavailable):
            await world.follow()
    await world.follow()
    assert (world.total, world.checkpoint.position) == (10, 10)


async def test_another_history_is_rebuilt(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A mark that is not the log's: everything of this log is folded anew, with an alarm."""
    await world.follow()
    world.models.tables.checkpoints[KEY] = Checkpoint(10, b"elsewhen")
    world.models.tables.counts[LOG] = {"conversation-of-another-history": 3}
    await world.follow()
    assert world.models.tables.counts[LOG] == {"conversation-1": 5, "conversation-2": 5}
    assert any("another history" in record.message for record in caplog.records)


async def test_a_checkpoint_beyond_the_head_is_rebuilt(world: World) -> None:
    """A log that is shorter than what was folded is another history, too."""
    (head,) = await world.store.heads([LOG])
    world.models.tables.checkpoints[KEY] = Checkpoint(11, head.hash[:MARK_BYTES])
    await world.follow()
    assert (world.total, world.checkpoint.position) == (10, 10)


async def test_a_poison_event_is_parked(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be folded is stepped over, kept for later, alarmed; what was said is not told."""
    world.projection.poison = frozenset({3, 7})
    await world.follow()
    parked = world.models.tables.parked
    events = await world.store.read_log(LOG, 0, 10)
    assert (world.total, world.checkpoint.position) == (8, 10)
    assert [row[:4] for row in parked] == [
        ("counting.1", LOG, 3, events[2].id),
        ("counting.1", LOG, 7, events[6].id),
    ]
    assert all(str(row[4]).startswith("ValueError at evolve:") for row in parked)
    assert sum("alarm" in record.message for record in caplog.records) == 2
    told = caplog.text + str(parked)
    assert "hello" not in told
    assert "what somebody wrote" not in told


async def test_a_damaged_event_is_parked(world: World) -> None:
    """One that cannot be read is not folded as erased; those around it count."""
    world.store.damaged = frozenset({1, 6, 10})
    await world.follow()
    assert (world.total, world.checkpoint.position) == (7, 10)
    assert world.projection.folded == [2, 3, 4, 5, 7, 8, 9]
    events = await world.store.read_log(LOG, 0, 10)
    assert [row[2:5] for row in world.models.tables.parked] == [
        (position, events[position - 1].id, "EventDamaged") for position in (1, 6, 10)
    ]


async def test_a_damaged_event_is_parked_whatever_its_type_says(world: World) -> None:
    """Its type may be what is damaged, so it is also no other projection's business only."""
    world.store.damaged = frozenset({3})
    world.projection.types = frozenset({"something.else"})
    await world.follow()
    assert [row[2] for row in world.models.tables.parked] == [3]
    assert world.checkpoint.position == 10


async def test_short_pages_are_not_the_end(world: World) -> None:
    """Pages that are bounded in bytes are followed until an empty one."""
    world.store.page_bytes = 60
    await world.follow()
    assert (world.total, world.checkpoint.position) == (10, 10)
    assert len(world.seen) > 4


async def test_an_unknown_event_stops_it(world: World) -> None:
    """All before an event from a newer program is folded; beyond it nothing is."""
    world.store.unknown = frozenset({8})
    for _ in range(2):
        with pytest.raises(UnknownEvent, match=r"future\.thing"):
            await world.follow()
        assert (world.total, world.checkpoint.position) == (7, 7)
    assert world.models.tables.parked == []


async def test_an_erasure_is_noted_with_the_page_that_has_it(world: World) -> None:
    """By the live projection alone: the last one of a page, if it wants such events at all."""
    erased = NewEvent(ConversationErased(), SUBJECT, before=HERE, after=HERE)
    await world.store.append_batch(LOG, [append(6, part(erased), part(erased, stream=OTHER))])
    await world.write(7)
    beside = Engine(world.store, world.models, world.projection, world.clock, generation="+next")
    await beside.follow(LOG, lambda _: None)
    assert world.models.tables.erasures == []
    await world.follow()
    assert world.models.tables.erasures == [("counting.1", LOG, 12, [])]
    world.projection.types = frozenset({"message.posted"})
    await world.engine.rebuild(LOG, world.checkpoint)
    await world.another().follow(LOG, lambda _: None)
    assert len(world.models.tables.erasures) == 1


async def test_a_rebuild_forgets_what_was_parked(world: World) -> None:
    """Rebuilt after the fault was mended, nothing is left of it."""
    world.projection.poison = frozenset({3})
    await world.follow()
    world.projection.poison = frozenset()
    await world.engine.rebuild(LOG, world.checkpoint)
    await world.follow()
    assert (world.total, world.models.tables.parked) == (10, [])


async def test_rows_are_kept_of_the_logs_that_grew_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a log that others have pushed out are loaded again: memory is bounded."""
    loaded: list[tuple[UUID, bool]] = []
    load = world.projection.load

    async def noted(log: UUID, events: Sequence[RecordedEvent], kept: Counts | None) -> Counts:
        loaded.append((log, kept is not None))
        return await load(log, events, kept)

    monkeypatch.setattr(world.projection, "load", noted)
    logs = [uuid(1_000 + n) for n in range(LOGS)]
    for log in logs:
        await world.store.create_log(log, f"tenant-{log.int}")
    for n in (1, 2):
        for log in (LOG, *logs) if n == 1 else (logs[0], LOG):
            await world.store.append_batch(log, [append(100 + n, part(said()))])
            await world.engine.follow(log, lambda _: None)
    assert loaded[-2:] == [(logs[0], True), (LOG, False)]

"""The newest events, kept for the projections: what continues a checkpoint, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.envelope import MARK_BYTES, Actor, Metadata, RecordedEvent, Slice
from projections.engine import Engine
from projections.ports import NOTHING, Checkpoint
from projections.projection import Write
from projections.recent import LOGS, RecentEvents
from tests.doubles.appends import uuid
from tests.unit.projections.memory_models import Counts
from tests.unit.projections.test_engine import LOG, World

LIMIT = 8


def event(position: int, history: int = 1) -> RecordedEvent:
    """An event of one of several histories."""
    return RecordedEvent(
        log=LOG,
        position=position,
        stream="conversation-1",
        version=position,
        decided=0,
        type="note.added",
        schema_version=1,
        id=uuid(position),
        actor=Actor("agent", "1"),
        metadata=Metadata(uuid(position)),
        recorded_at=0,
        key_id=uuid(1),
        hash=bytes((history, position)) * 16,
        data=None,
    )


def events(after: int, upto: int, history: int = 1) -> list[RecordedEvent]:
    """A range of them."""
    return [event(position, history) for position in range(after + 1, upto + 1)]


def at(position: int, history: int = 1) -> Checkpoint:
    """A checkpoint at one of them."""
    return Checkpoint(position, event(position, history).hash[:MARK_BYTES])


def positions(page: Sequence[RecordedEvent]) -> list[int]:
    """Their positions."""
    return [each.position for each in page]


def test_what_follows_a_checkpoint_is_found() -> None:
    """From the beginning, from within, in pages; at the head there is nothing."""
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(0, 2))
    recent.committed(Slice(LOG, 2, 5, tuple(events(2, 5))))
    assert positions(recent.after(LOG, NOTHING, 3)) == [1, 2, 3]
    assert positions(recent.after(LOG, at(3), 100)) == [4, 5]
    assert positions(recent.after(LOG, at(5), 100)) == []
    assert positions(recent.after(uuid(9), NOTHING, 100)) == []


def test_another_historys_events_do_not_follow() -> None:
    """The event at the checkpoint is to be here and the same; then what follows it is too."""
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(2, 6))
    assert positions(recent.after(LOG, at(4), 100)) == [5, 6]
    assert positions(recent.after(LOG, at(4, history=2), 100)) == []
    assert positions(recent.after(LOG, at(2), 100)) == []
    assert positions(recent.after(LOG, NOTHING, 100)) == []
    recent.forget(LOG)
    assert positions(recent.after(LOG, at(4), 100)) == []


def test_two_histories_are_not_put_in_a_row() -> None:
    """A failover lost the last two events; what is committed then takes their places, and goes on.

    Together they would look like one history, whose beginning and end the store has.
    """
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(0, 5))
    for after in (3, 4, 5):
        recent.committed(Slice(LOG, after, after + 1, tuple(events(after, after + 1, history=2))))
    assert {each.hash[0] for each in recent.after(LOG, at(3), 100)} <= {2}
    assert positions(recent.after(LOG, at(4, history=2), 100)) == [5, 6]
    assert positions(recent.after(LOG, at(5), 100)) == []


def test_a_late_word_of_what_was_read_before_it_changes_nothing() -> None:
    """An event may be read from the store before its commit is told of here."""
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(0, 5))
    recent.committed(Slice(LOG, 2, 4, tuple(events(2, 4))))
    recent.done(LOG, 5)
    recent.committed(Slice(LOG, 3, 4, tuple(events(3, 4))))
    recent.committed(Slice(LOG, 5, 6, tuple(events(5, 6))))
    assert positions(recent.after(LOG, at(5), 100)) == [6]


def test_nothing_is_kept_of_a_log_that_is_projected_elsewhere() -> None:
    """Nobody here would ever say that it is done with it."""
    recent = RecentEvents(LIMIT)
    recent.committed(Slice(LOG, 0, 5, tuple(events(0, 5))))
    assert positions(recent.after(LOG, NOTHING, 100)) == []


def test_what_every_projection_has_is_dropped() -> None:
    """But for the last of it, which shows that the next ones follow."""
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(0, 6))
    recent.done(LOG, 4)
    assert positions(recent.after(LOG, at(3), 100)) == []
    assert positions(recent.after(LOG, at(4), 100)) == [5, 6]


def test_it_is_bounded() -> None:
    """In events of a log, the oldest going first, and in logs."""
    recent = RecentEvents(LIMIT)
    recent.take(LOG, events(0, 20))
    assert positions(recent.after(LOG, at(12), 100)) == []
    assert positions(recent.after(LOG, at(13), 100)) == list(range(14, 21))
    for n in range(LOGS):
        recent.take(uuid(100 + n), events(0, 1))
    assert positions(recent.after(LOG, at(13), 100)) == []


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=12), st.integers(0, 26))
def test_whatever_came_what_follows_is_in_a_row(
    ranges: list[tuple[int, int]], position: int
) -> None:
    """Ranges may overlap, repeat and leave holes: an answer has none, and begins where asked."""
    recent = RecentEvents(LIMIT)
    for after, count in ranges:
        recent.take(LOG, events(after, after + count))
    checkpoint = at(position) if position else NOTHING
    page = positions(recent.after(LOG, checkpoint, 100))
    assert page == list(range(position + 1, position + 1 + len(page)))


async def test_a_projection_need_not_read_what_was_committed_here() -> None:
    """It folds the same, asks the store only at its first turn, and again when a hole is behind."""
    world = World(page_events=100)
    await world.store.create_log(LOG, "demo")
    recent = RecentEvents(100)
    world.engine = Engine(world.store, world.models, world.projection, world.clock, recent=recent)
    asked: list[int] = []
    read_log = world.store.read_log

    async def counted(log: object, after: int, limit: int) -> list[RecordedEvent]:
        asked.append(after)
        return await read_log(LOG, after, limit)

    world.store.read_log = counted  # type: ignore[method-assign]  # to count the questions
    await world.write(1)
    await world.follow()
    assert asked == [0, 2]
    await world.write(2)
    recent.take(LOG, await read_log(LOG, 2, 100))
    await world.follow()
    assert (asked, world.checkpoint.position) == ([0, 2], 4)
    await world.write(3)
    await world.follow()
    assert asked == [0, 2, 4, 6]
    assert world.projection.folded == list(range(1, 7))


async def test_what_is_in_memory_is_folded_in_larger_pages() -> None:
    """Its rows are written once for four pages of the store's; a page is bounded all the same."""
    world = World(page_events=4)
    await world.store.create_log(LOG, "demo")
    recent = RecentEvents(100)
    world.engine = Engine(
        world.store, world.models, world.projection, world.clock, page_events=4, recent=recent
    )
    await world.write(*range(1, 11))
    recent.take(LOG, await world.store.read_log(LOG, 0, 100))
    await world.follow()
    assert world.seen == [0, 16, 20]


async def test_a_turn_ends_where_it_found_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed while a page is written waits for the next turn, or none would ever end."""
    world = World(page_events=4)
    await world.store.create_log(LOG, "demo")
    recent = RecentEvents(100)
    world.engine = Engine(
        world.store, world.models, world.projection, world.clock, page_events=4, recent=recent
    )
    await world.write(1)
    await world.follow()
    change, numbers = world.projection.change, iter(range(2, 50))

    async def while_others_write(log: UUID, before: Counts, after: Counts) -> Write:
        await commit()
        return await change(log, before, after)

    async def commit() -> None:
        number = next(numbers)
        await world.write(number)
        recent.take(LOG, await world.store.read_log(LOG, 2 * (number - 1), 100))

    monkeypatch.setattr(world.projection, "change", while_others_write)
    await commit()
    for upto in (4, 6, 8):
        await world.follow()
        assert world.seen[-1] == upto
    for _ in range(10):
        await commit()
    await world.follow()
    assert world.seen[-3:] == [8, 24, 32]

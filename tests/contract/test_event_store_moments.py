"""The event store's contract: the log as it stood at a position, and at a time."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.chain import genesis
from domain.envelope import RecordedEvent
from domain.moments import Asked, Moment
from domain.ports import EventStore
from tests.doubles.appends import OTHER, STREAM, append, part, said

FAR_US = 253_000_000_000_000_000
"""In the year 9987."""


@pytest.fixture
async def events(store: EventStore, log: UUID) -> list[RecordedEvent]:
    """Seven events, of which every third is on ``OTHER``, in two batches."""
    streams = [OTHER if n % 3 == 2 else STREAM for n in range(7)]
    commands = [append(n, part(said(), stream=stream)) for n, stream in enumerate(streams)]
    await store.append_batch(log, commands[:4])
    await store.append_batch(log, commands[4:])
    return await store.read_log(log, 0, 100)


def _then(events: list[RecordedEvent], count: int, stream: str | None) -> Moment:
    """What is to be found where so many of the events had happened."""
    last = events[count - 1]
    version = sum(event.stream == stream for event in events[:count])
    return Moment(count, last.recorded_at, last.hash, len(events), version)


@pytest.mark.parametrize("stream", [STREAM, OTHER, "absent", None])
async def test_a_moment_by_its_position(
    store: EventStore, log: UUID, events: list[RecordedEvent], stream: str | None
) -> None:
    """The event there, its time and hash, and how far the stream had come by then."""
    for position in range(1, 8):
        found = await store.moment(log, Asked(position=position), stream)
        assert found == _then(events, position, stream)


@pytest.mark.parametrize("stream", [STREAM, OTHER])
async def test_a_moment_by_its_time(
    store: EventStore, log: UUID, events: list[RecordedEvent], stream: str
) -> None:
    """The last event recorded by that time: at the microsecond itself, and until the next."""
    for count, event in enumerate(events, 1):
        exactly = await store.moment(log, Asked(recorded_at=event.recorded_at), stream)
        assert exactly == _then(events, count, stream)
        before = await store.moment(log, Asked(recorded_at=event.recorded_at - 1), stream)
        assert before.position == count - 1


async def test_before_the_first_event(
    store: EventStore, log: UUID, events: list[RecordedEvent]
) -> None:
    """Nothing was there: position 0, no time, and the hash of the log's id."""
    nothing = Moment(0, None, genesis(log), 7)
    assert await store.moment(log, Asked(position=0), STREAM) == nothing
    early = Asked(recorded_at=events[0].recorded_at - 1)
    assert await store.moment(log, early, STREAM) == nothing
    assert await store.moment(log, Asked(recorded_at=-FAR_US), STREAM) == nothing


async def test_beyond_the_head_is_the_present(
    store: EventStore, log: UUID, events: list[RecordedEvent]
) -> None:
    """What was not yet is not made up: the last event, and it says that nothing came since."""
    for asked in (Asked(position=8), Asked(position=2**53), Asked(recorded_at=FAR_US)):
        found = await store.moment(log, asked, STREAM)
        assert found == _then(events, 7, STREAM)
        assert found.latest


async def test_an_empty_log_has_one_moment(store: EventStore, log: UUID) -> None:
    """Before its first event a log is as it is now, whatever is asked for."""
    for asked in (Asked(position=0), Asked(position=5), Asked(recorded_at=FAR_US)):
        assert await store.moment(log, asked) == Moment(0, None, genesis(log), 0)

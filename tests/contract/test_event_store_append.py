"""The event store's contract: what an append writes, and what it answers to a repeat."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest

from domain.append import NO_STREAM, Appended, Conflict, Known, Part, at_version
from domain.chain import genesis
from domain.envelope import Metadata, RecordedEvent
from domain.errors import BatchRefused
from domain.ids import MAX_EVENTS_PER_COMMAND, event_id
from domain.ports import EventStore
from tests.doubles.appends import (
    AGENT,
    HERE,
    OTHER,
    STREAM,
    SUBJECT,
    VISITOR,
    append,
    closed,
    depends_on,
    events_of,
    known,
    part,
    said,
    uuid,
)


async def test_an_event_comes_back_as_it_was_given(store: EventStore, log: UUID) -> None:
    """Every field of the envelope and the data are those of the command."""
    new = said("hello")
    command = append(1, part(new), cause=uuid(8), correlation=uuid(9), trace="00-1-2-01")
    (event,) = events_of((await store.append_batch(log, [command]))[0])
    assert (event.log, event.position, event.stream, event.version) == (log, 1, STREAM, 1)
    assert (event.type, event.schema_version, event.decided) == ("message.posted", 1, 0)
    assert event.id == event_id(log, VISITOR.role, VISITOR.id, uuid(1), 0)
    assert event.actor == VISITOR
    assert event.metadata == Metadata(uuid(1), uuid(8), uuid(9), HERE, HERE, "00-1-2-01")
    assert event.data == new.data
    assert event.hash != genesis(log)


async def test_answers_are_what_is_read_afterwards(store: EventStore, log: UUID) -> None:
    """The events of the answers are the log, field by field."""
    batch = [append(1), append(2, part(said(), closed()), part(said(), stream=OTHER))]
    answers = await store.append_batch(log, batch)
    answered = [event for answer in answers for event in events_of(answer)]
    assert answered == await store.read_log(log, 0, 100)


async def test_positions_and_versions_have_no_hole(store: EventStore, log: UUID) -> None:
    """A command's events are adjacent; positions count the log, versions each stream."""
    both = append(1, part(said(), said()), part(said(), stream=OTHER))
    await store.append_batch(log, [both, append(2)])
    events = await store.read_log(log, 0, 100)
    assert [event.position for event in events] == [1, 2, 3, 4]
    places = [(event.stream, event.version) for event in events]
    assert places == [(STREAM, 1), (STREAM, 2), (OTHER, 1), (STREAM, 3)]


async def test_a_row_knows_the_last_deciding_event(store: EventStore, log: UUID) -> None:
    """``decided`` is the version of the stream's last deciding event, the row's own included."""
    await store.append_batch(log, [append(1, part(said(), closed(), said()))])
    await store.append_batch(log, [append(2, part(said())), append(3, part(closed()))])
    events = await store.read_log(log, 0, 100)
    assert [event.decided for event in events] == [0, 2, 2, 2, 5]


async def test_time_never_stands_still(store: EventStore, log: UUID) -> None:
    """``recorded_at`` grows from event to event, within a command and a batch too."""
    await store.append_batch(log, [append(n, part(said(), said())) for n in range(20)])
    times = [event.recorded_at for event in await store.read_log(log, 0, 100)]
    assert all(earlier < later for earlier, later in pairwise(times))


async def test_a_repeat_gets_the_first_answer(store: EventStore, log: UUID) -> None:
    """A known id is answered with the command's last event and written no second time."""
    command = append(1, part(said("a"), said("b")))
    first = events_of((await store.append_batch(log, [command]))[0])
    again = known((await store.append_batch(log, [command]))[0])
    assert (again.last, again.same) == (first[-1], True)
    assert len(await store.read_log(log, 0, 100)) == 2


async def test_the_same_id_with_another_content_is_told_apart(store: EventStore, log: UUID) -> None:
    """``same`` is False when the id was used for something else."""
    await store.append_batch(log, [append(1, content=b"one")])
    answers = await store.append_batch(log, [append(1, content=b"two"), append(1, content=b"one")])
    assert [known(answer).same for answer in answers] == [False, True]


async def test_an_id_twice_in_a_batch_is_a_duplicate(store: EventStore, log: UUID) -> None:
    """The second of two equal commands in one batch gets the first one's answer."""
    first, second = await store.append_batch(log, [append(1), append(1)])
    assert known(second).last == events_of(first)[-1]
    assert len(await store.read_log(log, 0, 100)) == 1


async def test_a_repeat_is_known_before_it_is_judged(store: EventStore, log: UUID) -> None:
    """A repeat whose expectation and dependency do not hold any more is still a duplicate."""
    command = append(1, part(said(), expect=NO_STREAM))
    await store.append_batch(log, [command, append(2)])
    hopeless = append(1, part(said(), expect=NO_STREAM), after=depends_on(log, 77, 1))
    assert known((await store.append_batch(log, [hopeless]))[0]).same


async def test_ids_belong_to_their_sender(store: EventStore, log: UUID) -> None:
    """Two actors may use the same command id; neither is the other's duplicate."""
    answers = await store.append_batch(log, [append(1), append(1, actor=AGENT)])
    assert len({events_of(answer)[0].id for answer in answers}) == 2


async def test_a_conflict_fails_no_neighbour(store: EventStore, log: UUID) -> None:
    """The commands around a conflict are written, as if it had not been there."""
    wrong = append(2, part(said(), expect=at_version(7)))
    answers = await store.append_batch(log, [append(1), wrong, append(3)])
    assert [type(answer) for answer in answers] == [Appended, Conflict, Appended]
    assert [event.metadata.command for event in await store.read_log(log, 0, 100)] == [
        uuid(1),
        uuid(3),
    ]


async def test_a_command_is_whole_or_not_at_all(store: EventStore, log: UUID) -> None:
    """One part's broken expectation keeps the other parts out, whichever comes first."""
    good, bad = part(said(), stream=OTHER, expect=NO_STREAM), part(said(), expect=at_version(7))
    answers = await store.append_batch(log, [append(1, good, bad), append(2, bad, good)])
    assert answers == [Conflict(), Conflict()]
    assert await store.read_log(log, 0, 100) == []


async def test_a_stream_only_read_is_guarded_too(store: EventStore, log: UUID) -> None:
    """A part without events conflicts like one with events, and adds nothing when it holds."""
    await store.append_batch(log, [append(1)])
    stale = append(2, part(said(), stream=OTHER), part(expect=NO_STREAM))
    fresh = append(3, part(said(), stream=OTHER), part(expect=at_version(1)))
    answers = await store.append_batch(log, [stale, fresh])
    assert [type(answer) for answer in answers] == [Conflict, Appended]
    assert len(await store.read_stream(log, STREAM, 0, 100)) == 1


async def test_each_command_sees_those_before_it(store: EventStore, log: UUID) -> None:
    """Within a batch the second of two that begin a stream conflicts; one that goes on does not."""
    begin = part(said(), expect=NO_STREAM)
    follow = part(said(), expect=at_version(1))
    answers = await store.append_batch(log, [append(1, begin), append(2, begin), append(3, follow)])
    assert [type(answer) for answer in answers] == [Appended, Conflict, Appended]


@pytest.mark.parametrize(
    ("number", "n", "stream", "version", "outcome"),
    [
        pytest.param(1, 1, STREAM, 2, Appended, id="came out so"),
        pytest.param(1, 1, STREAM, 3, Conflict, id="in another version"),
        pytest.param(1, 1, OTHER, 2, Conflict, id="in another stream"),
        pytest.param(1, 2, STREAM, 2, Conflict, id="that event is not there"),
        pytest.param(5, 0, STREAM, 1, Conflict, id="that command is not there"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
async def test_a_dependency_must_have_come_out_exactly_so(  # a table of cases
    store: EventStore,
    log: UUID,
    *,
    number: int,
    n: int,
    stream: str,
    version: int,
    outcome: type[object],
    together: bool,
) -> None:
    """A decision on a provisional outcome is written only when the outcome is just that."""
    first = append(1, part(said(), said()))
    dependent = append(2, after=depends_on(log, number, version, n, stream))
    if together:
        _, answer = await store.append_batch(log, [first, dependent])
    else:
        await store.append_batch(log, [first])
        (answer,) = await store.append_batch(log, [dependent])
    assert type(answer) is outcome


async def test_a_dependency_on_a_command_of_the_same_batch(store: EventStore, log: UUID) -> None:
    """What comes earlier in the batch can be rested on, also when it is repeated in between."""
    second = append(2, after=depends_on(log, 1, 1))
    third = append(3, after=depends_on(log, 2, 2))
    answers = await store.append_batch(log, [append(1), second, second, third])
    assert [type(answer) for answer in answers] == [Appended, Appended, Known, Appended]


async def test_dependents_of_a_conflict_conflict(store: EventStore, log: UUID) -> None:
    """In one batch, what was decided on an outcome that did not come is not written either."""
    await store.append_batch(log, [append(1)])
    lost = append(2, part(said(), expect=NO_STREAM))
    second = append(3, after=depends_on(log, 2, 1))
    third = append(4, after=depends_on(log, 3, 2))
    assert await store.append_batch(log, [lost, second, third]) == [Conflict()] * 3


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(part(said(), stream="conversation-\0"), id="NUL in a stream"),
        pytest.param(part(*[said()] * (MAX_EVENTS_PER_COMMAND + 1)), id="too many events"),
    ],
)
async def test_a_refused_batch_writes_nothing(store: EventStore, log: UUID, poison: Part) -> None:
    """BatchRefused leaves the log as it was, and the good commands can be given again."""
    with pytest.raises(BatchRefused):
        await store.append_batch(log, [append(1), append(2, poison)])
    assert await store.read_log(log, 0, 100) == []
    assert isinstance((await store.append_batch(log, [append(1)]))[0], Appended)


async def test_the_longest_command(store: EventStore, log: UUID) -> None:
    """As many events as a command can have are written, and found again as one command's."""
    longest = append(1, part(*[said()] * MAX_EVENTS_PER_COMMAND))
    await store.append_batch(log, [longest])
    again = known((await store.append_batch(log, [longest]))[0])
    assert again.last.version == MAX_EVENTS_PER_COMMAND


async def test_an_empty_batch(store: EventStore, log: UUID) -> None:
    """Nothing asked is nothing answered."""
    assert await store.append_batch(log, []) == []


async def test_one_subject_has_one_key(store: EventStore, log: UUID) -> None:
    """Events of a subject share a key across streams; another subject has another."""
    parts = part(said()), part(said(), said(subject="visitor-2"), stream=OTHER)
    events = events_of((await store.append_batch(log, [append(1, *parts)]))[0])
    keys = [event.key_id for event in events]
    assert keys[0] == keys[1] != keys[2]
    assert SUBJECT not in {str(key) for key in keys}


async def test_any_text_survives(store: EventStore, log: UUID) -> None:
    """What people write comes back to the byte: emoji, NUL, right-to-left, 200 KiB."""
    texts = ["🦜👩‍👩‍👧", "a\0b", "\u202eabc", "", "x" * 200_000]
    await store.append_batch(log, [append(n, part(said(text))) for n, text in enumerate(texts)])
    assert list(map(_text, await store.read_log(log, 0, 100))) == texts


def _text(event: RecordedEvent) -> str:
    text: str = event.data.body.text
    return text

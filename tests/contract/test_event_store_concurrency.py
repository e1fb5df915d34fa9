"""The event store's contract: several at once, and those who never hear the answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from domain.append import NO_STREAM, Appended, Conflict, Known
from domain.ports import EventStore
from tests.doubles.appends import append, events_of, known, part, said, uuid


async def test_several_writers_leave_no_hole(store: EventStore, log: UUID) -> None:
    """Batches given at the same time get places of their own, one after the other."""
    batches = [[append(10 * n + m) for m in range(3)] for n in range(10)]
    answers = await asyncio.gather(*(store.append_batch(log, batch) for batch in batches))
    events = await store.read_log(log, 0, 100)
    assert [event.position for event in events] == list(range(1, 31))
    assert [event.version for event in events] == list(range(1, 31))
    for batch_answers in answers:
        first, *rest = (events_of(answer)[0].position for answer in batch_answers)
        assert rest == [first + 1, first + 2]


async def test_one_of_many_begins_a_stream(store: EventStore, log: UUID) -> None:
    """Of those who all expect to be the first exactly one is."""
    begin = part(said(), expect=NO_STREAM)
    tries = (store.append_batch(log, [append(n, begin)]) for n in range(10))
    answers = [answer for (answer,) in await asyncio.gather(*tries)]
    assert Counter(map(type, answers)) == {Appended: 1, Conflict: 9}


async def test_one_command_given_many_times_at_once(store: EventStore, log: UUID) -> None:
    """Whoever is first writes it; all others learn of the same event."""
    tries = (store.append_batch(log, [append(1)]) for _ in range(10))
    answers = [answer for (answer,) in await asyncio.gather(*tries)]
    assert Counter(map(type, answers)) == {Appended: 1, Known: 9}
    (event,) = await store.read_log(log, 0, 100)
    assert {known(answer).last.id for answer in answers if isinstance(answer, Known)} == {event.id}


@pytest.mark.parametrize("patience_ms", [0, 1, 2, 4, 8])
async def test_an_unknown_outcome_is_all_or_nothing(
    store: EventStore, log: UUID, patience_ms: int
) -> None:
    """Interrupted anywhere, a batch is in the log wholly or not at all, and can be given again."""
    batch = [append(n, part(said(), said(subject=f"visitor-{n}"))) for n in range(5)]
    task = asyncio.create_task(store.append_batch(log, batch))
    await asyncio.sleep(patience_ms / 1000)
    task.cancel()
    await asyncio.wait([task])
    assert len(await store.read_log(log, 0, 100)) in {0, 10}
    answers = await store.append_batch(log, batch)
    assert len({type(answer) for answer in answers}) == 1
    events = await store.read_log(log, 0, 100)
    assert [event.metadata.command for event in events[::2]] == [uuid(n) for n in range(5)]
    assert len(events) == 10

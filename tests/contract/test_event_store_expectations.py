"""The event store's contract: every expectation, both where it holds and where it does not."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.append import (
    ANY,
    EXISTS,
    NO_STREAM,
    Appended,
    Conflict,
    Expectation,
    at_version,
    undecided_since,
)
from domain.ports import EventStore
from tests.doubles.appends import OTHER, append, closed, part, said

ABSENT = "conversation-absent"
PLAIN = "conversation-plain"
DECIDED = "conversation-decided"


@pytest.fixture
async def three_streams(store: EventStore, log: UUID) -> UUID:
    """A log with a stream of two messages, and one decided at version 2 of 3."""
    plain = part(said(), said(), stream=PLAIN)
    decided = part(said(), closed(), said(), stream=DECIDED)
    await store.append_batch(log, [append(1, plain), append(2, decided)])
    return log


@pytest.mark.parametrize(
    ("stream", "expectation", "holds"),
    [
        (ABSENT, ANY, True),
        (PLAIN, ANY, True),
        (ABSENT, NO_STREAM, True),
        (PLAIN, NO_STREAM, False),
        (ABSENT, EXISTS, False),
        (PLAIN, EXISTS, True),
        (ABSENT, at_version(0), True),
        (ABSENT, at_version(1), False),
        (PLAIN, at_version(0), False),
        (PLAIN, at_version(1), False),
        (PLAIN, at_version(2), True),
        (PLAIN, at_version(3), False),
        (ABSENT, undecided_since(0), True),
        (PLAIN, undecided_since(0), True),
        (PLAIN, undecided_since(2), True),
        (DECIDED, undecided_since(0), False),
        (DECIDED, undecided_since(1), False),
        (DECIDED, undecided_since(2), True),
        (DECIDED, undecided_since(3), True),
        (ABSENT, undecided_since(1), False),
        (PLAIN, undecided_since(3), False),
    ],
)
@pytest.mark.parametrize("writes", [True, False], ids=["writes", "only reads"])
async def test_expectation(
    store: EventStore,
    three_streams: UUID,
    *,
    stream: str,
    expectation: Expectation,
    holds: bool,
    writes: bool,
) -> None:
    """An expectation that holds lets the command in; one that does not is a conflict."""
    guarded = part(*([said()] if writes else []), stream=stream, expect=expectation)
    command = append(9, guarded, part(said(), stream=OTHER))
    (answer,) = await store.append_batch(three_streams, [command])
    assert isinstance(answer, Appended if holds else Conflict)


async def test_two_may_type_at_once(store: EventStore, three_streams: UUID) -> None:
    """Messages decided on the same version all pass, until a deciding event came between."""
    batch = [
        append(10, part(said(), stream=PLAIN, expect=undecided_since(2))),
        append(11, part(said(), stream=PLAIN, expect=undecided_since(2))),
        append(12, part(closed(), stream=PLAIN, expect=undecided_since(2))),
        append(13, part(said(), stream=PLAIN, expect=undecided_since(2))),
    ]
    answers = await store.append_batch(three_streams, batch)
    assert [type(answer) for answer in answers] == [Appended, Appended, Appended, Conflict]

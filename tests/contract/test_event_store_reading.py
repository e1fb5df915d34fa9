"""The event store's contract: reading, heads and marks, logs apart from each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

import pytest

from domain.append import Append, Appended
from domain.chain import genesis
from domain.envelope import RecordedEvent
from domain.errors import Refused
from domain.ports import EventStore, LogHead
from tests.doubles.appends import OTHER, STREAM, VISITOR, append, events_of, part, said, uuid

SECOND_LOG = UUID("018c0000-0000-7000-8000-000000000002")


def _several() -> list[Append]:
    """Eight events, of which six are on ``STREAM``."""
    there = [append(n) for n in range(3)]
    both = append(3, part(said(), stream=OTHER), part(said(), said()))
    return [*there, both, append(4, part(said(), stream=OTHER)), append(5)]


@pytest.fixture
async def eight(store: EventStore, log: UUID) -> UUID:
    """A log of eight events, six of them on ``STREAM`` and two on ``OTHER``."""
    await store.append_batch(log, _several())
    return log


@pytest.mark.parametrize(
    ("after", "limit", "positions"),
    [
        (0, 100, [1, 2, 3, 4, 5, 6, 7, 8]),
        (0, 3, [1, 2, 3]),
        (3, 2, [4, 5]),
        (7, 100, [8]),
        (8, 100, []),
        (99, 100, []),
    ],
)
async def test_read_log(
    store: EventStore, eight: UUID, after: int, limit: int, positions: list[int]
) -> None:
    """A page of the log begins right after the offset and has at most ``limit`` events."""
    events = await store.read_log(eight, after, limit)
    assert [event.position for event in events] == positions


@pytest.mark.parametrize(
    ("after", "limit", "versions"),
    [(0, 100, [1, 2, 3, 4, 5, 6]), (2, 2, [3, 4]), (6, 100, []), (99, 100, [])],
)
async def test_read_stream(
    store: EventStore, eight: UUID, after: int, limit: int, versions: list[int]
) -> None:
    """A page of a stream has that stream's events only, by version."""
    events = await store.read_stream(eight, STREAM, after, limit)
    assert [event.version for event in events] == versions
    assert {event.stream for event in events} <= {STREAM}


async def test_read_positions(store: EventStore, eight: UUID) -> None:
    """Single events come in the order asked, as a page of the log has them; there is no other."""
    whole = await store.read_log(eight, 0, 100)
    assert await store.read_positions(eight, [7, 2, 99, 3, 0]) == [whole[6], whole[1], whole[2]]
    assert await store.read_positions(eight, [9, 10]) == []
    assert await store.read_positions(eight, []) == []


async def test_an_absent_stream_is_empty(store: EventStore, eight: UUID) -> None:
    """A stream that nobody wrote to reads as no events."""
    assert await store.read_stream(eight, "conversation-absent", 0, 100) == []


async def test_hashes_are_all_different(store: EventStore, eight: UUID) -> None:
    """Equal events have different hashes, since each covers the one before."""
    events = await store.read_log(eight, 0, 100)
    assert len({event.hash for event in events} | {genesis(eight)}) == 9
    assert {len(event.hash) for event in events} == {32}


async def test_head_of_an_empty_log(store: EventStore, log: UUID) -> None:
    """Before its first event a log stands at 0, with the hash of its id."""
    assert await store.heads([log]) == [LogHead(log, "demo", 0, genesis(log))]


async def test_head_is_the_last_event(store: EventStore, eight: UUID) -> None:
    """The head has the position and the hash of the last event."""
    last = (await store.read_log(eight, 7, 1))[0]
    assert await store.heads([eight]) == [LogHead(eight, "demo", 8, last.hash)]


async def test_heads_of_all_logs(store: EventStore, eight: UUID) -> None:
    """Without a list all logs are named, each once; a log that is not there has no head."""
    await store.create_log(SECOND_LOG, "second")
    positions = {head.log: head.position for head in await store.heads()}
    assert positions == {eight: 8, SECOND_LOG: 0}
    assert await store.heads([uuid(99)]) == []


async def test_stream_heads_answer_in_the_order_asked(store: EventStore, eight: UUID) -> None:
    """Streams and the log itself, each with its last number and hash."""
    log_last = (await store.read_log(eight, 7, 1))[0]
    other_last = (await store.read_stream(eight, OTHER, 1, 1))[0]
    heads = await store.stream_heads(eight, [(OTHER, 0), (None, 0), (STREAM, 0)])
    assert [head.number for head in heads] == [2, 8, 6]
    assert [head.hash for head in heads[:2]] == [other_last.hash, log_last.hash]


async def test_stream_heads_give_the_hash_at_an_offset(store: EventStore, eight: UUID) -> None:
    """``asked`` is the hash of the event at the offset, and None before, beyond, and nowhere."""
    event = (await store.read_stream(eight, STREAM, 3, 1))[0]
    heads = await store.stream_heads(
        eight, [(STREAM, 4), (None, event.position), (STREAM, 0), (STREAM, 7), ("absent", 1)]
    )
    assert [head.asked for head in heads] == [event.hash, event.hash, None, None, None]


async def test_stream_head_of_what_is_empty(store: EventStore, eight: UUID) -> None:
    """An absent stream stands at 0."""
    (head,) = await store.stream_heads(eight, [("conversation-absent", 0)])
    assert (head.number, head.asked) == (0, None)


async def test_recheck_finds_the_first_answer(store: EventStore, eight: UUID) -> None:
    """A known command is found with its last event, and whether the content is the same."""
    last = (await store.read_log(eight, 5, 1))[0]
    found = await store.recheck(eight, VISITOR, uuid(3), b"content", [STREAM, "absent"])
    assert (found.last, found.same) == (last, True)
    assert found.versions == {STREAM: 6, "absent": 0}
    other = await store.recheck(eight, VISITOR, uuid(3), b"another", [])
    assert (other.last, other.same) == (last, False)


async def test_recheck_of_an_unknown_command(store: EventStore, eight: UUID) -> None:
    """Nothing is found for an id that is not in the log; the streams are answered all the same."""
    found = await store.recheck(eight, VISITOR, uuid(77), b"content", [OTHER])
    assert (found.last, found.versions) == (None, {OTHER: 2})


async def test_logs_are_apart(store: EventStore, log: UUID) -> None:
    """The same command, stream and subject in two logs are different things in every respect."""
    await store.create_log(SECOND_LOG, "second")
    (here,) = await store.append_batch(log, [append(1)])
    there = await store.append_batch(SECOND_LOG, [append(1), append(2)])
    assert [type(answer) for answer in there] == [Appended, Appended]
    first, second = events_of(here)[0], events_of(there[0])[0]
    assert (first.position, first.version) == (second.position, second.version) == (1, 1)
    assert first.id != second.id
    assert first.key_id != second.key_id
    assert first.hash != second.hash
    assert len(await store.read_stream(log, STREAM, 0, 100)) == 1


async def test_find_log(store: EventStore, log: UUID) -> None:
    """A log is found by its tenant's name, and nothing by another."""
    assert await store.find_log("demo") == log
    assert await store.find_log("nobody") is None


async def test_a_tenants_name_is_used_once(store: EventStore, log: UUID) -> None:
    """A second log of the same name is refused, and the first stays."""
    with pytest.raises(Refused) as refused:
        await store.create_log(SECOND_LOG, "demo")
    assert refused.value.code == "exists"
    assert await store.find_log("demo") == log


async def test_epoch_is_stable(store: EventStore, log: UUID) -> None:
    """The history has one name, which appends do not change."""
    before = await store.epoch()
    await store.append_batch(log, [append(1)])
    assert await store.epoch() == before != ""


async def test_pages_make_up_the_log(store: EventStore, eight: UUID) -> None:
    """Read page by page from each last position, the log comes whole, without hole or repeat."""
    seen: list[int] = []
    while page := await store.read_log(eight, seen[-1] if seen else 0, 3):
        seen += [event.position for event in page]
    assert all(later == earlier + 1 for earlier, later in pairwise(seen))
    assert len(seen) == 8


async def test_a_page_is_bounded_in_bytes(narrow_store: EventStore) -> None:
    """It may end early, which is not the log's end; an empty page is. A large event comes alone."""
    log = uuid(901)
    await narrow_store.create_log(log, "narrow")
    long = "".join(sha256(bytes((n,))).hexdigest() for n in range(16))  # does not compress much
    texts = ["short", long, *(["short"] * 20)]
    commands = [append(n, part(said(text))) for n, text in enumerate(texts)]
    await narrow_store.append_batch(log, commands)
    for read in (
        partial(narrow_store.read_log, log),
        partial(narrow_store.read_stream, log, STREAM),
    ):
        pages = await _pages(read)
        assert [event.data.body.text for page in pages for event in page] == texts
        assert 2 < len(pages) < len(texts)
        assert max(map(len, pages)) <= 5
        assert [len(page) for page in pages if any(e.position == 2 for e in page)] == [1]


async def test_single_events_are_bounded_in_bytes(narrow_store: EventStore) -> None:
    """What does not fit is left for the next page; a large event comes all the same, alone."""
    log = uuid(902)
    await narrow_store.create_log(log, "narrow")
    long = "".join(sha256(bytes((n,))).hexdigest() for n in range(16))
    await narrow_store.append_batch(
        log, [append(n, part(said(long if n == 3 else "short"))) for n in range(6)]
    )
    rest, pages = [6, 4, 2, 1], []
    while rest:
        pages.append([e.position for e in await narrow_store.read_positions(log, rest)])
        rest = rest[len(pages[-1]) :]
    assert [position for page in pages for position in page] == [6, 4, 2, 1]
    assert [page for page in pages if 4 in page] == [[4]]


async def _pages(
    read: Callable[[int, int], Awaitable[list[RecordedEvent]]],
) -> list[list[RecordedEvent]]:
    """All pages of at most five events, each from where the one before ended."""
    pages: list[list[RecordedEvent]] = []
    while page := await read(pages[-1][-1].position if pages else 0, 5):
        pages.append(page)
    return pages

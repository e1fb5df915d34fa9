"""Reading conversations for an export: all as of one position, in pages, however many there are.

The session views only say which conversations there are. What each was at the position is folded
from its events by the views' own ``evolve``, so that a log that grows meanwhile changes nothing.
The conversations come in the order of their ids, which never change.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.envelope import MARK_BYTES, RecordedEvent, StoredEvent, time_of
from domain.errors import Refused
from domain.ports import EventStore, Row
from projections.exports import records
from projections.exports.pieces import Piece, Wanted
from projections.exports.records import Chunk, Stand
from projections.ports import LabelCipher, ReadModels
from projections.projection import statement
from projections.sessions.among import CHECKPOINT
from projections.sessions.evolve import folded_over
from projections.sessions.projection import blind_tags
from projections.sessions.rows import SessionRow, Sessions

PAGE_IDS = 1_000
"""Conversations whose ids are looked through at a time: some milliseconds of the database."""

PAGE_EVENTS = 1_000
"""Events held at a time, those of one conversation that has more of them apart: it is read in
parts. About 10 ms of work, after which others have their turn."""

PAGE_BYTES = 1_048_576
"""Bytes of events held at a time, as stored; one event may exceed it."""

REBUILT = "The session views are being rebuilt; go on when they have caught up."
EMPTY = "The session views have not been made yet; they are by `parley serve`."


class _Found(Struct, frozen=True):
    """A conversation that may be wanted; ``version`` is how many events it has now."""

    id: str
    visitor: str
    version: int


class ConversationSource:
    """A :class:`~projections.exports.pieces.Source` over session views and log."""

    def __init__(self, models: ReadModels, cipher: LabelCipher, store: EventStore) -> None:
        self._models = models
        self._cipher = cipher
        self._store = store

    async def stand(self, log: UUID) -> Stand:
        (head,) = await self._store.heads([log])
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_sql("stand"), log, CHECKPOINT)
        if not rows:
            raise Refused("not_caught_up", EMPTY)
        position, mark, at = msgspec.convert(
            [rows[0][name] for name in ("position", "mark", "at")], tuple[int, bytes, int]
        )
        behind = max(0, head.position - position)
        return Stand(head.tenant, position, mark.hex(), time_of(at), behind)

    async def holds(self, log: UUID, stand: Stand) -> bool:
        (head,) = await self._store.stream_heads(log, [(None, stand.position)])
        return head.asked is not None and head.asked[:MARK_BYTES].hex() == stand.mark

    async def count(self, log: UUID, position: int, wanted: Wanted) -> int:
        arguments = await self._arguments(log, position, wanted)
        async with self._models.reading(log) as transaction:
            (row,) = await transaction.fetch(_wanted("count"), *arguments)
        return msgspec.convert(row["conversations"], int)

    async def departments(self, log: UUID) -> list[str]:
        """The departments that conversations have; none where there are no views yet."""
        async with self._models.reading(log) as transaction:
            if not await transaction.fetch(_sql("stand"), log, CHECKPOINT):
                return []
            rows = await transaction.fetch(_sql("departments"), log)
        return [str(row["department"]) for row in rows]

    async def pieces(
        self, log: UUID, position: int, wanted: Wanted, after: str = ""
    ) -> AsyncGenerator[Piece]:
        arguments = await self._arguments(log, position, wanted)
        while True:
            found, upto = await self._page(log, position, arguments, after)
            if upto is None:
                return
            async for piece in self._of_page(log, position, wanted, found):
                yield piece
            yield Piece((), upto)
            after = upto

    async def _arguments(self, log: UUID, position: int, wanted: Wanted) -> tuple[object, ...]:
        """The arguments $1 to $8, as ``wanted.sql`` has them."""
        tag = None
        if wanted.tag is not None:
            (tag,) = await blind_tags(self._cipher, log, [wanted.tag])
        return (
            *(log, CHECKPOINT, position, wanted.since, wanted.until),
            *(wanted.status, wanted.department, tag),
        )

    async def _page(
        self, log: UUID, position: int, arguments: tuple[object, ...], after: str
    ) -> tuple[list[_Found], str | None]:
        """Those of the next ids that may be wanted, and the last id that was looked at."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_wanted("page"), *arguments, after, PAGE_IDS)
        if msgspec.convert(rows[0]["as_of"], int) < position:
            raise Refused("not_caught_up", REBUILT)
        found = [_found(row) for row in rows if row["id"] is not None]
        return found, msgspec.convert(rows[0]["upto"], str | None)

    async def _of_page(
        self, log: UUID, position: int, wanted: Wanted, found: Sequence[_Found]
    ) -> AsyncGenerator[Piece]:
        left = list(found)
        while left:
            few = _few(left)
            events = await self._events(log, position, few) if few else {}
            whole = [each for each in few if each.id in events]
            if whole:
                yield _piece(whole, events, wanted)
                left = left[len(whole) :]
                continue
            async for piece in self._long(log, position, wanted, left[0]):
                yield piece
            left = left[1:]

    async def _events(
        self, log: UUID, position: int, few: Sequence[_Found]
    ) -> dict[str, list[RecordedEvent]]:
        """The events of conversations, and by which their visitors got their names, in order.

        Of those that are too much together the last are left out.
        """
        names = [streams.conversation(each.id) for each in few]
        visitors = sorted({each.visitor for each in few})
        async with self._models.reading(log) as transaction:
            own = await transaction.fetch(_sql("events"), log, names, position, PAGE_BYTES)
            theirs = await transaction.fetch(_sql("identified"), log, visitors, position)
        stored = [_stored(row) for row in own]
        events = await self._store.open(log, [*stored, *map(_stored, theirs)])
        by_stream: dict[str, list[RecordedEvent]] = {}
        for event in events:
            by_stream.setdefault(event.stream, []).append(event)
        cut = sum(len(event.data) for event in stored) >= PAGE_BYTES
        through = few if not cut else few[: names.index(stored[-1].stream)]
        return {
            each.id: [
                *by_stream.get(streams.visitor(each.visitor), ()),
                *by_stream.get(streams.conversation(each.id), ()),
            ]
            for each in through
        }

    async def _long(
        self, log: UUID, position: int, wanted: Wanted, found: _Found
    ) -> AsyncGenerator[Piece]:
        """One that is too long to be held: read once to fold it, once for each part."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_sql("identified"), log, [found.visitor], position)
        folded, first = Sessions(), None
        folded = folded_over(folded, await self._store.open(log, [_stored(row) for row in rows]))
        async for page in self._stream(log, position, found.id):
            folded = folded_over(folded, page)
            first = first or page[0]
        row = folded.rows.get(found.id)
        if first is None or row is None or not _is_wanted(row, wanted):
            yield Piece((), found.id, unreadable=int(first is not None and row is None))
            return
        yield Piece([Chunk(records.conversation(row, first), ends=False)], None)
        async for page in self._stream(log, position, found.id):
            yield Piece([Chunk(None, records.messages(page), ends=False)], None)
        async for page in self._stream(log, position, found.id):
            yield Piece([Chunk(None, (), records.others(page), ends=False)], None)
        yield Piece([Chunk(None)], found.id)

    async def _stream(
        self, log: UUID, position: int, conversation: str
    ) -> AsyncGenerator[list[RecordedEvent]]:
        """A conversation's events up to a position, a page at a time."""
        stream, after = streams.conversation(conversation), 0
        while page := await self._store.read_stream(log, stream, after, PAGE_EVENTS):
            after = page[-1].version
            within = [event for event in page if event.position <= position]
            if within:
                yield within
            if len(within) < len(page):
                return


def _few(found: Sequence[_Found]) -> list[_Found]:
    """The first of them, as many as may be held together; none where the first is too long."""
    few: list[_Found] = []
    events = 0
    for each in found:
        events += each.version
        if events > PAGE_EVENTS:
            break
        few.append(each)
    return few


def _piece(
    found: Sequence[_Found], events: dict[str, list[RecordedEvent]], wanted: Wanted
) -> Piece:
    """Whole conversations, those that are wanted."""
    every = {event.id: event for each in found for event in events[each.id]}
    folded = folded_over(Sessions(), sorted(every.values(), key=lambda event: event.position))
    chunks: list[Chunk] = []
    unreadable = 0
    for each in found:
        stream = streams.conversation(each.id)
        own = [event for event in events[each.id] if event.stream == stream]
        row = folded.rows.get(each.id)
        if row is None:
            unreadable += bool(own)  # without events it began later
        elif _is_wanted(row, wanted):
            chunks.append(_chunk(row, own))
    return Piece(chunks, found[-1].id, unreadable)


def _chunk(row: SessionRow, events: Sequence[RecordedEvent]) -> Chunk:
    return Chunk(
        records.conversation(row, events[0]), records.messages(events), records.others(events)
    )


def _is_wanted(row: SessionRow, wanted: Wanted) -> bool:
    """What the views could only guess: whether it was so at the position."""
    return (
        (wanted.status is None or row.status == wanted.status)
        and (wanted.department is None or row.department == wanted.department)
        and (wanted.tag is None or wanted.tag in row.label.tags)
    )


def _found(row: Row) -> _Found:
    return msgspec.convert({name: row[name] for name in ("id", "visitor", "version")}, _Found)


def _stored(row: Row) -> StoredEvent:
    columns: Any = row
    return StoredEvent(*columns)


def _sql(name: str) -> str:
    return statement("projections.exports", name)


def _wanted(name: str) -> str:
    return _sql(name).replace("{wanted}", _sql("wanted"))

"""The index's way between what a page came to and its tables: digests, rows, what goes.

A page that is read live adds one row. When the log has grown out of a window, the rows of that
window are read once, turned round and written as postings. Whatever rows are read or made here,
``layout`` knows their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Clock, Row, Table, Transaction
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement
from projections.search import evolve, layout
from projections.search.evolve import Indexing, Said

_T = TypeVar("_T")

NAME = "search"
VERSION = 1

RECENT = Table("search_recent_1", ("tenant", "position", "messages"), ("tenant", "position"))
POSTING = Table(
    "search_posting_1",
    ("tenant", "log_window", "bucket", "postings"),
    ("tenant", "log_window", "bucket"),
)

Key = tuple[int, int]
"""Of a row of postings: window and bucket."""

ROW_BYTES = 256 * 1024
"""Of a row of recent messages: searches read a few such rows at a time."""

_MESSAGES_AT_ONCE = 500
_ROWS_AT_ONCE = 32
"""So many are worked on before others have their turn: some five milliseconds."""

Messages = dict[int, bytes]
"""By position, the digests of what each message holds, one after the other."""


class _Stored(Struct, frozen=True):
    """What a page changes of what there is.

    ``recent``: the rows of the newest window, by their position; ``gone``: where those spoke who
    are erased.
    """

    recent: dict[int, Messages] = {}
    gone: frozenset[int] = frozenset()


class _Changed(Struct, frozen=True):
    """Rows of recent messages to put, those that are old, and messages that are to be turned round.

    The last are those of windows that the log has left.
    """

    recent: dict[int, bytes]
    old: list[int]
    full: Messages


class SearchProjection:
    """The projection ``search``; a :class:`~projections.projection.Projection`."""

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (RECENT.name, POSTING.name)
    cost = 6

    def __init__(self, models: ReadModels, cipher: LabelCipher, clock: Clock) -> None:
        self._models = models
        self._cipher = cipher
        self._clock = clock

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self,
        log: UUID,
        events: Sequence[RecordedEvent],  # noqa: ARG002  # what they touch, the change reads
        kept: Indexing | None = None,
    ) -> Indexing:
        if kept is not None:
            return Indexing(kept.window)
        async with self._models.reading(log) as transaction:
            (row,) = await transaction.fetch(sql("newest"), log)
        newest = msgspec.convert(row["position"], int | None)
        return Indexing(None if newest is None else layout.window_of(newest))

    def evolve(self, rows: Indexing, events: Sequence[RecordedEvent]) -> Indexing:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Indexing, after: Indexing) -> Write:
        fresh = await self._blind(log, after.said)
        left = before.window is not None and before.window != after.window
        stored = await self._stored(log, after.erased) if left or after.erased else _Stored()
        changed = _changed(stored, fresh, after.window or 0, left=left)
        postings = await self._turned(changed.full)
        recent = [(log, *row) for row in changed.recent.items()]
        filled = [(log, *key, row) for key, row in sorted(postings.items())]

        async def write(transaction: Transaction) -> None:
            if changed.old:
                await transaction.execute(sql("forget_recent"), log, changed.old)
            for window, offsets in sorted(_by_window(stored.gone).items()):
                await self._forget(transaction, log, window, offsets)
            await transaction.put(RECENT, recent)
            await transaction.put(POSTING, filled)

        return write

    async def _forget(
        self, transaction: Transaction, log: UUID, window: int, gone: set[int]
    ) -> None:
        """Take messages out of a window's postings: never more than one window is in memory."""
        rows = await transaction.fetch(sql("window"), log, window)
        found = _as(list[tuple[int, int, bytes]], rows, POSTING)
        left = [each for each in await self._eased(_without(found, gone)) if each is not None]
        emptied = [bucket for _, bucket, row in left if not row]
        if emptied:
            await transaction.execute(sql("forget_postings"), log, window, emptied)
        await transaction.put(POSTING, [(log, *each) for each in left if each[2]])

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute(sql("clear"), log)

    async def _blind(self, log: UUID, said: Mapping[int, Said]) -> Messages:
        """What was said, each term as its digest."""
        terms = list({term for each in said.values() for term in each.terms})
        found = dict(zip(terms, await blind(self._cipher, log, terms), strict=True))
        return {at: b"".join(map(found.__getitem__, each.terms)) for at, each in said.items()}

    async def _turned(self, full: Messages) -> dict[Key, bytes]:
        """The rows of windows that are full."""
        rows: layout.Rows = {}
        ordered = sorted(full.items())
        for start in range(0, len(ordered), _MESSAGES_AT_ONCE):
            layout.turn_round(dict(ordered[start : start + _MESSAGES_AT_ONCE]), rows)
            await self._clock.sleep(0)
        return dict(await self._eased((key, layout.row_of(row)) for key, row in rows.items()))

    async def _eased(self, rows: Iterable[_T]) -> list[_T]:
        """Rows that take work, a few at a time: whoever chats in this process goes first."""
        done: list[_T] = []
        for number, row in enumerate(rows, 1):
            done.append(row)
            if not number % _ROWS_AT_ONCE:
                await self._clock.sleep(0)
        return done

    async def _stored(self, log: UUID, erased: Iterable[str]) -> _Stored:
        """What this page may change of what there is."""
        named = [streams.conversation(conversation) for conversation in sorted(erased)]
        async with self._models.reading(log) as transaction:
            recent = _as(
                list[tuple[int, bytes]], await transaction.fetch(sql("recent"), log), RECENT
            )
            spoken = await transaction.fetch(sql("said"), log, named, evolve.SEARCHED)
        gone = frozenset(msgspec.convert([row["position"] for row in spoken], list[int]))
        return _Stored({at: dict(layout.messages_in(raw)) for at, raw in recent}, gone)


def _as(form: type[_T], rows: Sequence[Row], table: Table) -> _T:
    """Rows of a table, but for whose they are, as tuples."""
    columns = table.columns[1:]
    return msgspec.convert([[row[name] for name in columns] for row in rows], form)


async def blind(cipher: LabelCipher, log: UUID, terms: Sequence[str]) -> list[bytes]:
    """The digests that stand for terms in the index."""
    digests = await cipher.digests(log, "rm.search_posting.term", terms)
    return list(map(layout.shortened, digests))


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.search", name)


def _changed(stored: _Stored, fresh: Messages, window: int, *, left: bool) -> _Changed:
    """What becomes of the rows when these messages come and the log is in this window.

    ``left``: it has left the window that the recent rows are of.
    """
    full, recent = _parted(fresh, window)
    rows = _rows_of(recent)
    old: list[int] = []
    for at, messages in stored.recent.items():
        kept = {position: m for position, m in messages.items() if position not in stored.gone}
        if left:
            full |= kept
        elif kept:
            rows |= {at: layout.recent_of(kept)} if len(kept) < len(messages) else {}
            continue
        old.append(at)
    return _Changed(rows, old, full)


def _rows_of(recent: Messages) -> dict[int, bytes]:
    """Messages as rows, by the first position of each."""
    rows: list[Messages] = []
    size = ROW_BYTES
    for position, digests in sorted(recent.items()):
        if size >= ROW_BYTES:
            rows.append({})
            size = 0
        rows[-1][position] = digests
        size += len(digests)
    return {min(row): layout.recent_of(row) for row in rows}


def _parted(messages: Messages, window: int) -> tuple[Messages, Messages]:
    """The messages before a window, and those in it."""
    full = {at: each for at, each in messages.items() if layout.window_of(at) < window}
    return full, {at: each for at, each in messages.items() if at not in full}


def _by_window(gone: Iterable[int]) -> dict[int, set[int]]:
    """Positions as offsets in their windows."""
    windows: dict[int, set[int]] = {}
    for position in gone:
        window, offset = divmod(position, layout.WINDOW)
        windows.setdefault(window, set()).add(offset)
    return windows


def _without(
    rows: Iterable[tuple[int, int, bytes]], gone: set[int]
) -> Iterator[tuple[int, int, bytes] | None]:
    """Each row as it is without these offsets, empty where nothing is left; None: it had none."""
    for window, bucket, row in rows:
        postings = layout.postings_in(row)
        left = layout.without(postings, gone)
        changed = (window, bucket, layout.row_of(left) if left else b"")
        yield None if left == postings else changed

"""Reading session views: lists in pages, and one by one, each with the position that it reflects.

A list is tailed from its first page's ``as_of``: every event after that position, less those that
an item's ``version`` covers, brings the list up to date. Since a conversation moves to the front
while somebody turns pages, a list that is turned through ends with those that changed meanwhile;
an item may so come twice, and the later one is the newer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec.structs import replace

from domain.access import Rights
from domain.ports import Clock, Row, Transaction
from projections import standing
from projections.ports import LabelCipher, ReadModels
from projections.sessions.among import CHECKPOINT
from projections.sessions.cursor import Cursor
from projections.sessions.evolve import erased
from projections.sessions.items import SessionItem, SessionPage, fits, item
from projections.sessions.projection import blind_tags, label_codec, read_rows, sql
from projections.values import check
from projections.waiting import Waiting

PAGE_ITEMS = 200
"""Items of a page at most."""

SEARCHED_ROWS = 2_000
"""Rows that one search decrypts at most; the answer says where it stopped."""

_CHUNK_ROWS = 100
"""Rows decrypted at a time, so that a search that finds early ends early."""


class Filters(Protocol):
    """What a list is limited to; None is no limit.

    ``assignee`` "none": nobody serves it. ``waiting``: it is open and nobody serves it; ``missed``:
    nobody has answered in time. ``q``: part of the visitor's name, of a tag or of the
    last message's beginning, in any case.
    """

    @property
    def status(self) -> str | None: ...

    @property
    def assignee(self) -> str | None: ...

    @property
    def department(self) -> str | None: ...

    @property
    def tag(self) -> str | None: ...

    @property
    def q(self) -> str | None: ...

    @property
    def visitor(self) -> str | None: ...

    @property
    def waiting(self) -> bool | None: ...

    @property
    def missed(self) -> bool | None: ...


class SessionReader:
    """Session views for requests."""

    def __init__(self, models: ReadModels, cipher: LabelCipher, clock: Clock) -> None:
        self._models = models
        self._cipher = cipher
        self._labels = label_codec(cipher)
        self.wait_for = Waiting(models, clock, CHECKPOINT).wait_for

    async def page(
        self,
        log: UUID,
        filters: Filters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> SessionPage:
        """What these rights may read (None: everything), the last active first.

        Raises Refused for a cursor or a filter that cannot be one, and StoreUnavailable.
        """
        limit = max(1, min(limit, PAGE_ITEMS))
        place = None if cursor is None else Cursor.of(cursor)
        wanted = SEARCHED_ROWS if filters.q else limit
        arguments = await self._arguments(log, filters, rights)
        async with self._models.reading(log) as transaction:
            rows = await _fetch(transaction, arguments, place, wanted + 1)
        found = rows if rows[0]["id"] is not None else []
        items, seen = await self._search(log, found[:wanted], filters.q, limit)
        as_of, mark = standing.as_of(log, rows[0])
        more = len(found) > seen
        return SessionPage(
            as_of=as_of,
            mark=mark,
            items=items,
            next=_next(found[seen - 1] if seen else None, place, as_of, more=more),
            complete=not (more and len(items) < limit),
        )

    async def one(self, log: UUID, conversation: str) -> SessionPage | None:
        """One conversation's view; None where there is none. Who may read it, the caller checks."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("one"), log, CHECKPOINT, conversation)
        if rows[0]["id"] is None:
            return None
        as_of, mark = standing.as_of(log, rows[0])
        return SessionPage(as_of, mark, await self._items(log, rows), None)

    async def _arguments(
        self, log: UUID, filters: Filters, rights: Rights | None
    ) -> tuple[object, ...]:
        """The arguments $1 to $11, as ``filters.sql`` has them."""
        placed = (filters.status, filters.assignee, filters.department)
        check((*placed, filters.tag, filters.visitor))
        tag = None
        if filters.tag is not None:
            (tag,) = await blind_tags(self._cipher, log, [filters.tag])
        limited = rights is not None and not rights.unlimited
        return (
            log,
            CHECKPOINT,
            filters.status,
            filters.assignee,
            filters.department,
            tag,
            rights.agent if rights is not None and limited else None,
            sorted(rights.departments) if rights is not None and limited else [],
            filters.visitor,
            filters.waiting,
            filters.missed,
        )

    async def _search(
        self, log: UUID, rows: Sequence[Row], q: str | None, limit: int
    ) -> tuple[list[SessionItem], int]:
        """The first items that fit, and how many rows were looked at for them."""
        items: list[SessionItem] = []
        for start in range(0, len(rows), _CHUNK_ROWS):
            chunk = await self._items(log, rows[start : start + _CHUNK_ROWS])
            for n, each in enumerate(chunk, start + 1):
                if q is None or fits(each, q.casefold()):
                    items.append(each)
                if len(items) == limit:
                    return items, n
        return items, len(rows)

    async def _items(self, log: UUID, rows: Sequence[Row]) -> list[SessionItem]:
        """The views as shown; one whose label cannot be read any more is of somebody erased."""
        return [
            item(erased(row) if label is None else replace(row, label=label))
            for row, label in await read_rows(self._labels, log, rows)
        ]


async def _fetch(
    transaction: Transaction, arguments: tuple[object, ...], place: Cursor | None, limit: int
) -> Sequence[Row]:
    """One row at least: what is missing in it is None."""
    # A plan for the filters that are given, and not for all that could be: so each has its index.
    await transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    if place is not None and place.position is not None:
        return await transaction.fetch(_filtered("changed"), *arguments, place.position, limit)
    last_at, name = (None, None) if place is None else (place.last_at, place.id)
    return await transaction.fetch(_filtered("page"), *arguments, last_at, name, limit)


def _filtered(name: str) -> str:
    return sql(name).replace("{filters}", sql("filters"))


def _next(last: Row | None, place: Cursor | None, as_of: int, *, more: bool) -> str | None:
    """The cursor after the row that was looked at last."""
    first = as_of if place is None else place.as_of
    if more:
        columns: Any = last
        if place is not None and place.position is not None:
            return Cursor(first, position=columns["position"]).text()
        return Cursor(first, columns["last_at"], columns["id"]).text()
    gone_through = place is not None and place.position is None
    return Cursor(first, position=first).text() if gone_through and as_of > first else None

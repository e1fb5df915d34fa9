"""The visitors who are on the site now: found among those who are present, the last come first.

Who is present is asked elsewhere and comes in as ids. A visitor is listed once the view has it;
what is personal is decrypted of those only who are shown, unless it is searched in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Rights
from domain.errors import Refused
from domain.ports import Row
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified
from projections.sessions.among import SessionsAmong, Talk
from projections.sessions.cursor import Cursor
from projections.standing import as_of
from projections.visitors.projection import (
    NAME,
    VERSION,
    label_codec,
    read_pages,
    read_rows,
    sql,
    view_codec,
)
from projections.visitors.rows import PageRow, VisitorRow
from projections.visitors.wanted import Sought, Wanted

_CHUNK_ROWS = 250
"""Visitors decrypted at a time, so that a search that finds early ends early."""

_Place = tuple[datetime, str]
"""Where somebody stands in the list: when the visit began, and who it is."""


class Present(Struct, frozen=True):
    """A visitor who is there: its profile, the page that it sees, and its last conversation."""

    row: VisitorRow
    page: PageRow | None
    talk: Talk | None


class PresentPage(Struct, frozen=True):
    """A part of those who are there, as of one position. ``present``: how many all are."""

    as_of: int
    mark: str
    items: list[Present]
    next: str | None
    present: int


class PresentReader:
    """Finds the visitors who are there."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)
        self._views = view_codec(cipher)
        self._talks = SessionsAmong(models, cipher)

    async def page(  # noqa: PLR0913, PLR0917  # what a search consists of
        self,
        log: UUID,
        there: Collection[str],
        sought: Sought,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> PresentPage:
        """Those of ``there`` whom these rights (None: all) may know and who fit.

        Raises Refused for a cursor that is none, and StoreUnavailable.
        """
        place = None if cursor is None else Cursor.of(cursor)
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(
                sql("there"), log, identified(NAME, VERSION), sorted(there)
            )
        known = await self._known(log, [_place(row) for row in rows if row["id"]], rights)
        begun = known if place is None else [each for each in known if each < _last(place)]
        items, seen = await self._search(log, begun, Wanted(sought), max(1, limit))
        at, mark = as_of(log, rows[0])
        following = _cursor(at, begun[seen - 1]) if 0 < seen < len(begun) else None
        return PresentPage(at, mark, items, following, len(known))

    async def _known(self, log: UUID, there: list[_Place], rights: Rights | None) -> list[_Place]:
        """Those whom these rights may know."""
        if rights is None or rights.unlimited:
            return there
        talks = await self._talks.last_of(log, [visitor for _, visitor in there])
        access = {visitor: talk.access for visitor, talk in talks.items()}
        return [each for each in there if rights.may_know(access.get(each[1]))]

    async def _search(
        self, log: UUID, there: list[_Place], wanted: Wanted, limit: int
    ) -> tuple[list[Present], int]:
        """The first that fit, and how many were looked at for them."""
        items: list[Present] = []
        step = _CHUNK_ROWS if wanted.anything else limit
        for start in range(0, len(there), step):
            chunk = await self._opened(log, [visitor for _, visitor in there[start : start + step]])
            for n, each in enumerate(chunk, start + 1):
                if wanted.fits(each.row.label, each.page):
                    items.append(each)
                if len(items) == limit:
                    return items, n
        return items, len(there)

    async def _opened(self, log: UUID, visitors: Sequence[str]) -> list[Present]:
        """These visitors, in this order; their talks are read beside, and may be newer.

        One whose row is being folded anew just then is left out.
        """
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("among"), log, visitors)
        talks = await self._talks.last_of(log, visitors)
        named = [(str(row["id"]), row) for row in rows]
        pages = {page.visitor: page for page in await read_pages(self._views, log, named)}
        found = {
            row.id: Present(row, pages.get(row.id), talks.get(row.id))
            for row in await read_rows(self._labels, log, rows)
        }
        return [found[visitor] for visitor in visitors if visitor in found]


def _place(row: Row) -> _Place:
    place: _Place = msgspec.convert((row["since"], row["id"]), _Place)
    return place


def _last(place: Cursor) -> _Place:
    if place.last_at is None:
        raise Refused("bad_request", "This cursor is not one of ours.")
    return place.last_at, place.id


def _cursor(at: int, place: _Place) -> str:
    since, visitor = place
    return Cursor(at, since, visitor).text()

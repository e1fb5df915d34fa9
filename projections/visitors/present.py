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
                sql("among"), log, identified(NAME, VERSION), sorted(there)
            )
        talks = await self._talks.last_of(log, there)
        known = [row for row in rows if row["id"] is not None and _may_know(rights, row, talks)]
        known.sort(key=_place, reverse=True)
        begun = known if place is None else [row for row in known if _place(row) < _last(place)]
        items, seen = await self._search(log, begun, talks, Wanted(sought), max(1, limit))
        at, mark = as_of(log, rows[0])
        following = _cursor(at, begun[seen - 1]) if 0 < seen < len(begun) else None
        return PresentPage(at, mark, items, following, len(known))

    async def _search(
        self, log: UUID, rows: list[Row], talks: dict[str, Talk], wanted: Wanted, limit: int
    ) -> tuple[list[Present], int]:
        """The first that fit, and how many were looked at for them."""
        items: list[Present] = []
        step = _CHUNK_ROWS if wanted.anything else limit
        for start in range(0, len(rows), step):
            chunk = await self._opened(log, rows[start : start + step], talks)
            for n, each in enumerate(chunk, start + 1):
                if wanted.fits(each.row.label, each.page):
                    items.append(each)
                if len(items) == limit:
                    return items, n
        return items, len(rows)

    async def _opened(
        self, log: UUID, rows: Sequence[Row], talks: dict[str, Talk]
    ) -> list[Present]:
        named = [(str(row["id"]), row) for row in rows]
        pages = {page.visitor: page for page in await read_pages(self._views, log, named)}
        return [
            Present(row, pages.get(row.id), talks.get(row.id))
            for row in await read_rows(self._labels, log, rows)
        ]


def _may_know(rights: Rights | None, row: Row, talks: dict[str, Talk]) -> bool:
    talk = talks.get(str(row["id"]))
    return rights is None or rights.may_know(None if talk is None else talk.access)


def _place(row: Row) -> tuple[datetime, str]:
    """Where somebody stands in the list: by when the visit began."""
    at = msgspec.convert(row["visit_at"] or row["last_at"], datetime)
    return at, str(row["id"])


def _last(place: Cursor) -> tuple[datetime, str]:
    assert place.last_at is not None
    return place.last_at, place.id


def _cursor(at: int, row: Row) -> str:
    since, visitor = _place(row)
    return Cursor(at, since, visitor).text()

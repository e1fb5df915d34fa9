"""Reading visitors: a profile, and the pages that one saw, the last first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from domain.ports import Row
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified
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

_CHECKPOINT = identified(NAME, VERSION)

PAGE_PAGES = 200
"""Pages seen that one answer has at most."""


class Profile(Struct, frozen=True):
    """A visitor and the page that it saw last, as of one position."""

    as_of: int
    mark: str
    row: VisitorRow
    last: PageRow | None


class Path(Struct, frozen=True):
    """A part of the pages that a visitor saw. ``next`` is the place before which the rest lies."""

    as_of: int
    mark: str
    items: list[PageRow]
    next: int | None


class VisitorReader:
    """Visitors for requests. Who may see one, the caller checks."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)
        self._views = view_codec(cipher)

    async def one(self, log: UUID, visitor: str) -> Profile | None:
        """A visitor's profile; None where the view has none. Raises StoreUnavailable."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("one"), log, _CHECKPOINT, visitor)
        if rows[0]["id"] is None:
            return None
        (row,) = await read_rows(self._labels, log, rows)
        last = await self._pages(log, visitor, rows)
        return Profile(*as_of(log, rows[0]), row, last[0] if last else None)

    async def path(self, log: UUID, visitor: str, limit: int, before: int | None = None) -> Path:
        """The pages that a visitor saw last before a position (None: of all)."""
        limit = max(1, min(limit, PAGE_PAGES))
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(
                sql("pages"), log, _CHECKPOINT, visitor, before, limit + 1
            )
        found = await self._pages(log, visitor, rows)
        more = len(found) > limit
        return Path(
            *as_of(log, rows[0]), found[:limit], found[limit - 1].position if more else None
        )

    async def _pages(self, log: UUID, visitor: str, rows: Sequence[Row]) -> list[PageRow]:
        return await read_pages(self._views, log, [(visitor, row) for row in rows])

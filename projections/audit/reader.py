"""Reading the audit: pages of lines, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.ports import Row
from projections.audit.evolve import AuditRow
from projections.audit.projection import NAME, VERSION, label_codec, sql
from projections.audit.shown import Kind
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified
from projections.standing import as_of

_CHECKPOINT = identified(NAME, VERSION)

PAGE_LINES = 1_000
"""Lines of a page at most: each is decrypted."""


class AuditFilters(Protocol):
    """What is asked for; None is no limit.

    ``actor``: who did it, or the agent as whom it was done or tried. ``since`` belongs to it,
    ``until`` does not.
    """

    @property
    def kind(self) -> Kind | None: ...

    @property
    def actor(self) -> str | None: ...

    @property
    def since(self) -> datetime | None: ...

    @property
    def until(self) -> datetime | None: ...


class Sought(Struct, frozen=True):
    """What is asked for; see :class:`AuditFilters`."""

    kind: Kind | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditPage(Struct, frozen=True):
    """A part of the audit. ``next`` is the position before which the part after it lies."""

    as_of: int
    mark: str
    items: list[AuditRow]
    next: int | None


class AuditReader:
    """The audit for requests. Who may read it, the caller checks."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)

    async def page(
        self, log: UUID, filters: AuditFilters, limit: int, before: int | None = None
    ) -> AuditPage:
        """The newest lines before a position (None: of all). Raises StoreUnavailable."""
        limit = max(1, min(limit, PAGE_LINES))
        async with self._models.reading(log) as transaction:
            # A plan for the filters that are given, and not for all that could be.
            await transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            rows = await transaction.fetch(
                sql("page"),
                log,
                _CHECKPOINT,
                filters.kind,
                filters.actor,
                filters.since,
                filters.until,
                before,
                limit + 1,
            )
        position, mark = as_of(log, rows[0])
        found = rows if rows[0]["position"] is not None else []
        lines = await self._lines(log, found[:limit])
        return AuditPage(position, mark, lines, lines[-1].position if len(found) > limit else None)

    async def _lines(self, log: UUID, rows: Sequence[Row]) -> list[AuditRow]:
        lines = [_line(row) for row in rows]
        stored = [
            (line.subject, msgspec.convert(row["label"], bytes | None))
            for line, row in zip(lines, rows, strict=True)
        ]
        labels = await self._labels.decrypt(log, stored)
        return [replace(line, label=label) for line, label in zip(lines, labels, strict=True)]


def _line(row: Row) -> AuditRow:
    names = (name for name in AuditRow.__struct_fields__ if name != "label")
    return msgspec.convert({**{name: row[name] for name in names}, "label": None}, AuditRow)

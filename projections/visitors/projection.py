"""The visitors' way between rows in memory and tables: their SQL, their encryption."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Row, Table, Transaction
from projections.labels import LabelCodec
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement
from projections.visitors import evolve
from projections.visitors.rows import EMPTY, Label, PageRow, View, VisitorRow, Visitors

NAME = "visitors"
VERSION = 2

_CLEAR = tuple(name for name in VisitorRow.__struct_fields__ if name != "label")

VISITOR = Table("visitor_2", ("tenant", *_CLEAR), ("tenant", "id"))
LABEL = Table("visitor_label_2", ("tenant", "id", "label"), ("tenant", "id"))
PAGE = Table(
    "visitor_page_2",
    ("tenant", "visitor", "position", "at", "visit", "label"),
    ("tenant", "visitor", "position"),
)


class VisitorViewsProjection:
    """The projection ``visitors``; a :class:`~projections.projection.Projection`."""

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (VISITOR.name, LABEL.name, PAGE.name)
    cost = 3

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)
        self._views = view_codec(cipher)

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Visitors | None = None
    ) -> Visitors:
        named = {name for name in map(evolve.visitor_of, events) if name is not None}
        known = {} if kept is None else {n: kept.rows[n] for n in named if n in kept.rows}
        missing = sorted(named - known.keys())
        if not missing:
            return Visitors(known)
        async with self._models.reading(log) as transaction:
            stored = await transaction.fetch(sql("load"), log, missing)
        return Visitors(known | {row.id: row for row in await read_rows(self._labels, log, stored)})

    def evolve(self, rows: Visitors, events: Sequence[RecordedEvent]) -> Visitors:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Visitors, after: Visitors) -> Write:
        changed = [row for name, row in after.rows.items() if before.rows.get(name) != row]
        rows = [(log, *(getattr(row, name) for name in _CLEAR)) for row in changed]
        labels = await self._stored_labels(
            log,
            [row for row in changed if row.label != before.rows.get(row.id, row).label]
            + [row for row in changed if row.id not in before.rows],
        )
        pages = await self._stored_pages(log, after.added)
        erased = sorted(after.erased)

        async def write(transaction: Transaction) -> None:
            await transaction.put(VISITOR, rows)
            await transaction.put(LABEL, labels)
            await transaction.put(PAGE, pages)
            if erased:
                await transaction.execute(sql("forget"), log, erased)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute(sql("clear"), log)

    async def _stored_labels(
        self, log: UUID, rows: Sequence[VisitorRow]
    ) -> list[tuple[object, ...]]:
        known = [(row.id, row.label) for row in rows if row.label != EMPTY]
        encrypted = await self._labels.encrypt(
            log, [(streams.visitor(visitor), label) for visitor, label in known]
        )
        return [
            (log, visitor, label)
            for (visitor, _), label in zip(known, encrypted, strict=True)
            if label is not None
        ]

    async def _stored_pages(self, log: UUID, pages: Sequence[PageRow]) -> list[tuple[object, ...]]:
        known = [(page, page.view) for page in pages if page.view is not None]
        encrypted = await self._views.encrypt(
            log, [(streams.visitor(page.visitor), view) for page, view in known]
        )
        labels = dict(zip((page.position for page, _ in known), encrypted, strict=True))
        return [
            (log, page.visitor, page.position, page.at, page.visit, labels.get(page.position))
            for page in pages
        ]


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.visitors", name)


def label_codec(cipher: LabelCipher) -> LabelCodec[Label]:
    """How profiles' labels are stored."""
    return LabelCodec(cipher, "rm.visitor.label", Label)


def view_codec(cipher: LabelCipher) -> LabelCodec[View]:
    """How labels of pages are stored."""
    return LabelCodec(cipher, "rm.visitor_page.label", View)


async def read_rows(
    labels: LabelCodec[Label], log: UUID, stored: Sequence[Row]
) -> list[VisitorRow]:
    """Rows as stored, each with its label; empty where there is none or it cannot be read."""
    encrypted = [
        (streams.visitor(str(row["id"])), msgspec.convert(row["label"], bytes | None))
        for row in stored
    ]
    opened = await labels.decrypt(log, encrypted)
    rows = [msgspec.convert({name: row[name] for name in _CLEAR}, VisitorRow) for row in stored]
    return [replace(row, label=label or EMPTY) for row, label in zip(rows, opened, strict=True)]


async def read_pages(
    views: LabelCodec[View], log: UUID, rows: Sequence[tuple[str, Row]]
) -> list[PageRow]:
    """The pages in rows, each with its visitor; where a row has none, it is left out."""
    stored = [(visitor, row) for visitor, row in rows if row["page_position"] is not None]
    labels = [
        (streams.visitor(visitor), msgspec.convert(row["page_label"], bytes | None))
        for visitor, row in stored
    ]
    opened = await views.decrypt(log, labels)
    return [
        msgspec.convert(
            {
                "visitor": visitor,
                "position": row["page_position"],
                "at": row["page_at"],
                "visit": row["page_visit"],
                "view": view,
            },
            PageRow,
        )
        for (visitor, row), view in zip(stored, opened, strict=True)
    ]

"""The audit's way between events and its table."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.envelope import RecordedEvent
from domain.ports import Table, Transaction
from projections.audit import evolve
from projections.audit.evolve import AuditRow, Label, Lines
from projections.labels import LabelCodec
from projections.ports import LabelCipher
from projections.projection import Write, statement

NAME = "audit"
VERSION = 1

_CLEAR = tuple(name for name in AuditRow.__struct_fields__ if name != "label")

AUDIT = Table("audit_1", ("tenant", *_CLEAR, "label"), ("tenant", "position"))


class AuditProjection:
    """The projection ``audit``; a :class:`~projections.projection.Projection`.

    Lines are only ever added, so nothing is loaded and nothing is kept.
    """

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (AUDIT.name,)

    def __init__(self, cipher: LabelCipher) -> None:
        self._labels = label_codec(cipher)

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self,
        log: UUID,  # noqa: ARG002  # the protocol's, as below
        events: Sequence[RecordedEvent],  # noqa: ARG002  # as above
        kept: Lines | None = None,  # noqa: ARG002  # as above
    ) -> Lines:
        return {}

    def evolve(self, rows: Lines, events: Sequence[RecordedEvent]) -> Lines:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Lines, after: Lines) -> Write:
        lines = [line for position, line in after.items() if position not in before]
        told = [(line, line.label) for line in lines if line.label is not None]
        encrypted = await self._labels.encrypt(log, [(line.subject, label) for line, label in told])
        labels = dict(zip((line.position for line, _ in told), encrypted, strict=True))
        rows = [
            (log, *(getattr(line, name) for name in _CLEAR), labels.get(line.position))
            for line in lines
        ]

        async def write(transaction: Transaction) -> None:
            await transaction.put(AUDIT, rows)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute("DELETE FROM audit_1 WHERE tenant = $1", log)


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.audit", name)


def label_codec(cipher: LabelCipher) -> LabelCodec[Label]:
    """How labels of the audit are stored."""
    return LabelCodec(cipher, "rm.audit.label", Label)

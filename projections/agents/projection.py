"""The agents' way between rows in memory and their table, and the reader of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Row, Table, Transaction
from projections.agents import evolve
from projections.agents.evolve import AgentRow, Agents
from projections.labels import LabelCodec
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement

AGENT = Table(
    "agent_1",
    ("tenant", "id", "role", "status", "departments", "active", "label"),
    ("tenant", "id"),
)


class AgentViewsProjection:
    """The projection ``agents``; a :class:`~projections.projection.Projection`."""

    name = "agents"
    version = 1
    types: frozenset[str] | None = evolve.TYPES
    owned = (AGENT.name,)

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._names = _names(cipher)

    @property
    def tables(self) -> str:
        return _sql("tables")

    async def load(
        self,
        log: UUID,
        events: Sequence[RecordedEvent],
        kept: Agents | None = None,  # noqa: ARG002  # they change too seldom
    ) -> Agents:
        ids = sorted({event.stream.removeprefix(streams.agent("")) for event in events})
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_sql("load"), log, ids)
        return {row.id: row for row in await _read(self._names, log, rows)}

    def evolve(self, rows: Agents, events: Sequence[RecordedEvent]) -> Agents:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Agents, after: Agents) -> Write:
        changed = [row for name, row in after.items() if before.get(name) != row]
        labels = await self._names.encrypt(
            log, [(streams.agent(row.id), row.name) for row in changed]
        )
        rows = [
            (log, row.id, row.role, row.status, row.departments, row.active, label)
            for row, label in zip(changed, labels, strict=True)
        ]

        async def write(transaction: Transaction) -> None:
            await transaction.put(AGENT, rows)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute("DELETE FROM agent_1 WHERE tenant = $1", log)


class AgentReader:
    """The agents for requests."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._names = _names(cipher)

    async def agents(self, log: UUID) -> list[AgentRow]:
        """Every agent that may sign in."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_sql("active"), log)
        return await _read(self._names, log, rows)


def _sql(name: str) -> str:
    return statement("projections.agents", name)


def _names(cipher: LabelCipher) -> LabelCodec[str]:
    return LabelCodec(cipher, "rm.agent.label", str)


async def _read(names: LabelCodec[str], log: UUID, stored: Sequence[Row]) -> list[AgentRow]:
    rows = [_row(columns) for columns in stored]
    encrypted = [
        (streams.agent(row.id), msgspec.convert(columns["label"], bytes | None))
        for row, columns in zip(rows, stored, strict=True)
    ]
    opened = await names.decrypt(log, encrypted)
    return [replace(row, name=name or "") for row, name in zip(rows, opened, strict=True)]


def _row(columns: Row) -> AgentRow:
    fields = ("id", "role", "status", "departments", "active")
    return msgspec.convert({name: columns[name] for name in fields}, AgentRow)

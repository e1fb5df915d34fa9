"""Where the router begins: open conversations and agents, of the read models, as of their places.

It decides nothing: what is made of them is ``domain.routing``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from domain.ports import Clock, Row
from domain.routing.people import Agent, Talk
from domain.routing.ports import Begun
from projections.agents.projection import label_codec as agents_labels
from projections.agents.projection import read_rows as read_agents
from projections.agents.projection import sql as agents_sql
from projections.agents.reader import CHECKPOINT as AGENTS
from projections.agents.rows import AgentRow
from projections.agents.rows import Label as AgentLabel
from projections.pauses import Pauses
from projections.ports import LabelCipher, ReadModels
from projections.sessions.among import CHECKPOINT as SESSIONS
from projections.sessions.projection import label_codec, read_rows, sql
from projections.sessions.rows import Label, SessionRow

_CHUNK_ROWS = 100
"""Rows decrypted at a time; then others have their turn."""


class Offices:
    """A :class:`~domain.routing.ports.Offices`."""

    def __init__(self, models: ReadModels, cipher: LabelCipher, clock: Clock) -> None:
        self._models = models
        self._talks = label_codec(cipher)
        self._agents = agents_labels(cipher)
        self._clock = clock

    async def begin(self, log: UUID) -> Begun:
        async with self._models.reading(log) as transaction:
            talks = await transaction.fetch(sql("open"), log, SESSIONS)
        async with self._models.reading(log) as transaction:
            agents = await transaction.fetch(agents_sql("staff"), log, AGENTS)
        return Begun(
            await self._open(log, _there(talks)),
            _as_of(talks),
            [
                agent_of(row, row.label)
                for row in await read_agents(self._agents, log, _there(agents))
                if row.label is not None
            ],
            _as_of(agents),
        )

    async def _open(self, log: UUID, rows: Sequence[Row]) -> list[Talk]:
        pauses, found = Pauses(self._clock), []
        for start in range(0, len(rows), _CHUNK_ROWS):
            chunk = rows[start : start + _CHUNK_ROWS]
            found += [
                talk_of(row, label)
                for row, label in await read_rows(self._talks, log, chunk)
                if label is not None
            ]
            await pauses.due()
        return found


def _there(rows: Sequence[Row]) -> Sequence[Row]:
    """A statement has one row at least, for the position; without anything found it is that."""
    return [row for row in rows if row["id"] is not None]


def _as_of(rows: Sequence[Row]) -> int:
    return msgspec.convert(rows[0]["as_of"], int | None) or 0


def talk_of(row: SessionRow, label: Label) -> Talk:
    """What the router knows of a conversation."""
    clear = {name: getattr(row, name) for name in _OF_ROW}
    return Talk(skills=frozenset(label.skills), **clear)


_OF_ROW = tuple(name for name in Talk.__struct_fields__ if name != "skills")


def agent_of(row: AgentRow, label: AgentLabel) -> Agent:
    """What the router knows of an agent."""
    return Agent(
        id=row.id,
        role=label.role,
        status=label.status,
        departments=frozenset(label.departments),
        skills=frozenset(label.skills),
        capacity=label.capacity,
        since=row.since,
        given_at=row.given_at,
    )

"""Reading the agents: who may sign in, and how one has spent its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.errors import Refused
from domain.ports import Row
from projections.agents.projection import (
    NAME,
    VERSION,
    label_codec,
    read_rows,
    sql,
    status_codec,
)
from projections.agents.rows import Said
from projections.agents.times import Piece, Stretch
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified
from projections.standing import as_of

CHECKPOINT = identified(NAME, VERSION)

STRETCHES = 5_000
"""Times in one status that one answer decrypts: 50 a day for the longest range that is answered."""


class AgentItem(Struct, frozen=True):
    """An agent as it is. ``load`` is how many open conversations it serves.

    ``capacity`` is how many it is given at a time, None: as many as the tenant has said.
    ``given_at`` is when it was given one, or took one, last. ``said``: when and by whom it was made
    what it is. ``reason`` is why it has its status, None where somebody said so.
    """

    id: str
    name: str
    role: str
    status: str
    departments: tuple[str, ...]
    status_since: datetime | None
    load: int
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    email: str = ""
    given_at: datetime | None = None
    said: Said | None = None
    reason: str | None = None


class AgentTimes(Struct, frozen=True):
    """What is known of an agent's time between two moments, as of one position."""

    as_of: int
    mark: str
    stretches: list[Stretch]
    pieces: list[Piece]


class AgentReader:
    """The agents for requests."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)
        self._statuses = status_codec(cipher)

    async def agents(self, log: UUID, agent: str | None = None) -> list[AgentItem]:
        """Every agent that may sign in, or that one; of whom was erased there is none."""
        async with self._models.reading(log) as transaction:
            stored = await transaction.fetch(sql("active"), log, agent)
        rows = await read_rows(self._labels, log, stored)
        return [
            AgentItem(
                row.id,
                row.label.name,
                row.label.role,
                row.label.status,
                row.label.departments,
                row.since,
                msgspec.convert(columns["load"], int),
                row.label.skills,
                row.label.capacity,
                row.label.email,
                row.given_at,
                row.label.said,
                row.label.reason,
            )
            for row, columns in zip(rows, stored, strict=True)
            if row.label is not None
        ]

    async def times(self, log: UUID, agent: str, since: datetime, until: datetime) -> AgentTimes:
        """How an agent spent the time between two moments.

        Raises Refused ``too_large`` for too many changes of status, and StoreUnavailable.
        """
        asked = (agent, since, until, STRETCHES + 1)
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("times"), log, CHECKPOINT, *asked)
        position, mark = as_of(log, rows[0])
        ended = [row for row in rows if row["kind"] == "ended"]
        if len(ended) > STRETCHES:
            raise Refused(
                "too_large", f"More than {STRETCHES} changes of status: ask for fewer days."
            )
        now = [row for row in rows if row["kind"] == "now"]
        subject = streams.agent(agent)
        statuses = await self._statuses.decrypt(log, [(subject, _label(row)) for row in ended])
        labels = await self._labels.decrypt(log, [(subject, _label(row)) for row in now])
        present = [None if label is None else label.status for label in labels]
        stretches = [
            msgspec.convert((row["from_at"], row["to_at"], status), Stretch)
            for row, status in zip([*ended, *now], [*statuses, *present], strict=True)
        ]
        return AgentTimes(position, mark, stretches, _pieces(rows))


def _label(row: Row) -> bytes | None:
    return msgspec.convert(row["label"], bytes | None)


def _pieces(rows: Sequence[Row]) -> list[Piece]:
    return [
        msgspec.convert((row["from_at"], row["messages"], row["conversations"]), Piece)
        for row in rows
        if row["kind"] == "work"
    ]

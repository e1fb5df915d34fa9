"""The agents' way between rows in memory and tables: their SQL, their encryption."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Row, Table, Transaction
from projections.agents import evolve
from projections.agents.rows import AgentRow, Agents, Interval, Label, Work, quarter_of
from projections.labels import LabelCodec
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement

NAME = "agents"
VERSION = 4

AGENT = Table("agent_4", ("tenant", "id", "active", "since", "given_at", "label"), ("tenant", "id"))
STATUS = Table(
    "agent_status_4",
    ("tenant", "agent", "from_at", "to_at", "label"),
    ("tenant", "agent", "from_at"),
)
_CLEAR = ("id", "active", "since", "given_at")
SERVING = Table("agent_serving_4", ("tenant", "conversation", "agent"), ("tenant", "conversation"))
WORK = Table(
    "agent_work_4",
    ("tenant", "agent", "quarter", "messages", "conversations"),
    ("tenant", "agent", "quarter"),
)


class _Named(Struct, frozen=True):
    """What an event page may touch: agents, conversations, and who worked in which quarter."""

    agents: list[str]
    conversations: list[str]
    work: list[tuple[str, datetime]]


class AgentViewsProjection:
    """The projection ``agents``; a :class:`~projections.projection.Projection`."""

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (AGENT.name, STATUS.name, SERVING.name, WORK.name)
    cost = 2

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._labels = label_codec(cipher)
        self._statuses = status_codec(cipher)

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Agents | None = None
    ) -> Agents:
        named = named_in(events)
        if kept is not None and _has(kept, named):
            return replace(kept, ended=())
        return await self._read(log, named)

    async def _read(self, log: UUID, named: _Named) -> Agents:
        if named == _Named([], [], []):
            return Agents()
        agents, quarters = [agent for agent, _ in named.work], [at for _, at in named.work]
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("load"), log, named.agents) if named.agents else ()
            served: Sequence[Row] = ()
            if named.conversations:
                served = await transaction.fetch(sql("load_serving"), log, named.conversations)
            done = (
                await transaction.fetch(sql("load_work"), log, agents, quarters) if agents else ()
            )
        serving: dict[str, str | None] = dict.fromkeys(named.conversations)
        serving |= {str(row["conversation"]): str(row["agent"]) for row in served}
        work = dict.fromkeys(named.work, Work()) | dict(map(_work, done))
        found = await read_rows(self._labels, log, rows)
        return Agents({row.id: row for row in found}, serving, work)

    def evolve(self, rows: Agents, events: Sequence[RecordedEvent]) -> Agents:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Agents, after: Agents) -> Write:
        rows = await self._stored_rows(
            log, [row for name, row in after.rows.items() if before.rows.get(name) != row]
        )
        statuses = await self._stored_statuses(log, after.ended)
        serving = [
            (log, conversation, agent)
            for conversation, agent in after.serving.items()
            if agent is not None and before.serving.get(conversation) != agent
        ]
        over = [
            conversation
            for conversation, agent in after.serving.items()
            if agent is None and before.serving.get(conversation) is not None
        ]
        work = [
            (log, *key, done.messages, done.conversations)
            for key, done in after.work.items()
            if before.work.get(key) != done
        ]

        async def write(transaction: Transaction) -> None:
            await transaction.put(AGENT, rows)
            await transaction.put(STATUS, statuses)
            await transaction.put(SERVING, serving)
            await transaction.put(WORK, work)
            if over:
                await transaction.execute(sql("end_serving"), log, over)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute(sql("clear"), log)

    async def _stored_rows(self, log: UUID, rows: Sequence[AgentRow]) -> list[tuple[object, ...]]:
        labelled = [(row.id, row.label) for row in rows if row.label is not None]
        encrypted = await self._labels.encrypt(
            log, [(streams.agent(agent), label) for agent, label in labelled]
        )
        labels = dict(zip((agent for agent, _ in labelled), encrypted, strict=True))
        return [
            (log, row.id, row.active, row.since, row.given_at, labels.get(row.id)) for row in rows
        ]

    async def _stored_statuses(
        self, log: UUID, ended: Sequence[Interval]
    ) -> list[tuple[object, ...]]:
        known = [(streams.agent(each.agent), each.status) for each in ended if each.status]
        encrypted = iter(await self._statuses.encrypt(log, known))
        return [
            (log, each.agent, each.from_at, each.to_at, next(encrypted) if each.status else None)
            for each in ended
        ]


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.agents", name)


def label_codec(cipher: LabelCipher) -> LabelCodec[Label]:
    """How agents' labels are stored."""
    return LabelCodec(cipher, "rm.agent.profile", Label)


def status_codec(cipher: LabelCipher) -> LabelCodec[str]:
    """How the statuses of times that are over are stored."""
    return LabelCodec(cipher, "rm.agent_status.status", str)


async def read_rows(labels: LabelCodec[Label], log: UUID, stored: Sequence[Row]) -> list[AgentRow]:
    """Rows as stored, each with its label; None where that cannot be read any more."""
    encrypted = [
        (streams.agent(str(row["id"])), msgspec.convert(row["label"], bytes | None))
        for row in stored
    ]
    opened = await labels.decrypt(log, encrypted)
    return [
        msgspec.convert({**{name: row[name] for name in _CLEAR}, "label": label}, AgentRow)
        for row, label in zip(stored, opened, strict=True)
    ]


def named_in(events: Sequence[RecordedEvent]) -> _Named:
    """What these events may touch."""
    agents, conversations, work = set(), set(), set()
    for event in events:
        if event.type in evolve.OF_AGENTS:
            agents.add(event.stream.removeprefix(streams.agent("")))
        elif event.type in evolve.OF_CONVERSATIONS:
            conversations.add(event.stream.removeprefix(streams.conversation("")))
            after = event.metadata.after
            if after is not None and after.assignee is not None:
                work.add((after.assignee, quarter_of(event.at)))
                agents.add(after.assignee)
        elif event.actor.role == "agent":
            work.add((event.actor.id, quarter_of(event.at)))
    return _Named(sorted(agents), sorted(conversations), sorted(work))


def _has(kept: Agents, named: _Named) -> bool:
    """Whether all that is named is at hand."""
    return (
        kept.rows.keys() >= set(named.agents)
        and kept.serving.keys() >= set(named.conversations)
        and kept.work.keys() >= set(named.work)
    )


def _work(row: Row) -> tuple[tuple[str, datetime], Work]:
    agent, quarter, *done = msgspec.convert(
        (row["agent"], row["quarter"], row["messages"], row["conversations"]),
        tuple[str, datetime, int, int],
    )
    return (agent, quarter), Work(*done)

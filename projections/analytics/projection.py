"""The facts' way between rows in memory and tables: what a page may touch, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Transaction
from projections.analytics import evolve
from projections.analytics.rows import Analytics, Fact, Settings, Visit
from projections.analytics.stored import FACT, GOAL, SETTINGS, UNREAD, VISIT, Stored
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement

NAME = "analytics"
VERSION = 2

_K = TypeVar("_K")
_V = TypeVar("_V")


class Named(Struct, frozen=True):
    """What an event page may touch: conversations; visitors who come or speak up; the erased."""

    conversations: frozenset[str]
    coming: frozenset[str]
    erased: frozenset[str]


class AnalyticsProjection:
    """The projection ``analytics``; a :class:`~projections.projection.Projection`."""

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (FACT.name, VISIT.name, GOAL.name, SETTINGS.name)
    cost = 4

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._stored = Stored(cipher)

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Analytics | None = None
    ) -> Analytics:
        named = named_in(events)
        if kept is None or named.erased:
            return await self._read(log, named, None)
        known = part(kept, named)
        missing = Named(
            named.conversations - known.facts.keys(),
            named.coming - {visit.visitor for visit in known.visits.values()},
            frozenset(),
        )
        if not missing.conversations and not missing.coming:
            return known
        return merged(await self._read(log, missing, known.settings), known)

    async def _read(self, log: UUID, named: Named, settings: Settings | None) -> Analytics:
        """These rows; the settings too, unless they are known."""
        coming, erased = sorted(named.coming), sorted(named.erased)
        async with self._models.reading(log) as transaction:
            if settings is None:
                settings = await read_settings(transaction, log)
            conversations = sorted(named.conversations)
            facts = await transaction.fetch(sql("load_facts"), log, conversations, coming)
            visits = await transaction.fetch(sql("load_visits"), log, coming, erased)
            goals = await transaction.fetch(sql("load_goals"), log, erased) if erased else []
        # The key goes before the event that says so: taking away what is unread is a change too.
        known = await self._stored.visits(log, visits, UNREAD)
        return Analytics(
            settings,
            {fact.conversation: fact for fact in await self._stored.facts(log, facts)},
            {visit.key: visit for visit in known},
            {goal.key: goal for goal in await self._stored.goals(log, goals)},
        )

    def evolve(self, rows: Analytics, events: Sequence[RecordedEvent]) -> Analytics:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Analytics, after: Analytics) -> Write:
        stored = self._stored
        facts = await stored.fact_columns(log, _changed(before.facts, after.facts))
        visits = await stored.visit_columns(log, _changed(before.visits, after.visits))
        goals = await stored.goal_columns(log, _changed(before.goals, after.goals))
        gone = sorted({visitor for visitor, *_ in before.goals.keys() - after.goals.keys()})
        settings = [] if before.settings == after.settings else [(log, _json(after.settings))]

        async def write(transaction: Transaction) -> None:
            await transaction.put(FACT, facts)
            await transaction.put(VISIT, visits)
            if gone:
                await transaction.execute(sql("forget_goals"), log, gone)
            await transaction.put(GOAL, goals)
            await transaction.put(SETTINGS, settings)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute(sql("clear"), log)


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.analytics", name)


async def read_settings(transaction: Transaction, log: UUID) -> Settings:
    """What the tenant has set, as far as it is folded."""
    rows = await transaction.fetch(sql("load_settings"), log)
    return msgspec.json.decode(str(rows[0]["settings"]), type=Settings) if rows else Settings()


def named_in(events: Iterable[RecordedEvent]) -> Named:
    """What these events may touch."""
    conversations, coming, erased = set(), set(), set()
    for event in events:
        conversation = streams.conversation_id(event.stream)
        if conversation is not None:
            conversations.add(conversation)
            if event.type == "conversation.started":
                coming.add(event.actor.id)
        elif event.type == "page.viewed":
            coming.add(streams.visitor_id(event.stream))
        elif event.type == "visitor.erased":
            erased.add(streams.visitor_id(event.stream))
    return Named(frozenset(conversations), frozenset(coming), frozenset(erased))


def part(rows: Analytics, named: Named) -> Analytics:
    """Those of the rows that these events may touch. Goals are touched by an erasure only."""
    last_facts, last_visits = _last(rows.facts.values()), _last(rows.visits.values())
    goals = {key: goal for key, goal in rows.goals.items() if goal.visitor in named.erased}
    return Analytics(
        rows.settings,
        {
            name: fact
            for name, fact in rows.facts.items()
            if name in named.conversations
            or (fact.visitor in named.coming and last_facts[fact.visitor] is fact)
        },
        {
            key: visit
            for key, visit in rows.visits.items()
            if visit.visitor in named.erased
            or (visit.visitor in named.coming and last_visits[visit.visitor] is visit)
        },
        goals,
    )


def merged(rows: Analytics, newer: Analytics) -> Analytics:
    """Both, the newer ones where both have a row."""
    return Analytics(
        newer.settings,
        {**rows.facts, **newer.facts},
        {**rows.visits, **newer.visits},
        {**rows.goals, **newer.goals},
    )


def _last(rows: Iterable[Fact | Visit]) -> dict[str, Fact | Visit]:
    """The row of each visitor that was begun last."""
    last: dict[str, Fact | Visit] = {}
    for row in rows:
        if row.visitor not in last or last[row.visitor].begun < row.begun:
            last[row.visitor] = row
    return last


def _changed(before: dict[_K, _V], after: dict[_K, _V]) -> list[_V]:
    return [row for key, row in after.items() if before.get(key) != row]


def _json(settings: Settings) -> str:
    return msgspec.json.encode(settings).decode()

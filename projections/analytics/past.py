"""The facts as they were at a position: those that have not changed since, and the others anew.

What was in flight then (begun, and changed later) is folded from its visitors' streams up to the
position, by the same ``evolve``; it is few. What was erased since is erased there too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.envelope import RecordedEvent
from domain.errors import Refused
from domain.ports import Clock, EventStore, Row, Table
from projections.analytics import evolve
from projections.analytics.names import Labelled, said
from projections.analytics.parts import Arguments
from projections.analytics.projection import sql
from projections.analytics.rows import Analytics, Fact, Visit
from projections.analytics.stored import FACT, GOAL, PAGE, SOURCE, TAG, VISIT, Stored
from projections.pauses import Pauses
from projections.ports import ReadModels
from projections.unfit import evolved

ROWS = 2_000
"""Facts and visits in flight that are folded anew at most: the busiest tenant has some hundred."""

EVENTS = 50_000
"""Events that are read for that at most: a second or two."""

TIMEOUT_S = 5.0
"""How long that may take: as long as the statement that it is for."""

PAGE_EVENTS = 1_000
"""Events of a stream that are read at a time."""

VISITORS_AT_ONCE = 4
"""Visitors whose streams are read at the same time, each over a connection that others want too."""

_FOLDED_AT_ONCE = 250
"""Events that are folded before others may have their turn: some milliseconds."""

IN_FLIGHT = "in flight"


class PastRows(Struct, frozen=True):
    """What takes the place of the rows that were in flight at a position, ``at``.

    ``names`` has what digests in them stand for; ``facts`` and ``visits`` the columns of rows.
    """

    at: int
    facts: list[dict[str, Any]]
    visits: list[dict[str, Any]]
    names: dict[str, str]

    def source(self, kind: str, arguments: Arguments) -> str:
        """What a statement reads instead of the table of this kind of rows."""
        at = arguments.add(self.at, "bigint")
        if kind == "goals":
            return f"(SELECT * FROM {GOAL.name} WHERE position <= {at})"  # noqa: S608  # a name of ours
        table, rows = (FACT.name, self.facts) if kind == "facts" else (VISIT.name, self.visits)
        told = arguments.add(msgspec.json.encode(rows).decode(), "jsonb")
        return (
            f"(SELECT * FROM {table} WHERE position <= {at} UNION ALL"  # noqa: S608  # as above
            f" SELECT * FROM jsonb_populate_recordset(NULL::{table}, {told}))"
        )

    def witness(self, arguments: Arguments, log: str) -> str:
        """The part of a statement that counts what is in flight in its own snapshot."""
        at = arguments.add(self.at, "bigint")
        return sql("witness").replace("{log}", log).replace("{at}", at)

    def is_stale(self, rows: Sequence[Row]) -> bool:
        """Whether more is in flight in a statement's snapshot. It never gets less."""
        (counted,) = (row["sums"] for row in rows if row["part"] == IN_FLIGHT)
        return counted != [len(self.facts), len(self.visits)]


class _Left:
    """What one look at the past may still take."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadline = clock.monotonic() + TIMEOUT_S
        self._events = EVENTS

    def take(self, events: int) -> None:
        """Use so many events up. Raises Refused where that, or the time, is too much."""
        self._events -= events
        if self._events < 0 or self._clock.monotonic() > self._deadline:
            raise _too_large()


class Past:
    """Folds what was in flight."""

    def __init__(self, store: EventStore, models: ReadModels, stored: Stored, clock: Clock) -> None:
        self._store = store
        self._models = models
        self._stored = stored
        self._clock = clock

    async def rows(self, log: UUID, at: int) -> PastRows:
        """The rows in flight as they were. Raises Refused ``report_too_large``.

        And ``damaged`` where that cannot be read any more of which a row was folded.
        """
        async with self._models.reading(log) as transaction:
            flying = await transaction.fetch(sql("in_flight"), log, at, ROWS + 1)
            visitors = sorted({str(row["visitor"]) for row in flying})
            begun = await transaction.fetch(sql("conversations_of"), log, visitors, at)
        if len(flying) > ROWS:
            raise _too_large()
        names: dict[str, list[str]] = {each: [streams.visitor(each)] for each in visitors}
        for row in begun:
            names[str(row["visitor"])].append(streams.conversation(str(row["conversation"])))
        folded = await self._folded(log, list(names.values()), at)
        facts, visits = _rows(flying, folded)
        return PastRows(
            at,
            _told(FACT, await self._stored.fact_columns(log, facts)),
            _told(VISIT, await self._stored.visit_columns(log, visits)),
            await self._named(log, facts, visits),
        )

    async def _folded(self, log: UUID, visitors: Sequence[Sequence[str]], at: int) -> Analytics:
        """What the streams of each visitor come to; no visitor's rows rest on another's."""
        rows, left = Analytics(), _Left(self._clock)
        tenants = await self._read(log, streams.TENANT, at, left) if visitors else []
        for start in range(0, len(visitors), VISITORS_AT_ONCE):
            some = visitors[start : start + VISITORS_AT_ONCE]
            found = await asyncio.gather(*(self._of(log, names, at, left) for names in some))
            for events in found:
                theirs = await self._evolved([*tenants, *events], left)
                rows.facts.update(theirs.facts)
                rows.visits.update(theirs.visits)
        return rows

    async def _of(
        self, log: UUID, names: Iterable[str], at: int, left: _Left
    ) -> list[RecordedEvent]:
        return [event for name in names for event in await self._read(log, name, at, left)]

    async def _read(self, log: UUID, stream: str, at: int, left: _Left) -> list[RecordedEvent]:
        """What of a stream was there by then, and is wanted."""
        events: list[RecordedEvent] = []
        after = 0
        while page := await self._store.read_stream(log, stream, after, PAGE_EVENTS):
            left.take(len(page))
            events += [
                event
                for event in page
                if event.position <= at and event.type in evolve.TYPES and not event.damaged
            ]
            if page[-1].position >= at:
                break
            after = page[-1].version
        return events

    async def _evolved(self, events: list[RecordedEvent], left: _Left) -> Analytics:
        """The rows of one visitor; what does not fold is stepped over, as the projector does."""
        rows, pauses = Analytics(), Pauses(self._clock)
        events.sort(key=lambda event: event.position)
        for start in range(0, len(events), _FOLDED_AT_ONCE):
            rows, _ = evolved(evolve.evolve, rows, events[start : start + _FOLDED_AT_ONCE])
            left.take(0)
            await pauses.due()
        return rows

    async def _named(
        self, log: UUID, facts: Sequence[Fact], visits: Sequence[Visit]
    ) -> dict[str, str]:
        names: dict[str, str] = {}
        rows: list[Labelled] = [*facts, *visits]
        for by, purpose in (("source", SOURCE), ("tag", TAG), ("page", PAGE)):
            texts = [text for row in rows for text in said(row, by) if text]
            digests = await self._stored.digests(log, purpose, texts)
            names |= {str(digest): text for text, digest in digests.items()}
        return names


def _rows(flying: Sequence[Row], folded: Analytics) -> tuple[list[Fact], list[Visit]]:
    """Of what was folded that which was in flight. Raises Refused where it is not there."""
    try:
        facts = [folded.facts[str(row["name"])] for row in flying if row["kind"] == "fact"]
        visits = [
            folded.visits[str(row["visitor"]), int(str(row["name"]))]
            for row in flying
            if row["kind"] == "visit"
        ]
    except KeyError:  # its beginning cannot be read: damaged, or of a history that is no more
        raise Refused("damaged", "What a row was counted from cannot be read any more.") from None
    return facts, visits


def _told(table: Table, rows: Sequence[Sequence[object]]) -> list[dict[str, Any]]:
    """Rows as JSON has them; their labels stay here."""
    return [
        {name: value for name, value in zip(table.columns, row, strict=True) if name != "label"}
        for row in rows
    ]


def _too_large() -> Refused:
    return Refused("report_too_large", "Too much was going on at that moment to be told from here.")

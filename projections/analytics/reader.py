"""Reading reports: from a question to its answer, with the position that it reflects.

Everything is counted straight from the facts, in one statement. What a report may take is bounded:
its days, its parts, its points, and the time of its statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors import Refused, TookTooLong
from domain.ports import Clock, EventStore, Row
from domain.tenant.calendar import ALWAYS, calendar_of
from projections import standing
from projections.analytics import parts
from projections.analytics.answers import (
    Answer,
    Cell,
    Found,
    Standing,
    by_size,
    lines,
    values,
)
from projections.analytics.asking import Question
from projections.analytics.metrics import Report, Tally
from projections.analytics.names import Names
from projections.analytics.past import Past, PastRows
from projections.analytics.periods import (
    FIRST_HOUR,
    WEEK_HOURS,
    Periods,
    check_day,
    periods,
    week_hours,
)
from projections.analytics.projection import NAME, VERSION, read_settings
from projections.analytics.stored import SOURCE, TAG, Stored
from projections.pauses import Pauses
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified, statement
from projections.waiting import Waiting, behind

CHECKPOINT = identified(NAME, VERSION)

POINTS = 10_000
"""Points (parts times groups) of a report at most: more is no report but an export."""

TIMEOUT_MS = 5_000
"""How long a report's statement may take: an analyst's patience, and half a request's."""

WORK_MB = 64
"""Memory for one step of a report's statement: thousands of groups, and a bucket for each time.
Half of it would do, but PostgreSQL guesses many more groups and would plan to write to disk."""

AT_ONCE = 2
"""Reports that a process counts at a time: others read by the same connections."""

USUAL_DAYS = 30
"""Days of a report that names none, today the last of them."""

ATTEMPTS = 5
"""How often a report of the past is begun anew while facts change under it."""


class Asked(Struct, frozen=True):
    """A question, and what it comes to for the store: kinds of rows, parts of time, limits."""

    question: Question
    report: Report
    kinds: Sequence[str]
    cut: Periods
    limits: Mapping[str, object]


class AnalyticsReader:
    """Reports for requests."""

    def __init__(
        self, store: EventStore, models: ReadModels, cipher: LabelCipher, clock: Clock
    ) -> None:
        self._models = models
        self._clock = clock
        self._stored = Stored(cipher)
        self._names = Names(models, self._stored, clock)
        self._past = Past(store, models, self._stored, clock)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.wait_for = Waiting(models, clock, CHECKPOINT).wait_for

    async def standing(self, log: UUID) -> Standing:
        """How far the facts are."""
        async with self._models.reading(log) as transaction:
            settings = await read_settings(transaction, log)
            (row,) = await transaction.fetch(statement("projections", "stand"), log, CHECKPOINT)
        as_of, mark = standing.as_of(log, row)
        return Standing(as_of, mark, (settings.hours or ALWAYS).zone)

    async def report(self, log: UUID, question: Question) -> Answer:
        """The answer to a question.

        Raises Refused: ``not_found`` (the report), ``bad_request``, ``report_too_large``, and
        ``not_caught_up`` where the facts have not reached the moment that is asked for.
        """
        report = question.checked()
        kinds = parts.asked_kinds(report, question.by, question.filters.given)
        if not kinds:
            raise Refused("bad_request", "Nothing of this report can be cut and limited so.")
        async with self._models.reading(log) as transaction:
            settings = await read_settings(transaction, log)
        hours = settings.hours or ALWAYS
        start, end = self._days(question, calendar_of(hours).zone)
        cut = _cut(report, question, start, end, calendar_of(hours).zone)
        asked = Asked(question, report, kinds, cut, await self._limits(log, question))
        async with self._turns:
            past, rows = await self._fetch(log, asked)
            _check_points(asked, rows)
            found, groups = await self._found(log, asked, rows, past)
        as_of, mark = standing.as_of(log, rows[0])
        return Answer(
            as_of=as_of,
            mark=mark,
            zone=hours.zone,
            start=start,
            end=end,
            report=report,
            groups=groups,
            lines=await Pauses(self._clock).through(lines(report, cut, groups, found)),
            total=values(report, found.total, found.known),
        )

    def _days(self, question: Question, zone: tzinfo) -> tuple[date, date]:
        """From which day on, and up to which: the last ones where none are named."""
        today = datetime.fromtimestamp(self._clock.now(), UTC).astimezone(zone).date()
        end = question.end or today + timedelta(days=1)
        check_day(end)
        return question.start or end - timedelta(days=USUAL_DAYS), end

    async def _limits(self, log: UUID, question: Question) -> dict[str, object]:
        """What each filter's column must be."""
        limits: dict[str, object] = dict(question.filters.given)
        for name, purpose in (("source", SOURCE), ("tag", TAG)):
            if name in limits:
                text = str(limits[name])
                limits[name] = (await self._stored.digests(log, purpose, [text]))[text]
        return limits

    async def _fetch(self, log: UUID, asked: Asked) -> tuple[PastRows | None, Sequence[Row]]:
        """The statement's rows; and those of the past that were put in, where it is of then.

        Facts go on changing while those of the past are folded; then it is done again.
        """
        at = asked.question.at
        if at is None:
            return None, await self._run(log, *_statement(log, asked, None))
        for _ in range(ATTEMPTS):
            past = await self._past.rows(log, at)
            rows = await self._run(log, *_statement(log, asked, past))
            if standing.as_of(log, rows[0])[0] < at:
                break
            if not past.is_stale(rows):
                return past, rows
        raise behind()

    async def _run(self, log: UUID, text: str, arguments: Sequence[object]) -> Sequence[Row]:
        try:
            async with self._models.reading(log) as transaction:
                await transaction.execute(f"SET LOCAL statement_timeout = {TIMEOUT_MS}")
                await transaction.execute(f"SET LOCAL work_mem = '{WORK_MB}MB'")
                await transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan")
                # It guesses a group a row, knowing nothing of parts of time, and would sort.
                await transaction.execute("SET LOCAL enable_sort = off")
                return await transaction.fetch(text, *arguments)
        except TookTooLong:
            raise Refused("report_too_large") from None

    async def _found(
        self, log: UUID, asked: Asked, rows: Sequence[Row], past: PastRows | None
    ) -> tuple[Found, list[str | None]]:
        """The sums by cell, and what the groups are called."""
        cells: list[Any] = [row for row in rows if row["part"] in asked.kinds]
        known = {} if past is None else past.names
        keys = await self._names.keys(log, asked.question.by, cells, known)
        measured = {kind: parts.wanted(kind, asked.report) for kind in asked.kinds}
        pauses = Pauses(self._clock)
        tallies: dict[Cell, Tally] = {}
        for row in cells:
            cell = (msgspec.convert(row["period"], int), keys.get(_key(row)))
            sums = zip(measured[row["part"]], row["sums"], strict=True)
            tallies.setdefault(cell, Tally()).add(sums, row["buckets"] or ())
            await pauses.due()
        total = _total([row for row in cells if row["whole"]], measured)
        known_by_rows = frozenset(name for kind in asked.kinds for name in parts.measures(kind))
        groups = [] if asked.question.by is None else by_size(asked.report, tallies)
        return Found(tallies, total, known_by_rows), groups


def _cut(report: Report, question: Question, start: date, end: date, zone: tzinfo) -> Periods:
    if report.week:
        return week_hours(start, end, zone)
    return periods(start, end, question.every, zone)


def _check_points(asked: Asked, rows: Sequence[Row]) -> None:
    """Before anything is made of the rows; a statement that was cut short has too many groups."""
    groups = len({_key(row) for row in rows if row["part"] in asked.kinds})
    starts = WEEK_HOURS if asked.report.week else len(asked.cut.starts)
    if groups * starts > POINTS:
        raise Refused(
            "bad_request", f"That is {groups} groups in {starts} parts; {POINTS} points at most."
        )


def _statement(log: UUID, asked: Asked, past: PastRows | None) -> tuple[str, list[object]]:
    """The text and its arguments."""
    arguments, cut = parts.Arguments(), asked.cut
    limits = {name: parts.argument(arguments, name, value) for name, value in asked.limits.items()}
    shared = parts.Cut(
        log=arguments.add(log, "uuid"),
        start=arguments.add(cut.edges[0], "timestamptz"),
        end=arguments.add(cut.edges[-1], "timestamptz"),
        period=_period(asked.report, arguments, cut),
        limits=limits,
        by=asked.question.by,
        business=asked.question.business,
        rows={} if past is None else {kind: past.source(kind, arguments) for kind in asked.kinds},
        most=arguments.add(parts.rows_of(asked.question.by) * POINTS + 1, "bigint"),
    )
    texts = [parts.part(kind, asked.report, shared) for kind in asked.kinds]
    if past is not None:
        texts.append(past.witness(arguments, shared.log))
    return parts.statement(texts, arguments.add(CHECKPOINT, "text"), shared.log), arguments.values


def _period(report: Report, arguments: parts.Arguments, cut: Periods) -> str:
    """The part of time that a row is in, as the statement finds it."""
    found = f"width_bucket({{at}}, {arguments.add(cut.edges, 'timestamptz[]')})"
    if not report.week:
        return f"{found} - 1"
    ahead = f"({arguments.add(list(cut.slots), 'integer[]')})[{found}]"
    hours = f"floor((date_part('epoch', {{at}}) + {ahead}) / 3600)::integer"
    return f"(({hours} + {FIRST_HOUR}) % {WEEK_HOURS})"


def _total(rows: Sequence[Any], measured: Mapping[str, Sequence[str]]) -> Tally:
    """What these rows say together: column by column, since there are many."""
    total = Tally()
    for kind, names in measured.items():
        columns = zip(*(row["sums"] for row in rows if row["part"] == kind), strict=True)
        total.sums.update(
            dict(zip(names, (sum(filter(None, each)) for each in columns), strict=False))
        )
    total.buckets.update(chain.from_iterable(row["buckets"] or () for row in rows))
    return total


def _key(row: Row) -> str | None:
    columns: Any = row
    found: str | None = columns["grp"]
    return found

"""``/v1/analytics``: which reports there are, and each of them, as JSON or as CSV; for admins.

What is counted, and when its clocks run, is the read model's business (``docs/analytics.md``); here
groups get the names that people know them by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from api import moments, names, tables, throttle
from api.conversations import PLAIN, Position
from api.routing import GET, Call, Route
from domain import streams
from domain.tenant.state import Tenant
from projections.analytics.answers import Answer, Line, Values
from projections.analytics.asking import Filters, Question
from projections.analytics.metrics import REPORTS, Report, Unit
from projections.analytics.periods import EVERY, Every
from projections.waiting import behind

Word = Annotated[str, Meta(pattern=PLAIN, max_length=200)]
Hours = Literal["all", "business"]


class MetricForm(Struct, frozen=True):
    """A metric, and what it is measured in. A share is between 0 and 1, stars between 1 and 5."""

    name: str
    unit: Unit


class ReportForm(Struct, frozen=True):
    """A report: what it shows, by what it can be cut, into which parts of time."""

    name: str
    metrics: list[MetricForm]
    by: list[str]
    every: list[str]


class Reports(Struct, frozen=True):
    """Every report. ``zone`` is the tenant's time zone, in which all days and hours are meant."""

    as_of: int
    mark: str
    zone: str
    reports: list[ReportForm]


class ReportQuery(Struct, frozen=True):
    """Of which days (``to`` is not one of them; the last thirty by default), cut how.

    ``agent``, ``department`` and ``site`` may be ``none``. ``hours``: whether times are counted all
    day or in business hours.
    """

    start: date | None = msgspec.field(default=None, name="from")
    end: date | None = msgspec.field(default=None, name="to")
    every: Every = "day"
    by: Word | None = None
    agent: Word | None = None
    department: Word | None = None
    site: Word | None = None
    source: Word | None = None
    tag: Word | None = None
    hours: Hours = "all"
    at: moments.AtText | None = None
    format: Literal["json", "csv"] = "json"
    min_position: Position | None = None


class Group(Struct, frozen=True):
    """A value of the dimension. Both are null for what has none, or none any more."""

    key: str | None
    label: str | None


class Row(Struct, frozen=True):
    """The metrics of a part of time and a group.

    ``start`` is the part's first day, or its hour by the clock on the wall. In a heat map there are
    ``weekday`` (1 is Monday) and ``hour`` instead. A value is null where there was nothing to
    divide by, or where it is not known by group.
    """

    group: str | None
    values: dict[str, float | None]
    start: str | UnsetType = UNSET
    weekday: int | UnsetType = UNSET
    hour: int | UnsetType = UNSET


class ReportAnswer(Struct, frozen=True, kw_only=True):
    """A report. Conversations count where they began; ``at`` is there for one of the past."""

    report: str
    as_of: int
    mark: str
    at: moments.At | None
    zone: str
    start: date = msgspec.field(name="from")
    end: date = msgspec.field(name="to")
    every: str
    by: str | None
    hours: Hours
    metrics: list[MetricForm]
    groups: list[Group]
    rows: list[Row]
    total: dict[str, float | None]


async def list_reports(call: Call) -> Reports:
    """What there is to ask for."""
    await throttle.count_read(call.deps, call.caller)
    found = await call.deps.analytics.standing(call.caller.log)
    forms = [
        ReportForm(
            report.name, _metrics(report), list(report.by), [] if report.week else list(EVERY)
        )
        for report in REPORTS.values()
    ]
    return Reports(found.as_of, found.mark, found.zone, forms)


async def one_report(call: Call) -> Struct | Response:
    """One report."""
    query: ReportQuery = call.query
    await throttle.count_read(call.deps, call.caller)
    at = None if query.at is None else await moments.moment(call, query.at)
    await _caught_up(call, query.min_position)
    question = _question(call, query, None if at is None else at.position)
    answer = await call.deps.analytics.report(call.caller.log, question)
    report = answer.report
    labels = await _labels(call, query.by)
    if query.format == "csv":
        return tables.respond(report.name, _csv(report, answer, labels), {})
    return ReportAnswer(
        report=report.name,
        as_of=answer.as_of,
        mark=answer.mark,
        at=None if at is None else moments.shown(at),
        zone=answer.zone,
        start=answer.start,
        end=answer.end,
        every="hour" if report.week else query.every,
        by=query.by,
        hours=query.hours,
        metrics=_metrics(report),
        groups=[Group(key, _label(labels, key)) for key in answer.groups],
        rows=[_row(line) for line in answer.lines],
        total=answer.total,
    )


def _question(call: Call, query: ReportQuery, at: int | None) -> Question:
    return Question(
        report=call.request.path_params["report"],
        start=query.start,
        end=query.end,
        every=query.every,
        by=query.by,
        filters=Filters(
            names.agent(query.agent, "agent"), query.department, query.site, query.source, query.tag
        ),
        business=query.hours == "business",
        at=at,
    )


async def _caught_up(call: Call, position: int | None) -> None:
    if position is None:
        return
    wait_s = call.deps.settings.min_position_wait_s
    if not await call.deps.analytics.wait_for(call.caller.log, position, wait_s):
        raise behind()


async def _labels(call: Call, by: str | None) -> Mapping[str, str]:
    """What the keys of a dimension are called that are ids."""
    if by == "agent":
        agents = await call.deps.agents.agents(call.caller.log)
        return {
            each["id"]: each["name"]
            for each in msgspec.to_builtins(list(agents))
            if each.get("name")
        }
    if by not in {"site", "goal"}:
        return {}
    entry = await call.deps.states.refresh(call.caller.log, streams.TENANT)
    tenant: Tenant = entry.state
    named: Iterable[tuple[str, str]] = (
        ((site.site, site.name) for site in tenant.sites.values())
        if by == "site"
        else ((goal.goal, goal.name) for goal in tenant.goals.values())
    )
    return dict(named)


def _label(labels: Mapping[str, str], key: str | None) -> str | None:
    return None if key is None else labels.get(key, key)


def _metrics(report: Report) -> list[MetricForm]:
    return [MetricForm(metric.name, metric.unit) for metric in report.metrics]


def _row(line: Line) -> Row:
    if line.slot is None:
        return Row(line.group, line.values, start=line.start or UNSET)
    weekday, hour = divmod(line.slot, 24)
    return Row(line.group, line.values, weekday=weekday + 1, hour=hour)


def _csv(report: Report, answer: Answer, labels: Mapping[str, str]) -> str:
    """A line for each row; a group by its key and by what it is called."""
    when = ("weekday", "hour") if report.week else ("start",)
    header = (*when, "group", "label", *(metric.name for metric in report.metrics))
    return tables.text_of(header, (_cells(line, labels) for line in answer.lines))


def _cells(line: Line, labels: Mapping[str, str]) -> Sequence[object]:
    when: tuple[object, ...] = (line.start,)
    if line.slot is not None:
        when = (line.slot // 24 + 1, line.slot % 24)
    found: Values = line.values
    return (*when, line.group, _label(labels, line.group), *found.values())


ROUTES = (
    Route(GET, "/v1/analytics", list_reports, "List the reports", answer=Reports),
    Route(
        GET,
        "/v1/analytics/{report}",
        one_report,
        "Show a report; also as CSV",
        query=ReportQuery,
        answer=ReportAnswer,
    ),
)

"""The statement of a report: for each kind of row one part, all of the same shape.

It is put together of the SQL in ``sql/`` and of names in this module; whatever a client said goes
in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from msgspec import Struct

from projections.analytics.asking import NONE
from projections.analytics.metrics import Report
from projections.analytics.projection import sql
from projections.analytics.sketch import LOG_GAMMA

_PLACES = re.compile(r"\{(\w+)\}")


class Rows(Struct, frozen=True):
    """One kind of rows: their table, and the time at which they count, which never changes.

    ``groups`` says by what they can be cut, ``columns`` by which columns they can be limited.
    """

    name: str
    table: str
    at: str
    groups: Mapping[str, str]
    columns: Mapping[str, str]


_SERVED = {name: f"f.{name}" for name in ("agent", "department", "site")}

KINDS = {
    each.name: each
    for each in (
        Rows(
            "facts",
            "fact_2",
            "started_at",
            {**_SERVED, "source": "f.source", "tag": "t.tag"},
            {**_SERVED, "source": "f.source", "tag": "f.tags"},
        ),
        Rows(
            "visits",
            "visit_2",
            "started_at",
            {"site": "f.site", "source": "f.source", "page": "f.page"},
            {"site": "f.site", "source": "f.source"},
        ),
        Rows(
            "goals",
            "goal_reached_2",
            "reached_at",
            {**_SERVED, "source": "f.source", "goal": "f.goal", "page": "f.page"},
            {**_SERVED, "source": "f.source"},
        ),
    )
}
"""What reports count."""

DIGESTED = frozenset({"source", "tag", "page"})
"""Dimensions whose values stand in the tables as digests."""


class Arguments:
    """The arguments of a statement, in the order in which its text came to need them."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object, kind: str) -> str:
        """How the text names this argument."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


class Cut(Struct, frozen=True):
    """What every part of a statement shares, as names of its arguments.

    ``period`` is the part of time that a row is in; ``limits`` has the filters by dimension, and
    ``rows`` what is read instead of a table. ``most``: so many points of each kind at most.
    """

    log: str
    start: str
    end: str
    period: str
    limits: Mapping[str, str | None]
    by: str | None
    business: bool
    rows: Mapping[str, str]
    most: str


@cache
def _lines(kind: str) -> dict[str, str]:
    """The SQL of every measure of this kind of rows, by its name."""
    listed = re.split(r",\n(?=\w)", sql(f"measures_{kind}").strip())
    parted = [line.rpartition(" AS ") for line in listed]
    return {name: line for line, _, name in parted}


def measures(kind: str) -> frozenset[str]:
    """The measures of this kind of rows."""
    return frozenset(_lines(kind))


def wanted(kind: str, report: Report) -> tuple[str, ...]:
    """The measures of these rows that the report is made of, in the order of a part's sums."""
    used = {name for metric in report.metrics for name in (metric.of, metric.per)}
    return tuple(name for name in _lines(kind) if name in used)


def asked_kinds(report: Report, by: str | None, filters: Mapping[str, object]) -> list[str]:
    """The kinds of rows that can be cut and limited so: one that cannot would answer wrongly."""
    return [
        name
        for name in report.rows
        if (by is None or by in KINDS[name].groups) and filters.keys() <= KINDS[name].columns.keys()
    ]


def rows_of(by: str | None) -> int:
    """How many rows of a part there may be for one point."""
    return 2 if by == "tag" else 1


def part(kind: str, report: Report, cut: Cut) -> str:
    """The part of a statement for one kind of rows.

    What is ``whole`` adds up to the sum of all, however many groups a conversation is in.
    """
    rows, by = KINDS[kind], cut.by
    hours = "business_ms" if cut.business else "ms"
    timed = f"f.{report.timed}_{hours}" if report.timed and kind == "facts" else None
    lines = (_lines(kind)[each].replace("{hours}", hours) for each in wanted(kind, report))
    table = cut.rows.get(kind, rows.table)
    return _filled(sql("part"), {
        "name": kind,
        "period": cut.period.replace("{at}", f"f.{rows.at}"),
        "whole": "t.number = 1" if by == "tag" else "true",
        "group": "NULL" if by is None else rows.groups[by],
        "grouped": _grouped(rows, by),
        "sample": _SAMPLE.replace("{at}", rows.at) if by in DIGESTED else "NULL::timestamptz[]",
        "buckets": "NULL::smallint[]" if timed is None else _buckets(timed),
        "measures": ",\n            ".join(lines).replace("{timed}", str(timed)),
        "rows": f"{table} AS f{_BY_TAG if by == 'tag' else ''}",
        "log": cut.log,
        "at": rows.at,
        "start": cut.start,
        "end": cut.end,
        "filters": "\n    ".join(_limits(rows, cut.limits)),
        "most": cut.most,
    })  # fmt: skip


def _grouped(rows: Rows, by: str | None) -> str:
    """By what rows are grouped beside their part of time: a set of nothing would be no row."""
    if by is None:
        return "()"
    return f"{rows.groups[by]}, t.number = 1" if by == "tag" else rows.groups[by]


_SAMPLE = "ARRAY[min(f.{at}), max(f.{at})]"
"""Some rows of a group, by what never changes of them: so its name is found a moment later too."""

_BY_TAG = """ CROSS JOIN LATERAL
    unnest(coalesce(nullif(f.tags, '{}'), '{NULL}')) WITH ORDINALITY AS t (tag, number)"""
"""A row for each tag, one for no tag: by far the quickest of the ways to say it. The first of a
conversation is marked, so that the same rows add up to the sum of all."""


def _buckets(timed: str) -> str:
    """The bucket of each time there is; a millisecond is the shortest."""
    bucket = f"ceil(ln(greatest({timed}, 1)::float8) / {LOG_GAMMA})::smallint"
    return f"array_agg({bucket}) FILTER (WHERE {timed} IS NOT NULL)"


def statement(parts: Sequence[str], checkpoint: str, log: str) -> str:
    """The whole statement."""
    together = "\n    UNION ALL\n".join(parts)
    return _filled(sql("report"), {"checkpoint": checkpoint, "log": log, "parts": together})


def _limits(rows: Rows, limits: Mapping[str, str | None]) -> list[str]:
    """A condition for each filter; one without an argument finds what has no value."""
    return [
        f"AND {rows.columns[name]} IS NULL"
        if argument is None
        else f"AND {argument} = ANY ({rows.columns[name]})"
        if name == "tag"
        else f"AND {rows.columns[name]} = {argument}"
        for name, argument in limits.items()
    ]


def argument(arguments: Arguments, name: str, value: object) -> str | None:
    """A filter's argument; None where it asks for what has no value."""
    if value == NONE and name not in DIGESTED:
        return None
    return arguments.add(value, "bigint" if name in DIGESTED else "text")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACES.sub(lambda found: words[found[1]], text)

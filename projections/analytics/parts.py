"""The statement of a report: for each kind of row one part, all of the same shape.

It is put together of the SQL in ``sql/`` and of names in this module; whatever a client said goes
in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from projections.analytics.asking import NONE
from projections.analytics.metrics import Report
from projections.analytics.projection import sql
from projections.analytics.sketch import LOG_GAMMA

_PLACES = re.compile(r"\{(\w+)\}")
_NAMES = re.compile(r" AS (\w+),?$", re.MULTILINE)


class Rows(Struct, frozen=True):
    """One kind of rows: their table, the time at which they count, a text that finds one again.

    ``groups`` says by what they can be cut, ``columns`` by which columns they can be limited.
    """

    name: str
    table: str
    at: str
    sample: str
    groups: Mapping[str, str]
    columns: Mapping[str, str]


_SOURCE, _PAGE = "encode(f.source, 'hex')", "encode(f.page, 'hex')"
_SERVED = {name: f"f.{name}" for name in ("agent", "department", "site")}
_KEYED = "f.visitor || ' ' || f."

KINDS = {
    each.name: each
    for each in (
        Rows(
            "facts",
            "fact_1",
            "started_at",
            "f.conversation",
            {**_SERVED, "source": _SOURCE, "tag": "encode(t.tag, 'hex')"},
            {**_SERVED, "source": "f.source", "tag": "f.tags"},
        ),
        Rows(
            "visits",
            "visit_1",
            "started_at",
            f"{_KEYED}begun",
            {"site": "f.site", "source": _SOURCE, "page": _PAGE},
            {"site": "f.site", "source": "f.source"},
        ),
        Rows(
            "goals",
            "goal_reached_1",
            "reached_at",
            f"{_KEYED}position",
            {**_SERVED, "source": _SOURCE, "goal": "f.goal", "page": _PAGE},
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
    ``rows`` what is read instead of a table.
    """

    log: str
    start: str
    end: str
    period: str
    limits: Mapping[str, str | None]
    by: str | None
    business: bool
    rows: Mapping[str, str]


def measures(kind: str) -> tuple[str, ...]:
    """The measures of this kind of rows, in the order of a part's sums."""
    return tuple(_NAMES.findall(sql(f"measures_{kind}")))


def asked_kinds(report: Report, by: str | None, filters: Mapping[str, object]) -> list[str]:
    """The kinds of rows that can be cut and limited so: one that cannot would answer wrongly."""
    return [
        name
        for name in report.rows
        if (by is None or by in KINDS[name].groups) and filters.keys() <= KINDS[name].columns.keys()
    ]


def part(name: str, kind: str, report: Report, cut: Cut) -> str:
    """The part of a statement for one kind of rows, under a name that its rows are known by."""
    rows, by = KINDS[kind], cut.by
    hours = "business_ms" if cut.business else "ms"
    timed = "NULL::bigint"
    if report.timed is not None and kind == "facts":
        timed = f"f.{report.timed}_{hours}"
    filled = {
        "name": name,
        "sums": ", ".join(f"sum({name})" for name in measures(kind)),
        "period": cut.period.replace("{at}", f"f.{rows.at}"),
        "group": "NULL::text" if by is None else rows.groups[by],
        "bucket": _bucket(timed),
        "sample": rows.sample,
        "measures": sql(f"measures_{kind}").replace("{hours}", hours).replace("{timed}", timed),
        "rows": cut.rows.get(kind, rows.table),
        "joined": "LEFT JOIN LATERAL unnest(f.tags) AS t (tag) ON true" if by == "tag" else "",
        "log": cut.log,
        "at": rows.at,
        "start": cut.start,
        "end": cut.end,
        "filters": "\n        ".join(_limits(rows, cut.limits)),
    }
    return _filled(sql("part"), filled)


def _bucket(timed: str) -> str:
    """Of a time, if there is one; a millisecond is the shortest."""
    at_least = f"CASE WHEN {timed} < 1 THEN 1 ELSE {timed} END"
    return f"ceil(ln(({at_least})::float8) / {LOG_GAMMA})::integer"


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
    return arguments.add(value, "bytea" if name in DIGESTED else "text")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACES.sub(lambda found: words[found[1]], text)

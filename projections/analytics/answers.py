"""What comes of a report: its shape for the API, and how sums become rows of metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from projections.analytics.metrics import Report, Tally
from projections.analytics.periods import WEEK_HOURS, Periods

Values = dict[str, float | None]
Cell = tuple[int, str | None]
"""A part of time and a group."""


class Standing(Struct, frozen=True):
    """How far the facts are, and the zone by which they are cut."""

    as_of: int
    mark: str
    zone: str


class Line(Struct, frozen=True):
    """The metrics of one part of time and one group. ``slot`` is an hour of the week."""

    start: str | None
    slot: int | None
    group: str | None
    values: Values


class Answer(Struct, frozen=True):
    """A report. ``start`` and ``end`` are the days that it is of, the second not one of them.

    ``groups`` are the keys of its dimension; None for rows that have none, or none any more.
    """

    as_of: int
    mark: str
    zone: str
    start: date
    end: date
    report: Report
    groups: list[str | None]
    lines: list[Line]
    total: Values


class Found(Struct, frozen=True):
    """What the store said: sums by cell, of everything together, and the measures it knows."""

    tallies: Mapping[Cell, Tally]
    total: Tally
    known: frozenset[str]


def lines(
    report: Report, periods: Periods, groups: Sequence[str | None], found: Found
) -> Iterator[Line]:
    """A line for every part of time and every group, empty ones too: no chart has to guess."""
    parts = range(WEEK_HOURS) if report.week else range(len(periods.starts))
    keys = groups or [None]
    empty = Tally()
    return (
        Line(
            start=None if report.week else periods.starts[part],
            slot=part if report.week else None,
            group=key,
            values=values(report, found.tallies.get((part, key), empty), found.known),
        )
        for part in parts
        for key in keys
    )


def values(report: Report, tally: Tally, known: frozenset[str]) -> Values:
    """Every metric of what some rows come to."""
    return {metric.name: metric.value(tally, known) for metric in report.metrics}


def by_size(report: Report, tallies: Mapping[Cell, Tally]) -> list[str | None]:
    """The groups' keys: those with most first; rows that have no value of the dimension last."""
    sizes: dict[str | None, int] = {}
    counted = report.metrics[0].of
    for (_, key), tally in tallies.items():
        size = tally.sums[counted] or sum(tally.sums.values())
        sizes[key] = sizes.get(key, 0) + size
    return sorted(sizes, key=lambda key: (key is None, -sizes[key], key or ""))

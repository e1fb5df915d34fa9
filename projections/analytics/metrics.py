"""What each report shows: its metrics, made of measures that rows add up to, and how it is cut.

A measure is a number that SQL sums (``sql/measures_*.sql``); a metric is what is made of sums, so
that it can be had of any rows together: a sum, a share of another, or a percentile of buckets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct, field

from projections.analytics.sketch import quantile

Unit = Literal["count", "seconds", "share", "stars"]
_S = 0.001


class Tally(Struct):
    """What some rows come to: sums by measure, and how many times are in each bucket."""

    sums: Counter[str] = field(default_factory=Counter)
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, sums: Iterable[tuple[str, int | None]], buckets: Iterable[int]) -> None:
        """Put other rows to these."""
        mine, found = self.sums, self.sums.get  # a Counter's own way takes three times as long
        for name, value in sums:
            if value:
                mine[name] = found(name, 0) + value
        self.buckets.update(buckets)


class Metric(Struct, frozen=True):
    """One column of a report: ``of`` a measure, divided ``per`` another, or a ``percentile``."""

    name: str
    unit: Unit
    of: str
    per: str | None = None
    percentile: float | None = None

    def value(self, tally: Tally, known: Iterable[str]) -> float | None:
        """Its value; None where there is nothing to divide by, or nothing that knows it."""
        if self.of not in known:
            return None
        if self.percentile is not None:
            found = quantile(tally.buckets, self.percentile)
            return None if found is None else round(found * _S, 3)
        total = tally.sums.get(self.of, 0)
        if self.per is None:
            return total
        per = tally.sums.get(self.per, 0)
        if not per:
            return None
        return round(total / per * (_S if self.unit == "seconds" else 1), 6)


class Report(Struct, frozen=True):
    """A report: which metrics, of which rows, and by which dimensions it can be cut.

    ``timed`` is the clock whose times are put in buckets. ``week``: by the hours of the week.
    """

    name: str
    metrics: tuple[Metric, ...]
    by: tuple[str, ...]
    rows: tuple[str, ...] = ("facts",)
    timed: str | None = None
    week: bool = False


_OF_FACTS = ("agent", "department", "site", "source", "tag")


def _count(*names: str) -> tuple[Metric, ...]:
    return tuple(Metric(name, "count", name) for name in names)


def _times(clock: str) -> Report:
    metrics = (
        *_count("conversations"),
        Metric("count", "count", "timed"),
        Metric("mean", "seconds", "timed_ms", "timed"),
        *(
            Metric(f"p{share}", "seconds", "timed", percentile=share / 100)
            for share in (50, 90, 95)
        ),
    )
    return Report(clock, metrics, _OF_FACTS, timed=clock)


_MISSED = Metric("missed_share", "share", "missed", "closed")
_BOTS = Metric("bot_share", "share", "bot_only", "answered")
_STARS = Metric("satisfaction", "stars", "rating_sum", "rated")

_ALL = (
    Report(
        "overview",
        (
            *_count("conversations", "closed", "waiting", "missed"),
            Metric("first_response_p50", "seconds", "timed", percentile=0.5),
            Metric("first_response_mean", "seconds", "timed_ms", "timed"),
            Metric("resolution_mean", "seconds", "resolution_ms", "resolved"),
            *(_MISSED, _BOTS, _STARS),
            Metric("conversion_share", "share", "converted", "conversations"),
            *_count("messages", "visits"),
        ),
        _OF_FACTS,
        ("facts", "visits"),
        timed="first_response",
    ),
    Report(
        "volume",
        (
            *_count("conversations", "closed", "open", "waiting", "reopened", "messages"),
            *_count("visitor_messages", "agent_messages", "bot_messages"),
        ),
        _OF_FACTS,
    ),
    *(_times(clock) for clock in ("first_response", "wait", "handling", "resolution")),
    Report("missed", (*_count("conversations", "closed", "missed", "waiting"), _MISSED), _OF_FACTS),
    Report(
        "transferred",
        (
            *_count("conversations", "transferred", "transfers"),
            Metric("transferred_share", "share", "transferred", "conversations"),
        ),
        _OF_FACTS,
    ),
    Report(
        "bots",
        (*_count("conversations", "answered", "answered_by_bot", "bot_only"), _BOTS),
        _OF_FACTS,
    ),
    Report(
        "satisfaction",
        (
            *_count("conversations", "rated"),
            _STARS,
            Metric("good_share", "share", "good", "rated"),
            Metric("rated_share", "share", "rated", "conversations"),
        ),
        _OF_FACTS,
    ),
    Report(
        "conversion",
        (
            *_count("conversations", "converted"),
            Metric("conversion_share", "share", "converted", "conversations"),
            *_count("visits", "converted_visits"),
            Metric("visit_conversion_share", "share", "converted_visits", "visits"),
            *_count("reached", "credited"),
        ),
        (*_OF_FACTS, "goal", "page"),
        ("facts", "visits", "goals"),
    ),
    Report(
        "visits",
        (
            *_count("visits", "pages"),
            Metric("pages_per_visit", "count", "pages", "visits"),
            Metric("duration_mean", "seconds", "lasted_ms", "visits"),
            Metric("bounced_share", "share", "bounced", "visits"),
            *_count("converted_visits"),
        ),
        ("site", "source", "page"),
        ("visits",),
    ),
    Report("heatmap", _count("conversations", "missed", "messages"), _OF_FACTS, week=True),
)

REPORTS: Mapping[str, Report] = {report.name: report for report in _ALL}
"""Every report, in the order in which they are listed."""

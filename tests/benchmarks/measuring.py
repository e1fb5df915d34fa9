"""Numbers and how they are shown: medians with their spread, percentiles, ratios, plain tables.

Nothing here knows what is measured. On a shared machine an absolute figure says little, so whatever
has a baseline is measured beside it, round by round, and told as the ratio of the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median


class MeasurementFailed(Exception):
    """A run that measured nothing, or something else than it says: no figure may come of it."""


class Figure(StrEnum):
    """Figures that a goal is set for."""

    APPEND_BARE = "append / bare SQL function in batches"
    APPEND_RECORDER = "append / recorder, 8 threads"
    BULK = "bulk load, events/s"
    REBUILT = "all but search rebuilt, events/s"
    REBUILT_PLAIN = "a plain projection rebuilt, events/s"
    LONE = "lone append / bare INSERT, p50"
    CHAT = "chat / Socket.IO and INSERT"
    PACE_P50 = "chat at 200/s, p50 ms"
    PACE_P99 = "chat at 200/s, p99 ms"
    FAN_OUT = "500 readers, deliveries/s"
    RESUME = "10 x 1,000 messages resumed at once, ms"
    ROUTED = "1,000 waiting conversations to 50 agents, s"
    RETURNING = "2,000 sockets back at once, s until all are live"
    IDLE = "idle connection / bare one, PSS"
    REST = "at rest with PostgreSQL, PSS MB"
    START = "second start, s"
    SEARCH_BUILT = "search index built, messages/s"
    SEARCHED = "a search of each kind, p50 ms"
    PAST = "view of 10,000 events as it was, ms"
    SNAPSHOT = "state of 10,000 events from its snapshot, ms"
    REPORTS = "the slowest report of the largest tenant of a tenth, ms"
    LAG = "lag at 1,000 events/s, the slowest read model's p99 ms"
    TENTH_REPORT = "standing: the slowest report by HTTP, ms"
    TENTH_SEARCH = "standing: the slowest search by HTTP, ms"
    TENTH_LIST = "standing: the list / at an empty store"
    TENTH_RESUME = "standing: 10 x 1,000 messages resumed / at an empty store"
    DESK_OPEN = "desk with 1,000 conversations, s until all are listed"
    DESK_TYPING = "desk with 1,000 conversations, ms a key holds a frame at most"
    FLAT = "projector's memory at the end / after a tenth"
    LOST = "kill -9: acked and lost"
    DOUBLED = "kill -9: doubled"
    MISREAD = "kill -9: missing, twice or out of order at the reader"


@dataclass(frozen=True)
class Options:
    """How much is measured. ``seconds`` a round lasts, ``people`` visitors and as many agents.

    ``fraction`` of the standard data set for the standing benchmark, whose store stays in ``keep``.
    """

    rounds: int = 3
    seconds: float = 5.0
    people: int = 100
    fraction: float = 0.1
    keep: Path | None = None


@dataclass
class Table:
    """A title, what the columns are called, and rows of text.

    ``figures`` are those of its numbers that a goal is set for, one for each round.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: dict[Figure, list[float]] = field(default_factory=dict)

    def add(self, *cells: str) -> None:
        """One more row."""
        assert len(cells) == len(self.columns), cells
        self.rows.append(cells)

    def add_missing(self, name: str, why: str) -> None:
        """A row that there is nothing for."""
        self.add(name, f"skipped: {why}", *[""] * (len(self.columns) - 2))

    def compare(self, figure: Figure, values: Sequence[float], baselines: Sequence[float]) -> None:
        """Keep the ratios of the rounds."""
        self.keep(figure, by_round(values, baselines))

    def keep(self, figure: Figure, values: Sequence[float]) -> None:
        """Keep what the rounds gave, beside what is there."""
        self.figures.setdefault(figure, []).extend(values)

    def markdown(self) -> list[str]:
        """Its lines as Markdown has them, without the title."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return [f"| {' | '.join(line)} |" for line in lines]

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        shown = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([self.title, "", shown[0], rule, *shown[1:], ""])


def at_least(share: float, values: Sequence[float]) -> float:
    """The value that this share of all values does not exceed. Raises where there is none."""
    if not values:
        raise MeasurementFailed("nothing was measured")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def spread(values: Sequence[float], unit: str = "") -> str:
    """``median (least..most) unit``."""
    if not values:
        raise MeasurementFailed("nothing was measured")
    ends = f"{number(min(values))}..{number(max(values))}"
    return f"{number(median(values))} ({ends}) {unit}".rstrip()


def ratios(values: Sequence[float], baselines: Sequence[float]) -> str:
    """How often the baseline is in the value, round by round."""
    return spread(by_round(values, baselines))


def by_round(values: Sequence[float], baselines: Sequence[float]) -> list[float]:
    """How often the baseline of each round is in its value."""
    return [value / baseline for value, baseline in zip(values, baselines, strict=True)]


def number(value: float) -> str:
    """A number with as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def milliseconds(seconds: Sequence[float]) -> list[float]:
    """Seconds as milliseconds."""
    return [1000 * each for each in seconds]

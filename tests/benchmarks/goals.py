"""The goals that figures are held to, and which are met. Printed, and asserted nowhere.

A goal's figure is one that some table keeps, and the median of its rounds counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.measuring import Figure, Table, number


@dataclass(frozen=True)
class Goal:
    """``bound`` is the least where ``least`` holds, else the most; ``aim`` comes after it."""

    figure: Figure
    bound: float
    least: bool
    aim: float | None = None

    @property
    def words(self) -> str:
        """The bound."""
        return f"{'at least' if self.least else 'at most'} {self.bound:,g}"

    def verdict(self, measured: float) -> str:
        """Whether it is met, or by how much it is short."""
        if not self._holds(measured, self.bound):
            return f"{'short' if self.least else 'over'} by {self._miss(measured)}"
        if self.aim is None:
            return "met"
        reached = self._holds(measured, self.aim)
        return f"met; the aim of {self.aim:g} {'too' if reached else 'not yet'}"

    def _holds(self, measured: float, bound: float) -> bool:
        return measured >= bound if self.least else measured <= bound

    def _miss(self, measured: float) -> str:
        """How much is missing or too much: its share of the bound, where that is one."""
        miss = abs(self.bound - measured)
        return f"{miss / self.bound:.0%}" if self.bound else f"{miss:g}"


GOALS = (
    Goal(Figure.APPEND_BARE, 0.35, least=True),
    Goal(Figure.APPEND_RECORDER, 12, least=True),
    Goal(Figure.BULK, 20_000, least=True),
    Goal(Figure.REBUILT, 25_000, least=True),
    Goal(Figure.REBUILT_PLAIN, 60_000, least=True),
    Goal(Figure.LONE, 2, least=False),
    Goal(Figure.CHAT, 1.6, least=True, aim=2.4),
    Goal(Figure.PACE_P50, 2, least=False),
    Goal(Figure.PACE_P99, 5, least=False),
    Goal(Figure.FAN_OUT, 50_000, least=True),
    Goal(Figure.RESUME, 150, least=False, aim=80),
    Goal(Figure.RETURNING, 5, least=False),
    Goal(Figure.ROUTED, 2, least=False),
    Goal(Figure.IDLE, 1.3, least=False),
    Goal(Figure.REST, 200, least=False),
    Goal(Figure.START, 2, least=False),
    Goal(Figure.SEARCH_BUILT, 5_000, least=True),
    Goal(Figure.SEARCHED, 200, least=False),
    Goal(Figure.PAST, 500, least=False),
    Goal(Figure.SNAPSHOT, 10, least=False),
    Goal(Figure.REPORTS, 300, least=False),
    Goal(Figure.LAG, 200, least=False),
    Goal(Figure.DESK_OPEN, 1, least=False),
    Goal(Figure.DESK_TYPING, 50, least=False),
    Goal(Figure.FLAT, 1.1, least=False),
    Goal(Figure.TENTH_REPORT, 300, least=False),
    Goal(Figure.TENTH_SEARCH, 200, least=False),
    Goal(Figure.TENTH_LIST, 2, least=False),
    Goal(Figure.TENTH_RESUME, 2, least=False),
    Goal(Figure.LOST, 0, least=False),
    Goal(Figure.DOUBLED, 0, least=False),
    Goal(Figure.MISREAD, 0, least=False),
)


def verdict(tables: Sequence[Table], goals: Sequence[Goal] = GOALS, *, whole: bool = True) -> Table:
    """Every goal: what it asks for, what was measured, and whether it is met.

    Where not the whole was to be measured, only those that were.
    """
    figures: Mapping[Figure, Sequence[float]] = {
        figure: values for table in tables for figure, values in table.figures.items()
    }
    shown = Table("goals: the median of the rounds", ("", "goal", "measured", "verdict"))
    for goal in goals:
        values = figures.get(goal.figure)
        if values:
            measured = median(values)
            cells = number(measured), goal.verdict(measured)
            shown.add(goal.figure, goal.words, *cells)
        elif whole:
            shown.add(goal.figure, goal.words, "", "not measured")
    return shown

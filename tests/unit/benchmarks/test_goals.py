"""What a run is held to, and how it is said."""

from __future__ import annotations

import pytest

from tests.benchmarks.goals import GOALS, Goal, verdict
from tests.benchmarks.measuring import Figure, Table

MORE = Goal(Figure.CHAT, 2.0, least=True, aim=4.0)
LESS = Goal(Figure.RESUME, 10.0, least=False)
NONE = Goal(Figure.LOST, 0.0, least=False)


@pytest.mark.parametrize(
    ("goal", "measured", "said"),
    [
        (MORE, 1.5, "short by 25%"),
        (MORE, 2.0, "met; the aim of 4 not yet"),
        (MORE, 4.0, "met; the aim of 4 too"),
        (LESS, 10.0, "met"),
        (LESS, 12.0, "over by 20%"),
        (NONE, 0.0, "met"),
        (NONE, 3.0, "over by 3"),
    ],
)
def test_a_verdict_says_by_how_much(goal: Goal, measured: float, said: str) -> None:
    """A bound that is reached exactly is met."""
    assert goal.verdict(measured) == said


def test_the_median_of_the_rounds_counts() -> None:
    """One good round does not make a figure."""
    table = Table("any", ("",))
    table.keep(Figure.CHAT, [1.0, 1.0, 9.0])
    assert verdict([table], [MORE]).rows == [(Figure.CHAT, "at least 2", "1.00", "short by 50%")]


def test_what_was_not_measured_is_said() -> None:
    """A goal without a figure is not silently left out."""
    assert verdict([], [LESS]).rows == [
        (Figure.RESUME, "at most 10", "", "not measured"),
    ]
    assert verdict([], [LESS], whole=False).rows == []


def test_every_figure_that_is_kept_has_one_goal() -> None:
    """Nothing is measured for a goal that is not there, nor held to two."""
    assert sorted(goal.figure for goal in GOALS) == sorted(Figure)

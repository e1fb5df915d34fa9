"""How a lag comes of looks at the checkpoints, and how figures outlive a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.kept import Figures
from tests.benchmarks.lag import Look, lags_of


def test_an_event_lags_until_the_first_look_that_has_it() -> None:
    """Looks before a projection has begun count as none; one look may have several events."""
    seen: list[Look] = [
        (10.0, {}),
        (10.25, {"a.1": 5}),
        (10.5, {"a.1": 6, "b.1": 5}),
        (11.0, {"a.1": 8, "b.1": 8}),
    ]
    recorded = [10.0, 10.25, 10.75]
    assert lags_of(5, recorded, seen, "a.1") == [0.5, 0.75, 0.25]
    assert lags_of(5, recorded, seen, "b.1") == [1.0, 0.75, 0.25]


def test_a_projection_that_never_came_has_no_lag() -> None:
    """Nothing is made up for what no look has seen."""
    with pytest.raises(IndexError):
        lags_of(0, [1.0], [(2.0, {})], "a.1")


async def test_what_is_known_is_not_measured_again(tmp_path: Path) -> None:
    """A run that was cut off goes on with what it had, in the order in which that was measured."""
    measured: list[str] = []

    async def measure() -> list[float]:
        measured.append("again")
        return [float(len(measured))]

    assert await Figures(tmp_path).once("ask b", measure) == [1.0]
    assert await Figures(tmp_path).once("ask b", measure) == [1.0]
    assert await Figures(tmp_path).once("ask a", measure) == [2.0]
    assert Figures(tmp_path).names("ask ") == ["ask b", "ask a"]

"""Tables as they are printed and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks import report
from tests.benchmarks.measuring import MeasurementFailed, Options, Table, at_least, ratios, spread


def table() -> Table:
    """A small one."""
    shown = Table("sizes", ("", "KB"))
    shown.add("one", "1.00")
    shown.add_missing("other", "it is not here")
    return shown


def test_a_table_is_plain_text() -> None:
    """Columns stand under each other."""
    assert str(table()).splitlines() == [
        "sizes",
        "",
        "       KB",
        "-----  -----------------------",
        "one    1.00",
        "other  skipped: it is not here",
    ]


def test_ratios_are_taken_round_by_round() -> None:
    """Not of the medians: a machine that slows down slows both."""
    assert ratios([10.0, 30.0], [5.0, 10.0]) == "2.50 (2.00..3.00)"


@pytest.mark.parametrize("nothing", [spread, lambda values: at_least(0.5, values)])
def test_nothing_measured_is_no_figure(nothing: Callable[[list[float]], object]) -> None:
    """There is no median of nothing."""
    with pytest.raises(MeasurementFailed, match="nothing was measured"):
        nothing([])


def test_a_report_has_tables_failures_and_where_it_was_run(tmp_path: Path) -> None:
    """What failed is in it, so that nobody misses a table without knowing why."""
    report.write(tmp_path / "run.md", [table()], ["chat: the server ended"], Options(), 0.5)
    lines = (tmp_path / "run.md").read_text().splitlines()
    assert "| one | 1.00 |" in lines
    assert "- chat: the server ended" in lines
    names = {line.split("|")[1].strip() for line in lines if line.startswith("| ")}
    assert {"date", "commit", "machine", "system", "Python", "PostgreSQL", "Node"} <= names

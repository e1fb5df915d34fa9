"""What the documentation of the reports says is what the code means."""

from __future__ import annotations

import re
from pathlib import Path

from projections.analytics import definitions, parts, periods, reader
from projections.analytics.metrics import REPORTS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "analytics.md").read_text(encoding="utf-8")


def table(head: str) -> list[list[str]]:
    """The cells below a table's head."""
    _, _, below = TEXT.partition(f"| {head} |")
    lines = [line for line in below.partition("\n\n")[0].splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines[1:]]


def test_the_clocks_are_those_of_the_code() -> None:
    """Name, start and stop of each, word for word; and each is a report."""
    clocks = [[each.name, each.starts, each.stops] for each in definitions.CLOCKS]
    assert table("clock | starts | stops") == clocks
    assert {each.name for each in definitions.CLOCKS} <= set(REPORTS)


def test_the_words_are_those_of_the_code() -> None:
    """What is counted, word for word."""
    assert dict(table("word | meaning")) == definitions.TERMS


def test_every_report_is_told_of() -> None:
    """Each once, in a table."""
    names = [name for cells in table("report | metrics") for name in re.findall(r"\w+", cells[0])]
    assert sorted(names) == sorted(REPORTS)


def test_every_metric_is_made_of_measures_that_there_are() -> None:
    """A slip in a name would be a column that is always null."""
    for report in REPORTS.values():
        known = {name for kind in report.rows for name in parts.measures(kind)}
        for metric in report.metrics:
            assert metric.of in known
            assert metric.per is None or metric.per in known
        for by in report.by:
            assert any(by in parts.KINDS[kind].groups for kind in report.rows)


def test_limits_are_those_of_the_code() -> None:
    """Days, parts, points, seconds, rows in flight."""
    for number in (periods.PERIODS, reader.POINTS):
        assert f"{number:,}" in TEXT
    assert f"{reader.TIMEOUT_MS // 1000} seconds" in TEXT

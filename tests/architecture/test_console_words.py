"""The console has a word for everything that the server's reports name, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from projections.analytics.metrics import REPORTS
from projections.analytics.periods import EVERY

WORDS = Path(__file__).resolve().parents[2] / "web" / "admin" / "messages"
LANGUAGES = ("en", "zh")


def said(path: Path, name: str) -> set[str]:
    """What stands in one table of a file of words."""
    found = re.search(
        rf"^  {name}: {{(.*?)}}", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, f"{path} has no {name}"
    return set(re.findall(r'(?:^|[\s{,])"?([\w-]+)"?: "', found[1]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_metric_has_a_name(language: str) -> None:
    """And no word is of a metric that is gone."""
    metrics = {metric.name for report in REPORTS.values() for metric in report.metrics}
    assert said(WORDS / "metrics" / f"{language}.ts", "metrics") == metrics


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_report_and_dimension_has_a_name(language: str) -> None:
    """So have the parts of time."""
    words = WORDS / f"{language}.ts"
    assert said(words, "names") == said(words, "leads") == set(REPORTS)
    assert said(words, "dimensions") == {each for report in REPORTS.values() for each in report.by}
    assert said(words, "steps") == set(EVERY)

"""The table of figures: names that operators can rely on, and labels that tell of nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain import figures
from domain.telemetry import Figure

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("domain", "projections", "adapters", "brokers", "api", "ops")

KINDS_OF_THINGS = {
    "code", "decision", "feed", "op", "outcome", "part", "pool", "projection", "role", "roles",
    "route", "state", "status", "use", "version", "way",
}  # fmt: skip
"""Labels whose values are few and known beforehand. Who adds one thinks of what it may hold."""


def test_every_figure_is_in_the_table_once() -> None:
    """Each constant of the module, under a name of its own."""
    constants = [each for each in vars(figures).values() if isinstance(each, Figure)]
    assert list(figures.FIGURES) == constants
    assert len({each.name for each in figures.FIGURES}) == len(constants) > 30


def test_there_is_no_figure_elsewhere() -> None:
    """One that was made beside the table would be in no document."""
    made = re.compile(r"\bFigure\(")
    elsewhere = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name != "figures.py" or path.parent.name != "domain"
        if made.search(path.read_text(encoding="utf-8").replace("class Figure(", ""))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("figure", figures.FIGURES, ids=lambda each: each.name)
def test_a_figure_is_named_as_prometheus_wants_it(figure: Figure) -> None:
    """Counters end in ``_total``, times are in seconds, only histograms have buckets, in order."""
    assert re.fullmatch(r"parley_[a-z][a-z_]*[a-z]", figure.name)
    assert figure.name.endswith("_total") == (figure.kind == "counter")
    assert not re.search(r"_(ms|us|millis|minutes|kb|mb)(_|$)", figure.name)
    assert (figure.buckets != ()) == (figure.kind == "histogram")
    assert list(figure.buckets) == sorted(set(figure.buckets))
    assert figure.meaning
    assert not figure.meaning.endswith(".")


def test_labels_tell_kinds_apart_and_no_one() -> None:
    """No label can hold what a tenant, a person, a conversation or an address is called."""
    assert {label for each in figures.FIGURES for label in each.labels} <= KINDS_OF_THINGS

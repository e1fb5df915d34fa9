"""The table of figures: names that operators can rely on, and labels that tell of nobody."""

from __future__ import annotations

import re

import pytest

from domain import figures
from domain.telemetry import Figure

KINDS_OF_THINGS = {
    "code", "feed", "op", "outcome", "part", "pool", "projection", "role", "roles", "route",
    "state", "status", "use", "version", "way",
}  # fmt: skip
"""Labels whose values are few and known beforehand. Who adds one thinks of what it may hold."""


def test_every_figure_is_in_the_table_once() -> None:
    """Each constant of the module, under a name of its own."""
    constants = [each for each in vars(figures).values() if isinstance(each, Figure)]
    assert list(figures.FIGURES) == constants
    assert len({each.name for each in figures.FIGURES}) == len(constants) > 30


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

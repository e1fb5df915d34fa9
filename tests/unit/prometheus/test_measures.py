"""Figures written out: what was told comes back as Prometheus reads it, in both forms."""

from __future__ import annotations

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families as text_families

from adapters.prometheus.exposition import Exposition
from adapters.prometheus.measures import PrometheusMeasures
from domain.telemetry import Figure, Reading

DONE = Figure("parley_done_total", "counter", "what was done", ("kind",))
PLAIN = Figure("parley_plain_total", "counter", "what was done, all kinds")
LEVEL = Figure("parley_level", "gauge", "how high it is")
TIME = Figure("parley_time_seconds", "histogram", "how long it took", (), (0.1, 1.0))
SPLIT = Figure("parley_split_seconds", "histogram", "by kind", ("kind",), (0.1, 1.0))
ALL = (DONE, PLAIN, LEVEL, TIME, SPLIT)

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def measures() -> PrometheusMeasures:
    """Figures of this test."""
    return PrometheusMeasures(ALL)


def samples(measures: PrometheusMeasures) -> Samples:
    """What Prometheus reads: name and labels' values, of our own figures."""
    text, _ = Exposition(measures)("")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_families(text.decode())
        for sample in family.samples
        if sample.name.startswith("parley_")
    }


def test_what_is_not_split_is_there_from_the_start(measures: PrometheusMeasures) -> None:
    """Counters and histograms at zero, so that the first rise is seen; of a gauge nothing is."""
    assert samples(measures) == {
        ("parley_plain_total",): 0,
        ("parley_time_seconds_bucket", "0.1"): 0,
        ("parley_time_seconds_bucket", "1.0"): 0,
        ("parley_time_seconds_bucket", "+Inf"): 0,
        ("parley_time_seconds_count",): 0,
        ("parley_time_seconds_sum",): 0,
    }


def test_counters_add_up_by_labels(measures: PrometheusMeasures) -> None:
    """Each combination for itself; an amount of 0 makes it seen."""
    measures.count(DONE, "a")
    measures.count(DONE, "a", amount=2.5)
    measures.count(DONE, "b", amount=0)
    found = samples(measures)
    assert found["parley_done_total", "a"] == 3.5
    assert found["parley_done_total", "b"] == 0


def test_a_gauge_is_what_was_told_last(measures: PrometheusMeasures) -> None:
    """It goes down too."""
    measures.level(LEVEL, 7)
    measures.level(LEVEL, 3)
    assert samples(measures)["parley_level",] == 3


def test_a_histogram_counts_up_to_its_bounds(measures: PrometheusMeasures) -> None:
    """A value that is a bound is within it; what is beyond all is in the last."""
    for value in (0.05, 0.1, 0.5, 5.0):
        measures.observe(TIME, value)
    measures.observe(SPLIT, 0.2, "a")
    found = samples(measures)
    assert found["parley_time_seconds_bucket", "0.1"] == 2
    assert found["parley_time_seconds_bucket", "1.0"] == 3
    assert found["parley_time_seconds_bucket", "+Inf"] == found["parley_time_seconds_count",] == 4
    assert found["parley_time_seconds_sum",] == pytest.approx(5.65)
    assert found["parley_split_seconds_bucket", "a", "1.0"] == 1


def test_sources_are_asked_when_somebody_looks(measures: PrometheusMeasures) -> None:
    """Each time anew, several for one figure, and counters too."""
    now: dict[tuple[str, ...], float] = {("a",): 1}
    measures.read(DONE, lambda: now)
    measures.read(DONE, lambda: {("b",): 5})
    assert samples(measures)["parley_done_total", "a"] == 1
    now["a",] = 2
    assert samples(measures)["parley_done_total", "a"] == 2
    assert samples(measures)["parley_done_total", "b"] == 5


def test_a_source_that_fails_hides_only_itself(
    measures: PrometheusMeasures, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are written out, and the fault is said once and not at every look."""

    def broken() -> Reading:
        raise RuntimeError("a mistake of ours")

    measures.read(LEVEL, broken)
    for _ in range(2):
        assert samples(measures)["parley_plain_total",] == 0
    assert [record.message for record in caplog.records] == ["parley_level cannot be read"]


def test_a_figure_that_is_not_in_the_table_disturbs_nobody(measures: PrometheusMeasures) -> None:
    """It is taken all the same; another test says that there is none."""
    other = Figure("parley_other_total", "counter", "somewhere else", ("kind",))
    measures.count(other, "a")
    measures.observe(Figure("parley_o_seconds", "histogram", "too", (), (1.0,)), 0.5)
    measures.level(Figure("parley_o_level", "gauge", "too"), 3)
    found = samples(measures)
    assert found["parley_other_total", "a"] == found["parley_o_seconds_count",] == 1
    assert found["parley_o_level",] == 3


def test_it_is_written_in_the_form_that_is_asked_for(measures: PrometheusMeasures) -> None:
    """OpenMetrics to whom asks for it, the older text to all others; both say the same."""
    measures.count(DONE, "a")
    measures.observe(TIME, 0.5)
    write = Exposition(measures)
    text, media = write("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert media.startswith("application/openmetrics-text; version=1.0.0")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in openmetrics_families(text.decode())  # type: ignore[no-untyped-call]  # the library's
        for sample in family.samples
        if sample.name.startswith("parley_")
    }
    assert found == samples(measures)
    assert write("*/*")[1].startswith("text/plain")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=abc",
        "text/plain; version=1..0",
        "application/openmetrics-text; version=1.0.0; escaping=\xff",
        ",;,;=",
        "\x00" * 100,
    ],
)
def test_no_accept_header_breaks_it(measures: PrometheusMeasures, accept: str) -> None:
    """The library itself fails on versions that are none; whoever sends one gets plain text."""
    text, media = Exposition(measures)(accept)
    assert b"parley_plain_total" in text
    assert "\n" not in media


def test_the_process_is_seen_too(measures: PrometheusMeasures) -> None:
    """Memory, processor, descriptors, garbage: what the library knows of any program."""
    text, _ = Exposition(measures)("")
    names = {family.name for family in text_families(text.decode())}
    assert {"process_resident_memory_bytes", "process_open_fds", "python_info"} <= names
    assert "process_cpu_seconds" in names
    assert "python_gc_collections" in names

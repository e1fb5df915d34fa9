"""Figures as plain numbers, until somebody looks.

The library's own counters take a lock and half a microsecond for each addition, a histogram's more,
for the sake of threads that are not here: all is told on the event loop. So numbers stand in
dictionaries, and the library gets them as a collector of its own kind when it writes them out.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from domain.telemetry import Figure, Reading

_logger = logging.getLogger("parley.figures")

Labels = tuple[str, ...]


class _Histogram:
    """How many values were at most each bound, or beyond all, and their sum."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def add_to(self, family: HistogramMetricFamily, labels: Labels) -> None:
        bounds = [*map(floatToGoString, self._bounds), "+Inf"]
        buckets = list(zip(bounds, accumulate(self._counts), strict=True))
        family.add_metric(labels, buckets, self._sum)


class PrometheusMeasures(Collector):
    """A :class:`~domain.telemetry.Measures`. These figures are shown from the beginning."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._figures: dict[str, Figure] = {}
        self._values: dict[str, dict[Labels, float]] = {}
        self._histograms: dict[str, dict[Labels, _Histogram]] = {}
        self._sources: dict[str, list[Callable[[], Reading]]] = {}
        self._told: set[str] = set()
        for figure in figures:
            self._begin(figure)

    def _begin(self, figure: Figure) -> None:
        """What is not split by labels is there at once, unless it is a state."""
        if figure.name in self._figures:
            return
        self._figures[figure.name] = figure
        values = self._values[figure.name] = {}
        histograms = self._histograms[figure.name] = {}
        self._sources[figure.name] = []
        if figure.kind == "counter" and not figure.labels:
            values[()] = 0.0
        elif figure.kind == "histogram" and not figure.labels:
            histograms[()] = _Histogram(figure.buckets)

    # --- taking -------------------------------------------------------------------------------

    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        try:
            values = self._values[figure.name]
        except KeyError:
            values = self._values_of(figure)
        values[labels] = values.get(labels, 0.0) + amount

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        self._values_of(figure)[labels] = value

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        try:
            histogram = self._histograms[figure.name][labels]
        except KeyError:
            histogram = self._histogram_of(figure, labels)
        histogram.observe(value)

    def read(self, figure: Figure, source: Callable[[], Reading]) -> None:
        self._begin(figure)
        self._sources[figure.name].append(source)

    def _values_of(self, figure: Figure) -> dict[Labels, float]:
        self._begin(figure)
        return self._values[figure.name]

    def _histogram_of(self, figure: Figure, labels: Labels) -> _Histogram:
        self._begin(figure)
        return self._histograms[figure.name].setdefault(labels, _Histogram(figure.buckets))

    # --- showing ------------------------------------------------------------------------------

    def collect(self) -> Iterator[Metric]:
        """The library's question: everything as it is now. What nothing was said of is left out."""
        for figure in self._figures.values():
            family = self._family(figure)
            if family.samples:
                yield family

    def _family(self, figure: Figure) -> Metric:
        if figure.kind == "histogram":
            family = HistogramMetricFamily(figure.name, figure.meaning, labels=figure.labels)
            for labels, histogram in self._histograms[figure.name].items():
                histogram.add_to(family, labels)
            return family
        kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
        plain = kind(figure.name, figure.meaning, labels=figure.labels)
        for labels, value in self._now(figure).items():
            plain.add_metric(labels, value)
        return plain

    def _now(self, figure: Figure) -> Mapping[Labels, float]:
        """What was told, and what the sources say."""
        found = dict(self._values[figure.name])
        for source in self._sources[figure.name]:
            try:
                found.update(source())
            except Exception:  # one figure that cannot be read keeps nobody from the others
                if figure.name not in self._told:
                    self._told.add(figure.name)
                    _logger.exception("%s cannot be read", figure.name)
        return found

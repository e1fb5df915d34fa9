"""Figures that are kept, for a test to look at: :class:`domain.telemetry.Measures`."""

from __future__ import annotations

from collections import Counter

from domain.telemetry import Figure


class KeptMeasures:
    """Counters and gauges by name and labels; of histograms how often something was observed."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.levels: dict[tuple[str, ...], float] = {}
        self.observed: Counter[tuple[str, ...]] = Counter()

    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        assert len(labels) == len(figure.labels)
        self.counts[(figure.name, *labels)] += int(amount)

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        self.levels[(figure.name, *labels)] = value

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        assert value >= 0
        self.observed[(figure.name, *labels)] += 1

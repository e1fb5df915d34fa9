"""Figures and spans that are kept, to be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.telemetry import Figure, Reading, Telemetry, Times


class KeptMeasures:
    """A :class:`~domain.telemetry.Measures`."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, ...], float] = defaultdict(float)
        self.levels: dict[tuple[str, ...], float] = {}
        self.observed: dict[str, list[float]] = defaultdict(list)
        self._sources: dict[str, list[Callable[[], Reading]]] = defaultdict(list)

    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        _check(figure, labels, "counter")
        self.counts[figure.name, *labels] += amount

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        _check(figure, labels, "gauge")
        self.levels[figure.name, *labels] = value

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        _check(figure, labels, "histogram")
        self.observed[figure.name].append(value)

    def read(self, figure: Figure, source: Callable[[], Reading]) -> None:
        self._sources[figure.name].append(source)

    def seen(self, figure: Figure) -> dict[tuple[str, ...], float]:
        """What a figure's sources say now."""
        found: dict[tuple[str, ...], float] = {}
        for source in self._sources[figure.name]:
            for labels, value in source().items():
                assert len(labels) == len(figure.labels), figure
                found[labels] = value
        return found

    def counted(self, figure: Figure) -> dict[tuple[str, ...], float]:
        """What was counted so far, by labels."""
        return {labels[1:]: n for labels, n in self.counts.items() if labels[0] == figure.name}


@dataclass
class KeptSpan:
    """A :class:`~domain.telemetry.Span`. ``ended``: how often."""

    name: str
    context: str
    parent: str | None
    attributes: dict[str, str | int]
    error: str | None = None
    ended: int = 0

    def end(self, error: str | None = None, **attributes: str | int) -> None:
        self.ended += 1
        self.error = error
        self.attributes |= attributes


@dataclass
class KeptTracer:
    """A :class:`~domain.telemetry.Tracer` that records every trace, or none."""

    records: bool = True
    spans: list[KeptSpan] = field(default_factory=list)

    def begin(self, name: str, **attributes: str | int) -> KeptSpan | None:
        return self._span(name, None, attributes) if self.records else None

    def start(self, name: str, parent: str | None, **attributes: str | int) -> KeptSpan | None:
        return None if parent is None else self._span(name, parent, attributes)

    def named(self, name: str) -> list[KeptSpan]:
        """The spans of this name, in the order in which they began."""
        return [span for span in self.spans if span.name == name]

    def _span(self, name: str, parent: str | None, attributes: dict[str, str | int]) -> KeptSpan:
        span = KeptSpan(name, f"{name} {len(self.spans)}", parent, attributes)
        self.spans.append(span)
        return span


class Kept:
    """Telemetry that keeps everything."""

    def __init__(self, clock: Times, *, records: bool = True) -> None:
        self.measures = KeptMeasures()
        self.tracer = KeptTracer(records)
        self.telemetry = Telemetry(self.measures, self.tracer, clock)


def _check(figure: Figure, labels: tuple[str, ...], kind: str) -> None:
    assert figure.kind == kind, figure
    assert len(labels) == len(figure.labels), (figure, labels)
    assert all(type(label) is str for label in labels), labels

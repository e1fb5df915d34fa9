"""The ports to what operators see: figures and traces. None waits, raises or changes what is done.

A figure is named here once, with its meaning; the names are the public ones of ``/metrics``. A span
is a step of one message's way; its context (W3C ``traceparent``) travels in the metadata of events
and in the headers of the broker, so that the next process continues the trace.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from msgspec import Struct


class Figure(Struct, frozen=True):
    """A figure: its public name, what it says (with its unit), and by which labels it is split.

    ``buckets`` are a histogram's upper bounds.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Measures(Protocol):
    """Takes figures. ``labels`` are the values of the figure's labels, in its order."""

    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        """Add to a counter."""

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        """Set a gauge."""

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        """Add one value to a histogram."""


class Span(Protocol):
    """A step that has begun and is recorded."""

    @property
    def context(self) -> str:
        """What the next step names as its parent."""

    def end(self, error: str | None = None) -> None:
        """The step is over; ``error`` is a stable code, never what somebody wrote."""


class Tracer(Protocol):
    """Begins spans, for those traces that are sampled."""

    def start(self, name: str, parent: str | None = None, **attributes: str | int) -> Span | None:
        """Begin a span; None where its trace is not recorded, which costs nothing.

        Without ``parent`` a new trace begins, which is recorded by chance.
        """


class _NoMeasures:
    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        pass

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        pass

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        pass


class _NoTracer:
    def start(
        self,
        name: str,  # noqa: ARG002  # the port's
        parent: str | None = None,  # noqa: ARG002  # as above
        **attributes: str | int,  # noqa: ARG002  # as above
    ) -> Span | None:
        return None


NO_MEASURES: Final[Measures] = _NoMeasures()
"""Takes figures and keeps none."""

NO_TRACER: Final[Tracer] = _NoTracer()
"""Records nothing."""

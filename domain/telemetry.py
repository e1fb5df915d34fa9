"""The ports to what operators see: figures and traces. None waits, raises or changes what is done.

A figure is named once, in :mod:`domain.figures`, with its meaning; the names are the public ones of
``/metrics``. A span is a step of one message's way; its context (W3C ``traceparent``) travels in
the metadata of events and in the headers of the broker, so that the next process continues the
trace. All of it is told on the event loop's own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, Protocol

from msgspec import Struct

TRACEPARENT: Final = "traceparent"
"""The header that carries a span's context beside a message, as W3C names it."""

SOCKET_COMMAND: Final = "socket command"
"""A client's command, from its frame to its answer: where a trace begins."""

HTTP_COMMAND: Final = "http command"
"""A request that may change something, from its header to its answer: a beginning too."""

APPEND: Final = "append"
"""A command's way into the log, from when it waits for a batch until it is committed."""

RELAY: Final = "relay"
"""An event's way from the log to the broker, until the broker has confirmed it."""

RECEIVE: Final = "receive"
"""A slice's way from the broker into a node."""

DELIVER: Final = "deliver"
"""An event's way from a node's hub to its sockets; one a node."""

PROJECT: Final = "project"
"""An event's way into the rows of one projection."""


class Figure(Struct, frozen=True):
    """A figure: its public name, what it says (with its unit), and by which labels it is split.

    ``buckets`` are a histogram's upper bounds.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


Reading = Mapping[tuple[str, ...], float]
"""What a figure is now, by the values of its labels, in their order."""


class Measures(Protocol):
    """Takes figures. ``labels`` are the values of the figure's labels, in its order."""

    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        """Add to a counter. An amount of 0 lets it be seen before anything happened."""

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        """Set a gauge."""

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        """Add one value to a histogram."""

    def read(self, figure: Figure, source: Callable[[], Reading]) -> None:
        """Have a gauge or counter read when somebody looks, so that keeping it costs nothing."""


class Span(Protocol):
    """A step that has begun and is recorded."""

    @property
    def context(self) -> str:
        """What the next step names as its parent."""

    def end(self, error: str | None = None, **attributes: str | int) -> None:
        """The step is over; ``error`` is a stable code, never what somebody wrote."""


class Tracer(Protocol):
    """Begins spans, for those traces that are recorded."""

    def begin(self, name: str, **attributes: str | int) -> Span | None:
        """Begin a trace; None where it is not recorded, which costs next to nothing."""

    def start(self, name: str, parent: str | None, **attributes: str | int) -> Span | None:
        """Begin a further step of a trace; None where there is none, or it is not recorded."""


class Times(Protocol):
    """What telemetry needs of a :class:`~domain.ports.Clock`."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""


class Telemetry(Struct, frozen=True):
    """What a part is given so that it can be seen."""

    measures: Measures
    tracer: Tracer
    clock: Times


class _NoMeasures:
    def count(self, figure: Figure, *labels: str, amount: float = 1.0) -> None:
        pass

    def level(self, figure: Figure, value: float, *labels: str) -> None:
        pass

    def observe(self, figure: Figure, value: float, *labels: str) -> None:
        pass

    def read(self, figure: Figure, source: Callable[[], Reading]) -> None:
        pass


class _NoTracer:
    def begin(self, name: str, **attributes: str | int) -> Span | None:  # noqa: ARG002  # the port's
        return None

    def start(
        self,
        name: str,  # noqa: ARG002  # the port's
        parent: str | None,  # noqa: ARG002  # as above
        **attributes: str | int,  # noqa: ARG002  # as above
    ) -> Span | None:
        return None


class _NoTimes:
    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0


NO_MEASURES: Final[Measures] = _NoMeasures()
"""Takes figures and keeps none."""

NO_TRACER: Final[Tracer] = _NoTracer()
"""Records nothing."""

NO_TELEMETRY: Final = Telemetry(NO_MEASURES, NO_TRACER, _NoTimes())
"""For what nobody looks at: commands of the operator, and tests."""

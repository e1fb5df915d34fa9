"""Traces on OpenTelemetry's SDK, with W3C contexts.

Whether a trace is recorded is drawn once, where it begins; all its further steps, on whichever
node, follow that. So most commands never come to the SDK: they cost one drawn number.
"""

from __future__ import annotations

import threading
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from adapters.telemetry.export import CountedExporter
from adapters.telemetry.settings import TracingSettings
from domain import figures
from domain.ports import Clock, Ids
from domain.telemetry import (
    HTTP_COMMAND,
    RECEIVE,
    RELAY,
    SOCKET_COMMAND,
    TRACEPARENT,
    Measures,
    Reading,
)

_KINDS: Final = {
    SOCKET_COMMAND: SpanKind.SERVER,
    HTTP_COMMAND: SpanKind.SERVER,
    RELAY: SpanKind.PRODUCER,
    RECEIVE: SpanKind.CONSUMER,
}
"""What backends draw processes' bounds by; every other step is within one."""

_LOOK_S: Final = 0.02

_propagator = TraceContextTextMapPropagator()


class Step:
    """A :class:`~domain.telemetry.Span`."""

    __slots__ = ("_span", "_tracer", "context")

    def __init__(self, span: Span, tracer: OpenTelemetryTracer) -> None:
        self._span = span
        self._tracer = tracer
        self.context = _context_of(span)

    def end(self, error: str | None = None, **attributes: str | int) -> None:
        self._span.set_attributes(_named(attributes))
        if error is not None:
            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._tracer.finish(self._span)


class OpenTelemetryTracer:
    """A :class:`~domain.telemetry.Tracer`. It is to be closed in the end."""

    def __init__(
        self, settings: TracingSettings, exporter: SpanExporter, ids: Ids, version: str
    ) -> None:
        self._settings = settings
        self._uniform = ids.uniform
        self._exporter = CountedExporter(exporter)
        self._handed = 0
        self._dropped = 0
        self._provider = TracerProvider(
            ALWAYS_ON, _resource(settings, ids, version), shutdown_on_exit=False
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=settings.queue_spans,
                schedule_delay_millis=settings.delay_s * 1000,
                max_export_batch_size=settings.batch_spans,
            )
        )
        self._tracer = self._provider.get_tracer("parley", version)

    def begin(self, name: str, **attributes: str | int) -> Step | None:
        if self._uniform() >= self._settings.sample:
            return None
        return self._step(name, Context(), attributes)

    def start(self, name: str, parent: str | None, **attributes: str | int) -> Step | None:
        if parent is None:
            return None
        context = _propagator.extract({TRACEPARENT: parent}, Context())
        if not get_current_span(context).get_span_context().trace_flags.sampled:
            return None
        return self._step(name, context, attributes)

    def _step(self, name: str, context: Context, attributes: dict[str, str | int]) -> Step | None:
        kind = _KINDS.get(name, SpanKind.INTERNAL)
        span = self._tracer.start_span(name, context, kind, _named(attributes))
        return Step(span, self) if span.is_recording() else None

    def finish(self, span: Span) -> None:
        """Hand a span on, unless too many wait: the newest go, so that whole traces come first."""
        exporter = self._exporter
        if self._handed - exporter.exported - exporter.failed >= self._settings.queue_spans:
            self._dropped += 1
            return
        self._handed += 1
        span.end()

    def be_seen(self, measures: Measures) -> None:
        """Let operators see what becomes of spans."""
        measures.read(figures.SPANS, self._outcomes)

    def _outcomes(self) -> Reading:
        exporter = self._exporter
        return {
            ("exported",): exporter.exported,
            ("failed",): exporter.failed,
            ("dropped",): self._dropped,
        }

    async def close(self, clock: Clock, patience_s: float) -> None:
        """Send what waits, for so long at most.

        The library would wait for half a minute, and the process for it. A thread that ends with
        the process waits in its place.
        """
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        end = clock.monotonic() + patience_s
        while closing.is_alive() and clock.monotonic() < end:
            await clock.sleep(_LOOK_S)


def to_collector(settings: TracingSettings, ids: Ids, version: str) -> OpenTelemetryTracer:
    """A tracer that sends to the collector of these settings, which name one."""
    exporter = OTLPSpanExporter(settings.endpoint, timeout=settings.timeout_s)
    return OpenTelemetryTracer(settings, exporter, ids, version)


def _resource(settings: TracingSettings, ids: Ids, version: str) -> Resource:
    """What all spans of this process have in common, by OpenTelemetry's own names."""
    return Resource.create(
        {
            "service.name": settings.service,
            "service.version": version,
            "service.instance.id": settings.instance or str(ids.uuid()),
        }
    )


def _named(attributes: dict[str, str | int]) -> dict[str, str | int]:
    return {f"parley.{name}": value for name, value in attributes.items()}


def _context_of(span: Span) -> str:
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, set_span_in_context(span, Context()))
    return carrier[TRACEPARENT]

"""Traces on the real SDK, with exporters of the test's own: what is recorded, and what is lost."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode

from adapters.telemetry.settings import TracingSettings
from adapters.telemetry.tracing import OpenTelemetryTracer
from domain import figures
from domain.telemetry import APPEND, DELIVER, SOCKET_COMMAND
from ops.system import SystemClock, SystemIds
from tests.doubles.telemetry import KeptMeasures


class Keeping(SpanExporter):
    """Keeps what it is given, once it may; refuses it while ``ill``."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.open = threading.Event()
        self.open.set()
        self.ill = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.open.wait(10)
        if self.ill:
            return SpanExportResult.FAILURE
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS

    def named(self, name: str) -> ReadableSpan:
        """The one span of this name."""
        (span,) = (each for each in self.spans if each.name == name)
        return span


class Bench:
    """A tracer, and where its spans go."""

    def __init__(self, **settings: Any) -> None:
        chosen = TracingSettings(**{"sample": 1.0, "delay_s": 0.01, **settings})
        self.exporter = Keeping()
        self.tracer = OpenTelemetryTracer(chosen, self.exporter, SystemIds(), "1.2.3")
        self.measures = KeptMeasures()
        self.tracer.be_seen(self.measures)

    def outcome(self, name: str) -> float:
        """How many spans have come to this."""
        return self.measures.seen(figures.SPANS)[name,]

    async def until(self, name: str, count: int) -> None:
        """Wait until so many spans have come to this."""
        async with asyncio.timeout(10):
            while self.outcome(name) < count:  # noqa: ASYNC110  # a thread sets no Event
                await asyncio.sleep(0.005)

    async def close(self, patience_s: float = 5.0) -> None:
        """Close the tracer."""
        await self.tracer.close(SystemClock(), patience_s)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """One that records everything."""
    found = Bench()
    yield found
    found.exporter.open.set()
    await found.close()


async def test_steps_hang_together(bench: Bench) -> None:
    """A trace has one id, each step its parent, a process's bounds their kinds."""
    command = bench.tracer.begin(SOCKET_COMMAND, op="post", role="visitor")
    assert command is not None
    append = bench.tracer.start(APPEND, command.context)
    assert append is not None
    append.end(batch=3)
    command.end(outcome="committed")
    await bench.until("exported", 2)
    root, child = bench.exporter.named(SOCKET_COMMAND), bench.exporter.named(APPEND)
    assert root.parent is None
    assert child.parent is not None
    assert child.parent.span_id == root.context.span_id
    assert child.context.trace_id == root.context.trace_id
    assert (root.kind, child.kind) == (SpanKind.SERVER, SpanKind.INTERNAL)
    assert dict(root.attributes or {}) == {
        "parley.op": "post",
        "parley.role": "visitor",
        "parley.outcome": "committed",
    }
    assert dict(child.attributes or {}) == {"parley.batch": 3}
    assert root.resource.attributes["service.name"] == "parley"
    assert root.resource.attributes["service.version"] == "1.2.3"
    assert root.resource.attributes["service.instance.id"]


async def test_a_context_is_w3cs(bench: Bench) -> None:
    """What another process reads in it: version, trace, span, and that it is recorded."""
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    version, trace, parent, flags = span.context.split("-")
    assert (version, len(trace), len(parent)) == ("00", 32, 16)
    assert int(flags, 16) & 1
    span.end()
    await bench.until("exported", 1)
    assert int(trace, 16) == bench.exporter.named(SOCKET_COMMAND).context.trace_id


async def test_an_error_is_told_by_its_code(bench: Bench) -> None:
    """In the attribute that backends know, and as the span's status."""
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    span.end("not_found", outcome="refused")
    await bench.until("exported", 1)
    told = bench.exporter.named(SOCKET_COMMAND)
    assert told.status.status_code is StatusCode.ERROR
    assert (told.attributes or {})["error.type"] == "not_found"


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "rubbish",
        f"00-{'0' * 32}-{'0' * 16}-01",
        f"00-{'1' * 32}-{'2' * 16}-00",
        f"ff-{'1' * 32}-{'2' * 16}-01",
    ],
    ids=["none", "empty", "rubbish", "zeros", "not recorded", "another version"],
)
async def test_what_is_no_recorded_trace_is_not_continued(bench: Bench, parent: str | None) -> None:
    """Neither is a new one begun in its place."""
    assert bench.tracer.start(DELIVER, parent) is None


async def test_a_trace_of_another_process_is_continued(bench: Bench) -> None:
    """Whatever this process would have drawn."""
    bench.tracer = OpenTelemetryTracer(
        TracingSettings(sample=1e-12), bench.exporter, SystemIds(), "1.2.3"
    )
    span = bench.tracer.start(DELIVER, f"00-{'1' * 32}-{'2' * 16}-01")
    assert span is not None
    assert span.context.startswith(f"00-{'1' * 32}-")


async def test_about_the_wanted_share_is_recorded() -> None:
    """A tenth of two thousand, give or take; the rest cost nothing that is kept."""
    bench = Bench(sample=0.1)
    begun = [bench.tracer.begin(SOCKET_COMMAND) for _ in range(2000)]
    assert 120 < sum(span is not None for span in begun) < 290
    await bench.close()


async def test_what_is_too_much_is_dropped_and_counted(bench: Bench) -> None:
    """While the collector takes nothing so many wait; who ends a span never does."""
    bench = Bench(queue_spans=4, batch_spans=2)
    bench.exporter.open.clear()
    for _ in range(10):
        span = bench.tracer.begin(SOCKET_COMMAND)
        assert span is not None
        span.end()
    assert bench.outcome("dropped") == 6
    bench.exporter.open.set()
    await bench.until("exported", 4)
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    span.end()
    await bench.until("exported", 5)
    assert len(bench.exporter.spans) == 5
    assert bench.outcome("dropped") == 6
    await bench.close()


async def test_what_a_collector_does_not_take_is_counted_and_said_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Not with every batch; and it is said too when it takes them again."""
    caplog.set_level(logging.WARNING, "parley.tracing")
    bench.exporter.ill = True
    for number in range(3):
        span = bench.tracer.begin(SOCKET_COMMAND)
        assert span is not None
        span.end()
        await bench.until("failed", number + 1)
    bench.exporter.ill = False
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    span.end()
    await bench.until("exported", 1)
    assert [record.message for record in caplog.records if record.name == "parley.tracing"] == [
        "the collector does not take spans; they are lost until it does",
        "the collector takes spans again",
    ]


async def test_closing_sends_what_waits() -> None:
    """A span that ended just before is not lost for the sake of a fuller batch."""
    bench = Bench(delay_s=3600.0)
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    span.end()
    await bench.close()
    assert [each.name for each in bench.exporter.spans] == [SOCKET_COMMAND]


async def test_closing_waits_for_no_collector() -> None:
    """One that hangs keeps nobody for longer than was said."""
    bench = Bench()
    bench.exporter.open.clear()
    span = bench.tracer.begin(SOCKET_COMMAND)
    assert span is not None
    span.end()
    async with asyncio.timeout(2):
        await bench.close(patience_s=0.1)
    bench.exporter.open.set()

"""What is wired for operators: nothing of OpenTelemetry where it is off, figures always."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys

from adapters.telemetry.settings import TracingSettings
from domain import figures
from domain.telemetry import NO_TRACER
from ops.settings import CHECKOUT, Settings
from ops.telemetry import seen, watch_the_loop
from tests.doubles.clock import ManualClock, settle
from tests.doubles.telemetry import KeptMeasures

LOADED = "import sys, ops.commands.serve; sys.exit('opentelemetry.sdk' in sys.modules)"


def test_a_program_that_traces_nothing_loads_no_opentelemetry() -> None:
    """It is large, and by default nobody wants it."""
    command = [sys.executable, "-c", LOADED]
    assert subprocess.run(command, cwd=CHECKOUT, timeout=60).returncode == 0


async def test_off_is_the_default() -> None:
    """Figures are taken, traces are not."""
    async with seen(Settings()) as sight:
        assert sight.telemetry.tracer is NO_TRACER
        text, _ = sight.exposition("")
        assert (
            b'parley_build_info{roles="admin,agent,projector,relay,router,visitor,webhooks",version="'
            in text
        )
        assert b"parley_spans_total" not in text


async def test_a_collector_that_is_away_disturbs_nobody() -> None:
    """Spans begin and end as ever; what becomes of them is seen, and leaving takes a moment."""
    tracing = TracingSettings(sample=1, endpoint="http://127.0.0.1:9/v1/traces", delay_s=0.01)
    async with asyncio.timeout(5), seen(Settings(tracing=tracing)) as sight:
        span = sight.telemetry.tracer.begin("socket command")
        assert span is not None
        span.end()
        failed = b'parley_spans_total{outcome="failed"} 1.0'
        while failed not in sight.exposition("")[0]:  # noqa: ASYNC110  # a thread sets no Event
            await asyncio.sleep(0.01)


class LateClock(ManualClock):
    """Wakes its sleepers late, each by one of these, and then no more."""

    def __init__(self, *late: float) -> None:
        super().__init__()
        self._late = list(late)

    async def sleep(self, seconds: float) -> None:
        if not self._late:
            await asyncio.Event().wait()
        self._pass(seconds + self._late.pop(0))


async def test_how_late_the_loop_is_is_measured() -> None:
    """A beat that comes late says by how much."""
    measures = KeptMeasures()
    task = asyncio.create_task(watch_the_loop(LateClock(0.0, 0.25), measures))
    await settle()
    task.cancel()
    assert measures.observed[figures.EVENT_LOOP_LAG.name] == [0.0, 0.25]


async def test_looks_for_garbage_are_measured() -> None:
    """Each with its length, and no longer than the node runs."""
    before = list(gc.callbacks)
    async with seen(Settings()) as sight:
        gc.collect()
        text = sight.exposition("")[0].decode()
    count = next(line for line in text.splitlines() if "garbage_pause_seconds_count" in line)
    assert float(count.split()[1]) >= 1
    assert gc.callbacks == before

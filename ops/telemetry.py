"""What operators see of this process: its figures, and its traces where they are wanted.

The rooms say what there is to be seen (``domain.telemetry``); here is decided who takes it.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from adapters.prometheus.exposition import Exposition
from adapters.prometheus.measures import PrometheusMeasures
from domain import figures
from domain.ports import Clock
from domain.telemetry import NO_TRACER, Measures, Telemetry, Tracer
from ops.breakers import Breakers
from ops.settings import Settings
from ops.system import SystemClock, SystemIds
from ops.version import program_version

BEAT_S = 0.5
"""Seconds between two looks at how late the event loop is: often enough, and no work."""

BREAKER_STATES = ("closed", "open", "half_open")


@dataclass(frozen=True)
class Seen:
    """What the parts are given to be seen by, and what ``/metrics`` answers of it."""

    telemetry: Telemetry
    exposition: Exposition


@contextlib.asynccontextmanager
async def seen(settings: Settings) -> AsyncIterator[Seen]:
    """Figures and traces of a node, for as long as it runs."""
    measures, clock = PrometheusMeasures(figures.FIGURES), SystemClock()
    roles = ",".join(sorted(settings.roles))
    measures.level(figures.BUILD, 1, program_version(), roles)
    with _garbage_seen(measures, clock):
        async with _tracing(settings, measures, clock) as tracer:
            yield Seen(Telemetry(measures, tracer, clock), Exposition(measures))


@contextlib.asynccontextmanager
async def _tracing(
    settings: Settings, measures: Measures, clock: SystemClock
) -> AsyncIterator[Tracer]:
    """The tracer that is wanted. Where none is, nothing of OpenTelemetry is loaded."""
    if not settings.tracing.sample:
        yield NO_TRACER
        return
    from adapters.telemetry.tracing import to_collector  # noqa: PLC0415  # large; see above

    tracer = to_collector(settings.tracing, SystemIds(), program_version())
    tracer.be_seen(measures)
    try:
        yield tracer
    finally:
        await tracer.close(clock, settings.stop.spans_s)


async def watch_the_loop(clock: Clock, measures: Measures) -> None:
    """Measure for ever how late the event loop is."""
    while True:
        due = clock.monotonic() + BEAT_S
        await clock.sleep(BEAT_S)
        measures.observe(figures.EVENT_LOOP_LAG, max(0.0, clock.monotonic() - due))


def show_breakers(breakers: Breakers, measures: Measures) -> None:
    """Let operators see how each breaker stands: 1 for the state that it is in."""
    measures.read(
        figures.BREAKER_STATE,
        lambda: {
            (part, state): state == now
            for part, now in breakers.states().items()
            for state in BREAKER_STATES
        },
    )


@contextlib.contextmanager
def _garbage_seen(measures: Measures, clock: Clock) -> Iterator[None]:
    """Measure each look for garbage, which stops everything while it lasts."""
    begun = 0.0

    def tell(phase: str, _: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = clock.monotonic()
        else:
            measures.observe(figures.GARBAGE_PAUSE, clock.monotonic() - begun)

    gc.callbacks.append(tell)
    try:
        yield
    finally:
        gc.callbacks.remove(tell)

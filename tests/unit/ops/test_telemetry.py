"""What is wired for operators: figures of the process itself."""

from __future__ import annotations

import asyncio
import gc

from domain import figures
from ops.settings import Settings
from ops.telemetry import seen, watch_the_loop
from tests.doubles.clock import ManualClock, settle
from tests.doubles.telemetry import KeptMeasures


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

"""What traces cost: chat over a product that records none, and over one that records a hundredth.

Both run at once and are measured in turn, round by round. The collector is this process's, and so
costs the generator and not what is measured.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from tests.benchmarks.chat import closed_table, measured
from tests.benchmarks.measuring import MeasurementFailed, Options, Table
from tests.benchmarks.sides import Side, parley
from tests.fixtures.collector import Collector, running_collector

SAMPLE = 0.01


async def tracing(options: Options) -> Table:
    """Closed loop, as ``chat``; the ratios are the cost."""
    async with AsyncExitStack() as stack:
        collector = stack.enter_context(running_collector())
        settings = {"SAMPLE": str(SAMPLE), "ENDPOINT": collector.endpoint}
        recording = {f"PARLEY_TRACING_{name}": value for name, value in settings.items()}
        on = await parley(stack, options.people, f"traces {SAMPLE:.0%}", **recording)
        off = await parley(stack, options.people, "none")
        await measured((on, off), options)
        _check_spans(collector, on)
    people = f"{options.people} visitors, {options.people} agents' sockets"
    return closed_table(f"traces: {people}", (on, off))


def _check_spans(collector: Collector, side: Side) -> None:
    """About as many traces have come as should: else nothing was measured."""
    expected = SAMPLE * sum(each.done for each in side.runs)
    if not 0.5 * expected < len(collector.traces()) < 2 * expected:
        raise MeasurementFailed(f"{len(collector.traces())} traces came, not {expected:.0f}")

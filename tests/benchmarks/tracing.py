"""What traces cost: chat over a product that records none, and over one that records a hundredth.

Both run at once and are measured in turn, round by round. The collector is this process's, and so
costs the generator and not what is measured.
"""

from __future__ import annotations

from contextlib import ExitStack

from tests.benchmarks.chat import WARM_S, check, latencies, measured, quotients, work_ratios
from tests.benchmarks.measuring import MeasurementFailed, Options, Table, spread
from tests.benchmarks.talk import Figures, Pair, pairs
from tests.fixtures.collector import Collector, running_collector
from tests.fixtures.server import Server, running_server

SAMPLE = 0.01


async def tracing(options: Options) -> Table:
    """Closed loop, as ``chat``; the ratios are the cost."""
    table = Table(
        f"traces: {options.people} visitors, {options.people} agents' sockets, closed loop",
        ("", "messages/s", "p50 ms", "p99 ms", "server's CPU, us/message"),
    )
    with ExitStack() as stack:
        collector = stack.enter_context(running_collector())
        settings = {"SAMPLE": str(SAMPLE), "ENDPOINT": collector.endpoint}
        recording = {f"PARLEY_TRACING_{name}": value for name, value in settings.items()}
        off = stack.enter_context(running_server())
        on = stack.enter_context(running_server(**recording))
        runs = await _runs(options, off, on)
        _check_spans(collector, runs[1])
    for name, figures in zip(("none", f"{SAMPLE:.0%}"), runs, strict=True):
        rate = spread([each.rate for each in figures])
        table.add(name, rate, *latencies(figures), spread([each.work for each in figures]))
    table.add(f"{SAMPLE:.0%} / none", *quotients(runs[1], runs[0]), work_ratios(runs[1], runs[0]))
    return table


async def _runs(options: Options, *servers: Server) -> list[list[Figures]]:
    """So many rounds over each server in turn."""
    talking = [await pairs(server, options.people) for server in servers]
    runs: list[list[Figures]] = [[] for _ in servers]
    for number in range(-1, options.rounds):
        for server, lines, results in zip(servers, talking, runs, strict=True):
            assert server.process is not None
            seconds = WARM_S if number < 0 else options.seconds
            figures = await measured(lines, server.process.pid, seconds)
            if number >= 0:
                results.append(figures)
    for server, lines in zip(servers, talking, strict=True):
        await _finish(server, lines)
    return runs


async def _finish(server: Server, lines: list[Pair]) -> None:
    await check(server, lines)
    for line in lines:
        line.leave()


def _check_spans(collector: Collector, runs: list[Figures]) -> None:
    """About as many traces have come as should: else nothing was measured."""
    expected = SAMPLE * sum(each.done for each in runs)
    if not 0.5 * expected < len(collector.traces()) < 2 * expected:
        raise MeasurementFailed(f"{len(collector.traces())} traces came, not {expected:.0f}")

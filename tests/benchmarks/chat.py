"""Chat: how many durable messages a second, and how long one takes, beside a bare echo.

The product runs as its own process with its own PostgreSQL, the echo as another; this process
generates and checks. Every message ends in the log, which is counted in the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import asyncpg
import psutil

from tests.benchmarks.bare import running_bare
from tests.benchmarks.measuring import (
    MeasurementFailed,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.talk import Figures, Line, Pair, closed_loop, echoes, open_loop, pairs
from tests.fixtures.server import Server, running_server

WARM_S = 1.0
RATE = 200.0


async def chat(options: Options) -> Table:
    """Closed loop: the next message follows the ack and the receipt of the one before."""
    table = Table(
        f"chat: {options.people} visitors, {options.people} agents' sockets, closed loop",
        ("", "messages/s", "p50 ms", "p99 ms", "server's CPU, us/message"),
    )
    runs = await _both(options, open_rate=None)
    for name, figures in zip(("Parley", "bare echo"), runs, strict=True):
        rate = spread([each.rate for each in figures])
        table.add(name, rate, *latencies(figures), spread([each.work for each in figures]))
    table.add("Parley / echo", *quotients(*runs), work_ratios(*runs))
    return table


async def pace(options: Options) -> Table:
    """Open loop: messages are sent when they are due, at random moments."""
    table = Table(
        f"open loop: {RATE:.0f} messages/s along {options.people} pairs, sent to received",
        ("", "p50 ms", "p99 ms", "server's CPU, us/message", "generator late, p99 ms"),
    )
    runs = await _both(options, open_rate=RATE)
    for name, figures in zip(("Parley", "bare echo"), runs, strict=True):
        late = spread([at_least(0.99, milliseconds(each.late)) for each in figures])
        table.add(name, *latencies(figures), spread([each.work for each in figures]), late)
    _, *slower = quotients(*runs)
    table.add("Parley / echo", *slower, work_ratios(*runs), "")
    return table


async def _both(options: Options, open_rate: float | None) -> tuple[list[Figures], list[Figures]]:
    """The product and the echo in turn, so many rounds."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server())
        bare = stack.enter_context(running_bare())
        assert server.process is not None
        talking = await pairs(server, options.people)
        echoing = await echoes(bare, options.people)
        ours: list[Figures] = []
        theirs: list[Figures] = []
        for number in range(-1, options.rounds):
            seconds = WARM_S if number < 0 else options.seconds
            for lines, process, results in (
                (talking, server.process.pid, ours),
                (echoing, bare.process.pid, theirs),
            ):
                figures = await measured(lines, process, seconds, open_rate)
                if number >= 0:
                    results.append(figures)
        await check(server, talking)
        everybody: list[Line] = [*talking, *echoing]
        for line in everybody:
            line.leave()
        return ours, theirs


async def measured(
    lines: Sequence[Line], pid: int, seconds: float, open_rate: float | None = None
) -> Figures:
    """One run over these lines, with what the serving process has worked for it."""
    before = _cpu_s(pid)
    figures = await _run(lines, seconds, open_rate)
    figures.cpu_s = _cpu_s(pid) - before
    return figures


def _cpu_s(pid: int) -> float:
    """Seconds that a process has worked so far, without its children."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def _run(lines: Sequence[Line], seconds: float, open_rate: float | None) -> Figures:
    if open_rate is None:
        return await closed_loop(lines, seconds)
    return await open_loop(lines, seconds, open_rate)


async def check(server: Server, talking: Sequence[Pair]) -> None:
    """The log has every message, once."""
    connection = await asyncpg.connect(server.credentials["database_url"])
    found = await connection.fetchval("SELECT count(*) FROM es.event WHERE type = 'message.posted'")
    await connection.close()
    expected = sum(pair.posted + 1 for pair in talking)
    if found != expected:
        raise MeasurementFailed(f"{expected} messages were acked, the log has {found}")


def latencies(runs: Sequence[Figures]) -> tuple[str, str]:
    """Half, and all but a hundredth, of the messages were received within these times."""
    p50, p99 = (
        [at_least(share, milliseconds(each.received)) for each in runs] for share in (0.5, 0.99)
    )
    return spread(p50), spread(p99)


def quotients(ours: Sequence[Figures], theirs: Sequence[Figures]) -> tuple[str, str, str]:
    """The ratios of rate and latencies."""
    rate = ratios([each.rate for each in ours], [each.rate for each in theirs])
    p50, p99 = (
        ratios(*([at_least(share, each.received) for each in runs] for runs in (ours, theirs)))
        for share in (0.5, 0.99)
    )
    return rate, p50, p99


def work_ratios(ours: Sequence[Figures], theirs: Sequence[Figures]) -> str:
    """The ratio of the processor's time for a message."""
    return ratios([each.work for each in ours], [each.work for each in theirs])

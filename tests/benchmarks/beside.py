"""Chat while all read models are rebuilt beside it, as an operator's command does by default.

Open loop: messages come at random moments, whatever the rebuild does. The baseline of each round is
the same without a rebuild. What is rebuilt is a part of the standard data set in the same store.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
import psutil

from tests.benchmarks.checking import demand_durable
from tests.benchmarks.measuring import (
    MeasurementFailed,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.pairs import Pair, pairs
from tests.benchmarks.talk import Figures, open_loop
from tests.fixtures.server import CHECKOUT, Server, data_directory

FRACTION = "0.02"
"""Of the standard set, some 900,000 events: longer to rebuild than a round lasts."""

RATE = 200.0
PEOPLE = 50
WARM_S = 2.0
BEGUN_S = 30.0

Times = Callable[[Figures], Sequence[float]]
PARTS: dict[str, tuple[Times, float]] = {
    "receipt, p50 ms": (lambda run: run.acked, 0.5),
    "receipt, p99 ms": (lambda run: run.acked, 0.99),
    "push at the other socket, p50 ms": (lambda run: run.received, 0.5),
    "push at the other socket, p99 ms": (lambda run: run.received, 0.99),
}


async def beside(options: Options) -> Table:
    """With and without, in turn."""
    table = Table(
        f"chat beside a rebuild of everything: {RATE:.0f} messages/s along {PEOPLE} pairs",
        ("", "beside a rebuild", "without", "beside / without"),
    )
    with data_directory() as data:
        server = Server(data)
        try:
            await asyncio.to_thread(_prepared, server)
            await demand_durable(server.credentials["database_url"])
            rounds = await _measured(server, options)
        finally:
            server.end()
    for name, (times, share) in PARTS.items():
        beside_it, without = (
            [at_least(share, milliseconds(times(run))) for run in runs]
            for runs in zip(*rounds, strict=True)
        )
        table.add(name, spread(beside_it), spread(without), ratios(beside_it, without))
    return table


def _prepared(server: Server) -> None:
    """The history and its read models, before anybody chats; then the product."""
    for arguments in (
        ("init", "--demo"),
        ("dataset", "load", "--fraction", FRACTION),
        ("projection", "rebuild", "--all", "--share", "1"),
    ):
        done = server.parley(*arguments)
        if done.returncode:
            raise MeasurementFailed(f"parley {' '.join(arguments)}: {done.stderr}")
    server.start()


async def _measured(server: Server, options: Options) -> list[tuple[Figures, Figures]]:
    """Rounds of both."""
    talking = await pairs(server, PEOPLE)
    await open_loop(talking, WARM_S, RATE)
    rounds = []
    for _ in range(options.rounds):
        without = await open_loop(talking, options.seconds, RATE)
        async with _rebuilding(server):
            rounds.append((await open_loop(talking, options.seconds, RATE), without))
    _leave(talking)
    return rounds


def _leave(talking: Sequence[Pair]) -> None:
    for pair in talking:
        pair.leave()


@contextlib.asynccontextmanager
async def _rebuilding(server: Server) -> AsyncIterator[None]:
    """While a rebuild folds; it is killed, and what it had made is dropped.

    Raises MeasurementFailed where it did not last.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops", "projection", "rebuild", "--all", "--json"),
        *("--data", str(server.data)),
        cwd=CHECKOUT,
        env=server.environment,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(BEGUN_S):
            await process.stdout.readline()  # it folds
        yield
        if process.returncode is not None:
            raise MeasurementFailed("the rebuild was over before the round")
    finally:
        await _ended(process)
    for name in await asyncio.to_thread(_names, server):
        await asyncio.to_thread(server.parley, "projection", "drop", name)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Kill it, and see its workers gone; one that is over already has none."""
    if process.returncode is None:
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        psutil.wait_procs(workers, timeout=BEGUN_S)


def _names(server: Server) -> list[str]:
    """Of all projections."""
    lines = server.parley("projection", "list", "--json").stdout.splitlines()
    return sorted({msgspec.json.decode(line)["projection"] for line in lines})

"""Starting: from the command to the first 200 of healthz, on a fresh directory and on a used one.

What bounds it is measured beside it: loading the program, and PostgreSQL alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from adapters.postgres.embedded import EmbeddedPostgres
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, spread
from tests.benchmarks.probing import LOOK_S, answers
from tests.fixtures.server import CHECKOUT, START_S, Server, clean_environment, data_directory

WARM = "Parley, second start"


async def start(options: Options) -> Table:
    """Every round a fresh directory, started twice."""
    taken: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, seconds in [*_product().items(), *(await _bounds()).items()]:
            taken.setdefault(name, []).append(seconds)
    table = Table("start: command to healthz 200", ("", "seconds"))
    for name, values in taken.items():
        table.add(name, spread(values))
    table.keep(Figure.START, taken[WARM])
    return table


def _product() -> dict[str, float]:
    with data_directory() as data:
        server = Server(data)
        try:
            cold = _started(server)
            server.stop()
            warm = _started(server)
        finally:
            server.end()
    return {"Parley, fresh directory": cold, WARM: warm}


def _started(server: Server) -> float:
    begin = time.perf_counter()
    server.start(wait=False)
    while not answers(server.port, "/api/healthz"):
        assert server.process is not None
        if server.process.poll() is not None or time.perf_counter() - begin > START_S:
            raise MeasurementFailed("the product did not start")
        time.sleep(LOOK_S)
    return time.perf_counter() - begin


async def _bounds() -> dict[str, float]:
    with data_directory() as data:
        cold, warm = await _postgres(data), await _postgres(data)
    return {
        "loading the program": _loaded(),
        "PostgreSQL alone, fresh": cold,
        "PostgreSQL alone, second": warm,
    }


def _loaded() -> float:
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import ops.cli, ops.commands.serve"],
        cwd=CHECKOUT,
        env=clean_environment(),
        check=True,
    )
    return time.perf_counter() - begin


async def _postgres(data: Path) -> float:
    begin = time.perf_counter()
    server = await EmbeddedPostgres.open(data)
    taken = time.perf_counter() - begin
    await server.stop()
    return taken

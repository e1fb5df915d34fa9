"""kill -9 of the product, as an out-of-memory killer would, and that it happened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import psutil

from tests.benchmarks.checking import demand_killed
from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.server import Server

GONE_S = 10.0


def the_product(server: Server) -> list[psutil.Process]:
    """The one process that serves."""
    assert server.process is not None
    return [psutil.Process(server.process.pid)]


def everything(server: Server) -> list[psutil.Process]:
    """That process and all of its PostgreSQL, as when the machine loses its power."""
    postgres = server.postgres()
    return [*the_product(server), postgres, *postgres.children()]


def kill_at_once(server: Server, whom: Sequence[psutil.Process]) -> None:
    """All at once. Raises MeasurementFailed where one lives on, or ended otherwise."""
    for each in whom:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    assert server.process is not None
    demand_killed(server.process.wait())
    _, alive = psutil.wait_procs(whom, timeout=GONE_S)
    if alive:
        raise MeasurementFailed(f"a kill left {alive}")

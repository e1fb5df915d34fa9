"""The whole embedded product at rest: its memory, PostgreSQL's included, after some talk."""

from __future__ import annotations

import asyncio

import psutil

from tests.benchmarks.checking import demand_events
from tests.benchmarks.measuring import Figure, Options, Table, spread
from tests.benchmarks.memory import memory_of
from tests.benchmarks.pairs import pairs
from tests.benchmarks.talk import open_loop
from tests.fixtures.server import Server, running_server

MB = 10**6
PEOPLE = 20
RATE = 200.0
TALK_S = 3.0
SETTLE_S = 2.0


async def rest(options: Options) -> Table:
    """Fresh after a start, and at rest after some hundred messages; each round a new product."""
    rounds = [await _round() for _ in range(options.rounds)]
    fresh, used, server = zip(*rounds, strict=True)
    table = Table("at rest: the embedded product with its PostgreSQL", ("", "PSS MB"))
    table.add("after a start", spread(fresh))
    table.add(f"after {TALK_S * RATE:.0f} messages of {PEOPLE} conversations", spread(used))
    table.add("of it the server itself", spread(server))
    table.keep(Figure.REST, used)
    return table


async def _round() -> tuple[float, float, float]:
    with running_server() as server:
        await asyncio.sleep(SETTLE_S)
        fresh = _whole(server)
        talking = await pairs(server, PEOPLE)
        figures = await open_loop(talking, TALK_S, RATE)
        demand_events(figures.done, int(TALK_S * RATE), "messages before the rest")
        for pair in talking:
            pair.leave()
        await asyncio.sleep(SETTLE_S)
        assert server.process is not None
        return fresh, _whole(server), memory_of(psutil.Process(server.process.pid)).pss / MB


def _whole(server: Server) -> float:
    """MB of the product's process and all that it has started."""
    assert server.process is not None
    root = psutil.Process(server.process.pid)
    return memory_of(root, *root.children(recursive=True)).pss / MB

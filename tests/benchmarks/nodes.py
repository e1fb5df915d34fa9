"""Two nodes: how long a message takes from a visitor on one to an agent on the other.

At full size: own PostgreSQL, RabbitMQ and Redis, two nodes, a relay, a projector, each a process.
The same is measured while RabbitMQ is dead, and again once it is back.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ops.stack.stack import NAMES
from tests.benchmarks.measuring import Options, Table, at_least, milliseconds
from tests.benchmarks.pairs import Pair
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.sessions import agents, visitors
from tests.benchmarks.talk import open_loop
from tests.fixtures.cluster import Cluster, running_cluster
from tests.fixtures.stack import OwnStack

RATE = 100.0
PEOPLE = 20
BACK_S = 15.0
"""Seconds after RabbitMQ's return within which all is to be as before."""


async def nodes(options: Options) -> Table:
    """Open loop, 100 messages a second, visitors on one node and agents on the other."""
    table = Table(
        f"two nodes: {RATE:.0f} messages/s, visitor on one, agent on the other, sent to received",
        ("RabbitMQ", "p50 ms", "p99 ms", "longest ms", "generator late, p99 ms"),
    )
    async with own_stack() as stack, AsyncExitStack() as ending:
        cluster = ending.enter_context(running_cluster(stack))
        talking = await _pairs(cluster)
        await open_loop(talking, 2.0, RATE)
        table.add("runs", *await _measured(talking, options.seconds))
        await asyncio.to_thread(stack.kill, "broker")
        table.add("dead", *await _measured(talking, options.seconds))
        await asyncio.to_thread(stack.start, "broker")
        back = time.monotonic()
        table.add("just back", *await _measured(talking, options.seconds))
        await asyncio.sleep(max(0.0, back + BACK_S - time.monotonic()))
        table.add(f"back for {BACK_S:.0f} s", *await _measured(talking, options.seconds))
        for pair in talking:
            pair.leave()
    return table


@asynccontextmanager
async def own_stack(*names: str) -> AsyncIterator[OwnStack]:
    """A private stack with these servers, all without names; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as directory:
        os.chmod(directory, 0o755)  # noqa: PTH101, S103  # PostgreSQL's own user passes through
        place = Path(directory) / "stack"
        up = [sys.executable, "-m", "ops.stack", "up", "--data", str(place)]
        up += ["--only", *names] if names else []
        await (await asyncio.create_subprocess_exec(*up)).wait()
        stack = OwnStack(place, names or NAMES)  # which all run
        try:
            yield stack
        finally:
            await asyncio.to_thread(stack.close)


async def _pairs(cluster: Cluster) -> list[Pair]:
    visiting = await visitors(cluster.one, PEOPLE)
    serving = await agents(cluster.two, PEOPLE)
    return [
        await _pair(await Person().arrive(one), two)
        for one, two in zip(visiting, serving, strict=True)
    ]


async def _pair(visitor: Person, serving: dict[str, str]) -> Pair:
    conversation = await conversation_of(visitor)
    agent = await Person().arrive(serving, [f"conversation:{conversation}"])
    return Pair(visitor, agent, conversation)


async def _measured(talking: list[Pair], seconds: float) -> tuple[str, str, str, str]:
    figures = await open_loop(talking, seconds, RATE)
    times = milliseconds(figures.received)
    late = milliseconds(figures.late)
    numbers = (at_least(0.5, times), at_least(0.99, times), max(times), at_least(0.99, late))
    return tuple(f"{number:.1f}" for number in numbers)  # type: ignore[return-value]  # four of them

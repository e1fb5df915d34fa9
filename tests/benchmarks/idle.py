"""What an idle connection costs the server in memory, beside a bare one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import psutil

from tests.benchmarks.bare import running_bare
from tests.benchmarks.measuring import MeasurementFailed, Options, Table, number
from tests.benchmarks.people import Person
from tests.benchmarks.sessions import visitors
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import running_server

SOCKETS = 500
WARM = 50
SETTLE_S = 1.0

Memory = tuple[float, float]
"""PSS and RSS in KB."""


async def idle(_: Options) -> Table:
    """Authenticated visitors' sockets that say nothing, and bare ones."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server())
        bare = stack.enter_context(running_bare())
        assert server.process is not None
        sessions = await visitors(server, SOCKETS + WARM)

        async def arrive(index: int) -> Callable[[], None]:
            return (await Person().arrive(sessions[index])).leave

        async def connect(_: int) -> Callable[[], None]:
            socket: Socket = await connected(bare.socket("/echo"), drop)
            return socket.close

        ours = await _each(psutil.Process(server.process.pid), arrive)
        theirs = await _each(bare.process, connect)
    table = Table(
        f"idle connections: {SOCKETS} sockets, KB of the server's memory for each",
        ("", "PSS KB", "RSS KB"),
    )
    table.add("Parley, authenticated", *map(number, ours))
    table.add("bare Starlette", *map(number, theirs))
    table.add("Parley / bare", *(number(a / b) for a, b in zip(ours, theirs, strict=True)))
    return table


async def _each(
    process: psutil.Process, connect: Callable[[int], Awaitable[Callable[[], None]]]
) -> Memory:
    """KB a connection, once the first ones have loaded what all share."""
    leave = [await connect(index) for index in range(WARM)]
    await asyncio.sleep(SETTLE_S)
    before = _memory(process)
    leave += [await connect(index) for index in range(WARM, WARM + SOCKETS)]
    await asyncio.sleep(SETTLE_S)
    after = _memory(process)
    for each in leave:
        each()
    pss, rss = (after[0] - before[0]) / SOCKETS, (after[1] - before[1]) / SOCKETS
    if pss <= 0:
        raise MeasurementFailed("the connections took no memory")
    return pss, rss


def _memory(process: psutil.Process) -> Memory:
    info = process.memory_full_info()
    return info.pss / 1024, info.rss / 1024


def drop(_: bytes) -> None:
    """Nothing is sent."""

"""What an idle connection costs the server in memory, beside a bare one on the same server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import psutil

from ops.server import allow_many_files
from tests.benchmarks.bare import running_bare
from tests.benchmarks.checking import demand_sockets
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, number
from tests.benchmarks.memory import Memory, memory_of
from tests.benchmarks.people import Person, conversation_of, drop
from tests.benchmarks.sessions import visitors
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import Server, running_server

SOCKETS = 2_000
WARM = 50
"""Sockets before, for which the server loads what all share."""

SETTLE_S = 1.0
KB = 1024
AUTHENTICATED = "Parley, authenticated"


class Idle(Protocol):
    """An open connection that says nothing."""

    @property
    def there(self) -> bool:
        """Whether it is open."""

    def leave(self) -> None:
        """Close it."""


Connect = Callable[[int], Awaitable[Idle]]


async def idle(_: Options) -> Table:
    """Authenticated visitors' sockets, the same following their conversations, and bare ones."""
    allow_many_files()
    with running_bare() as bare:

        async def connect(_: int) -> Socket:
            return await connected(bare.socket("/echo"), drop)

        theirs = await _each(bare.process, connect)
    table = Table(
        f"idle connections: {SOCKETS:,} sockets, KB of the server's memory for each",
        ("", "PSS KB", "RSS KB", "PSS / bare"),
    )
    for name, ours in (
        (AUTHENTICATED, await _visitors(follow=False)),
        ("Parley, following a conversation", await _visitors(follow=True)),
        ("bare Starlette", theirs),
    ):
        table.add(name, *map(number, ours / KB), number(ours.pss / theirs.pss))
        if name == AUTHENTICATED:
            table.keep(Figure.IDLE, [ours.pss / theirs.pss])
    return table


async def _visitors(*, follow: bool) -> Memory:
    """Of a product of its own, so that nothing is left of sockets before."""
    with running_server() as server:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        return await _each(process, await _arriving(server, follow=follow))


async def _arriving(server: Server, *, follow: bool) -> Connect:
    sessions = await visitors(server, SOCKETS + WARM)
    feeds: list[list[str]] = [[] for _ in sessions]
    if follow:
        for session, followed in zip(sessions, feeds, strict=True):
            person = await Person().arrive(session)
            followed.append(f"conversation:{await conversation_of(person)}")
            person.leave()

    async def arrive(index: int) -> Person:
        return await Person().arrive(sessions[index], feeds[index])

    return arrive


async def _each(process: psutil.Process, connect: Connect) -> Memory:
    """Of a connection, once the first ones have loaded what all share."""
    connections = [await connect(index) for index in range(WARM)]
    await asyncio.sleep(SETTLE_S)
    before = memory_of(process)
    connections += [await connect(index) for index in range(WARM, WARM + SOCKETS)]
    await asyncio.sleep(SETTLE_S)
    demand_sockets(sum(each.there for each in connections), WARM + SOCKETS)
    taken = (memory_of(process) - before) / SOCKETS
    if taken.pss <= 0:
        raise MeasurementFailed("the connections took no memory")
    for each in connections:
        each.leave()
    return taken

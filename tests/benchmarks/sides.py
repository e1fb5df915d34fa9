"""Those who are compared at chat: the product, Socket.IO, a bare echo; each a process of its own.

A side knows how to find in the end what it says that it has stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.bare import running_bare
from tests.benchmarks.checking import demand_durable, demand_events
from tests.benchmarks.measuring import Figure
from tests.benchmarks.pairs import Pair, echoes, pairs, rooms
from tests.benchmarks.socket_io import NotInstalled, running_socket_io
from tests.benchmarks.talk import Figures, Line
from tests.fixtures.postgres import owner_of
from tests.fixtures.server import Server, running_server

PARLEY, SOCKET_IO, ECHO = "Parley", "Socket.IO and INSERT", "bare echo"


@dataclass
class Side:
    """Lines over one server; ``missing`` says why there are none."""

    name: str
    pid: int = 0
    lines: Sequence[Line] = ()
    stored: Callable[[], Awaitable[int]] | None = None
    missing: str = ""
    figure: Figure | None = None
    """How often the first side has this one in it, where a goal is set for that."""

    runs: list[Figures] = field(default_factory=list)

    async def end(self) -> None:
        """Leave, when every message was found where it is kept. Raises MeasurementFailed."""
        if self.stored is not None:
            posted = sum(line.posted for line in self.lines)
            demand_events(await self.stored(), posted, f"what {self.name} has stored")
        for line in self.lines:
            line.leave()


@asynccontextmanager
async def all_sides(people: int) -> AsyncIterator[list[Side]]:
    """All of them, with so many pairs each."""
    async with AsyncExitStack() as stack:
        yield [
            await parley(stack, people),
            await _socket_io(stack, people),
            await _echo(stack, people),
        ]


async def parley(
    stack: AsyncExitStack, people: int, name: str = PARLEY, **environment: str
) -> Side:
    """The product, with this environment besides."""
    server = stack.enter_context(running_server(**environment))
    await demand_durable(server.credentials["database_url"])
    talking = await pairs(server, people)
    assert server.process is not None
    return Side(name, server.process.pid, talking, _of(server, talking))


def _of(server: Server, talking: Sequence[Pair]) -> Callable[[], Awaitable[int]]:
    """Counts the log, but for the message that begins each conversation."""

    async def stored() -> int:
        async with owner_of(server.credentials["database_url"]) as owner:
            found: int = await owner.fetchval(
                "SELECT count(*) FROM es.event WHERE type = 'message.posted'"
            )
            return found - len(talking)

    return stored


async def _socket_io(stack: AsyncExitStack, people: int) -> Side:
    try:
        server = await stack.enter_async_context(running_socket_io())
    except NotInstalled as why:
        return Side(SOCKET_IO, missing=str(why))
    lines = await rooms(server, people)
    return Side(SOCKET_IO, server.pid, lines, server.stored, figure=Figure.CHAT)


async def _echo(stack: AsyncExitStack, people: int) -> Side:
    bare = stack.enter_context(running_bare())
    return Side(ECHO, bare.process.pid, await echoes(bare, people))

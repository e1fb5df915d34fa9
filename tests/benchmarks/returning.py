"""A restart under many sockets: how long until all of them are live again, coming back at once.

Each is a visitor that follows its own conversation. The product is killed; once it is ready, all
connect in the same moment, without any spread. Whoever is refused tries again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ops.server import allow_many_files
from tests.benchmarks.checking import demand_sockets
from tests.benchmarks.killing import kill_at_once, the_product
from tests.benchmarks.measuring import Figure, Options, Table, at_least, spread
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.probing import started
from tests.benchmarks.sessions import visitors
from tests.benchmarks.work import Watch
from tests.fixtures.server import Server, running_server

SOCKETS = 2_000
AT_ONCE = 20
FALLEN_S = 10.0


@dataclass
class Homecomer:
    """A visitor, its conversation, and when its feed was live again."""

    person: Person
    session: dict[str, Any]
    feed: str
    live_s: float = 0.0
    refused: int = 0

    async def come_back(self) -> None:
        """Raises MeasurementFailed where it is refused for good."""
        self.refused = await self.person.come_back(self.session, [self.feed])
        self.live_s = time.perf_counter()


@dataclass(frozen=True)
class Return:
    """Seconds from ready to live, of half and of all; how often somebody was refused."""

    half_s: float
    all_s: float
    refused: int
    generator_share: float


async def returning(options: Options) -> Table:
    """Kill, start, and everybody at once; so many times."""
    allow_many_files()
    with running_server() as server:
        people = await at_home(server)
        returns: list[Return] = []
        for _ in range(options.rounds):
            await restart(server, people)
            returns.append(await _measured(server, people))
        for each in people:
            each.person.leave()
    table = Table(
        f"returning: {SOCKETS:,} visitors' sockets at once after kill -9 and start",
        ("", "s until half are live", "until all", "refused, tried again", "generator's share"),
    )
    table.add(
        "Parley",
        spread([each.half_s for each in returns]),
        spread([each.all_s for each in returns]),
        spread([each.refused for each in returns]),
        spread([each.generator_share for each in returns]),
    )
    table.keep(Figure.RETURNING, [each.all_s for each in returns])
    return table


async def at_home(server: Server) -> list[Homecomer]:
    """All there, each in its conversation."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(session: dict[str, Any]) -> Homecomer:
        async with gate:
            person = await Person().arrive(session)
            return Homecomer(person, session, f"conversation:{await conversation_of(person)}")

    return list(await asyncio.gather(*map(one, await visitors(server, SOCKETS))))


async def restart(server: Server, people: Sequence[Homecomer]) -> None:
    """Kill the product under all of them, and start it again: ready, and nobody is there."""
    demand_sockets(sum(each.person.there for each in people), SOCKETS)
    kill_at_once(server, the_product(server))
    async with asyncio.timeout(FALLEN_S):
        while any(each.person.there for each in people):  # noqa: ASYNC110  # the kernel's doing
            await asyncio.sleep(0.01)
    await started(server)


async def all_back(people: Sequence[Homecomer]) -> None:
    """Everybody connects in the same moment, and is live."""
    await asyncio.gather(*(each.come_back() for each in people))


async def _measured(server: Server, people: Sequence[Homecomer]) -> Return:
    assert server.process is not None
    watch, begin = Watch(server.process.pid), time.perf_counter()
    await all_back(people)
    work = watch.end()
    times = [each.live_s - begin for each in people]
    refused = sum(each.refused for each in people)
    return Return(at_least(0.5, times), max(times), refused, work.generator_share)

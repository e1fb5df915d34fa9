"""Coming back: how long until 1,000 missed messages are there, for one socket and for ten at once.

The baseline reads the same rows by asyncpg and writes them as JSON: what no server could save.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from tests.benchmarks.checking import demand_events
from tests.benchmarks.frames import new_id
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.sessions import visitors
from tests.benchmarks.work import Watch, Work
from tests.fixtures.server import Server, running_server

MESSAGES = 1_000
AT_ONCE = 10
REPEATS = 5
ROWS = """
    SELECT tenant, position, stream, version, type, schema_version, event_id, actor_role,
           actor_id, key_id, metadata, recorded_at, data, hash
    FROM es.event WHERE tenant = $1 AND stream = $2 ORDER BY version
"""

Session = dict[str, Any]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Known:
    """A visitor's session, its conversation, and the messages in it, as they were sent."""

    session: Session
    conversation: str
    messages: list[str]


@dataclass(frozen=True)
class Place:
    """The serving process, and where the rows are read without it."""

    pid: int
    reader: Connection
    log: UUID


async def resume(options: Options) -> Table:
    """Measure both, in turn."""
    with running_server() as server:
        known = await conversations(server)
        reader: Connection = await asyncpg.connect(server.credentials["database_url"])
        log: UUID = await reader.fetchval("SELECT id FROM es.log WHERE tenant = 'demo'")
        table = Table(
            f"resume: from hello to live, {MESSAGES:,} messages a conversation",
            ("", "Parley ms", "read and JSON ms", "Parley / read", "generator's share of a core"),
        )
        assert server.process is not None
        place = Place(server.process.pid, reader, log)
        for count in (1, AT_ONCE):
            works, theirs = await _rounds(known[:count], place, options.rounds * REPEATS)
            ours = [work.seconds for work in works]
            name = f"{count} socket{'s at once' * (count > 1)}"
            share = spread([work.generator_share for work in works])
            table.add(name, _ms(ours), _ms(theirs), ratios(ours, theirs), share)
            if count > 1:
                table.keep(Figure.RESUME, milliseconds(ours))
        await reader.close()
        return table


async def _rounds(
    known: Sequence[Known], place: Place, count: int
) -> tuple[list[Work], list[float]]:
    pairs = [
        (await come_back(known, place.pid), await _read(known, place)) for _ in range(count + 1)
    ][1:]  # the first of each warms up
    return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]


async def conversations(server: Server) -> list[Known]:
    """As many as come back at once, each with all its messages."""
    sessions = await visitors(server, AT_ONCE)
    return list(await asyncio.gather(*(_talk(session) for session in sessions)))


async def _talk(session: Session) -> Known:
    """A conversation with all its messages."""
    visitor = await Person().arrive(session)
    heard: list[str] = []
    done = asyncio.Event()

    def take(command: str) -> None:
        heard.append(command)
        if len(heard) == MESSAGES:
            done.set()

    visitor.seen = take
    conversation = await conversation_of(visitor)
    sent = [new_id() for _ in range(MESSAGES - 1)]
    for command in sent:
        visitor.post(conversation, command)
    async with asyncio.timeout(60):
        await done.wait()
    visitor.leave()
    return Known(session, conversation, [heard[0], *sent])


async def come_back(known: Sequence[Known], pid: int) -> Work:
    """From the hellos until every socket is live, with everything in order."""
    people = [Person() for _ in known]
    got: list[list[str]] = [[] for _ in known]
    for person, each, messages in zip(people, known, got, strict=True):
        person.seen = messages.append
        await person.connect(each.session)
    watch = Watch(pid)
    await asyncio.gather(
        *(
            person.hello(each.session, [f"conversation:{each.conversation}"])
            for person, each in zip(people, known, strict=True)
        )
    )
    work = watch.end()
    for person, each, messages in zip(people, known, got, strict=True):
        person.leave()
        demand_events(len(messages), MESSAGES, "messages of a socket that came back")
        if messages != each.messages:
            raise MeasurementFailed("they came in another order than they were sent in")
    return work


async def _read(known: Sequence[Known], place: Place) -> float:
    """Seconds to read the same rows and to write them as JSON."""
    begin = time.perf_counter()
    for each in known:
        rows = await place.reader.fetch(ROWS, place.log, f"conversation-{each.conversation}")
        written = [msgspec.json.encode(dict(row)) for row in rows]
        if len(written) <= MESSAGES:
            raise MeasurementFailed(f"{len(written)} rows of {MESSAGES}")
    return time.perf_counter() - begin


def _ms(seconds: Sequence[float]) -> str:
    return spread(milliseconds(seconds))

"""Coming back: how long until 1,000 missed messages are there, for one socket and for ten at once.

The baseline reads the same rows by asyncpg and writes them as JSON: what no server could save.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from tests.benchmarks.frames import new_id
from tests.benchmarks.measuring import (
    MeasurementFailed,
    Options,
    Table,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.sessions import visitors
from tests.fixtures.server import running_server

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
Known = tuple[Session, str]
"""A visitor's session and its conversation."""


async def resume(options: Options) -> Table:
    """Measure both, in turn."""
    with running_server() as server:
        sessions = await visitors(server, AT_ONCE)
        known = list(await asyncio.gather(*(_talk(session) for session in sessions)))
        reader: Connection = await asyncpg.connect(server.credentials["database_url"])
        log: UUID = await reader.fetchval("SELECT id FROM es.log WHERE tenant = 'demo'")
        table = Table(
            f"resume: from hello to live, {MESSAGES:,} messages a conversation",
            ("", "Parley ms", "read and JSON ms", "Parley / read"),
        )
        for count in (1, AT_ONCE):
            ours, theirs = await _rounds(known[:count], reader, log, options.rounds * REPEATS)
            name = f"{count} socket{'s at once' * (count > 1)}"
            table.add(name, _ms(ours), _ms(theirs), ratios(ours, theirs))
        await reader.close()
        return table


async def _rounds(
    known: Sequence[Known], reader: Connection, log: UUID, count: int
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(count + 1):
        pair = await _come_back(known), await _read(known, reader, log)
        if number:  # the first of each warms up
            ours.append(pair[0])
            theirs.append(pair[1])
    return ours, theirs


async def _talk(session: Session) -> Known:
    """A conversation with all its messages."""
    visitor = await Person().arrive(session)
    conversation = await conversation_of(visitor)
    acked: list[str] = []
    done = asyncio.Event()

    def take(command: str) -> None:
        acked.append(command)
        if len(acked) == MESSAGES - 1:
            done.set()

    visitor.acked = take
    for _ in range(MESSAGES - 1):
        visitor.post(conversation, new_id())
    async with asyncio.timeout(60):
        await done.wait()
    visitor.leave()
    return session, conversation


async def _come_back(known: Sequence[Known]) -> float:
    """Seconds from the hellos until every socket is live."""
    people = [Person() for _ in known]
    for person, (session, _) in zip(people, known, strict=True):
        await person.connect(session)
    begin = time.perf_counter()
    await asyncio.gather(
        *(
            person.hello(session, [f"conversation:{conversation}"])
            for person, (session, conversation) in zip(people, known, strict=True)
        )
    )
    taken = time.perf_counter() - begin
    for person in people:
        person.leave()
        if person.messages != MESSAGES:
            raise MeasurementFailed(f"{person.messages} messages came of {MESSAGES}")
    return taken


async def _read(known: Sequence[Known], reader: Connection, log: UUID) -> float:
    """Seconds to read the same rows and to write them as JSON."""
    begin = time.perf_counter()
    for _, conversation in known:
        rows = await reader.fetch(ROWS, log, f"conversation-{conversation}")
        written = [msgspec.json.encode(dict(row)) for row in rows]
        if len(written) <= MESSAGES:
            raise MeasurementFailed(f"{len(written)} rows of {MESSAGES}")
    return time.perf_counter() - begin


def _ms(seconds: Sequence[float]) -> str:
    return spread(milliseconds(seconds))

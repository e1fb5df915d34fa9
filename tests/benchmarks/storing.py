"""A store of the benchmark's own: PostgreSQL in a directory of its own, one tenant, conversations.

The store runs in this process, as it does in the product; only the sockets are left out.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.installation import prepare
from domain import streams
from domain.append import Append, Appended, Part, undecided_since
from domain.conversation.events import Body, MessagePosted
from domain.envelope import Access, Actor, NewEvent, Slice
from domain.event_types import REGISTRY
from domain.group_commit import GroupCommit
from ops.system import SystemClock, SystemIds
from tests.benchmarks.checking import demand_durable
from tests.benchmarks.frames import TEXT
from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.postgres import MASTERS, open_server, postgres_directory

IDS = SystemIds()


@dataclass(frozen=True)
class Bench:
    """The database, the way into it, and the log that is written to."""

    url: str
    database: PostgresDatabase
    commits: GroupCommit
    log: UUID


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """A store with an empty log."""
    directory = postgres_directory()
    server = await open_server(directory)
    try:
        url = server.database_url
        await demand_durable(url)
        await prepare(url, MASTERS)
        database = PostgresDatabase(
            url, masters=MASTERS, registry=REGISTRY, clock=SystemClock(), ids=IDS
        )
        log = IDS.uuid()
        await database.store.create_log(log, "demo")
        yield Bench(url, database, GroupCommit(database.store, _to_nobody), log)
        await database.close()
    finally:
        await server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def message(visitor: UUID) -> Append:
    """A visitor's message in its conversation: what is written most."""
    command, who = IDS.uuid(), str(visitor)
    access = Access()
    event = NewEvent(MessagePosted(str(command), Body(TEXT)), streams.visitor(who), access, access)
    part = Part(streams.conversation(who), undecided_since(0), (event,))
    return Append(command, Actor("visitor", who), TEXT.encode(), (part,))


def check(answer: object) -> None:
    """Whether a message was appended. Raises MeasurementFailed."""
    if not isinstance(answer, Appended) or len(answer.events) != 1:
        raise MeasurementFailed(f"a message was not appended: {answer}")


def _to_nobody(_: Slice) -> None:
    """Nobody follows."""

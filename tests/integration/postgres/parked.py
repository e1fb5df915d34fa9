"""Writers that stand still where a test wants them: holding the log's lock, or waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from adapters.postgres.batch import subjects_of
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.sql import statement
from domain.append import Append
from tests.fixtures.postgres import Owner, owner_of

_WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%es.append%'
"""


@asynccontextmanager
async def locked(url: str, log: UUID) -> AsyncIterator[None]:
    """Somebody holds the log's lock."""
    async with owner_of(url) as connection, connection.transaction():
        await connection.execute("SELECT FROM es.log WHERE id = $1 FOR UPDATE", log)
        yield


@asynccontextmanager
async def before_its_commit(
    url: str, postgres: PostgresDatabase, log: UUID, batch: Sequence[Append]
) -> AsyncIterator[None]:
    """A node has written its batch and not yet committed; it commits at the end."""
    store = postgres.store
    subjects = subjects_of(batch)
    async with owner_of(url) as connection:
        await connection.execute("SET ROLE parley_node")
        async with connection.transaction():
            prepared = store._prepare(log, batch, {}, subjects)
            arguments = prepared.arguments(postgres.keys.current_master)
            row = await connection.fetchrow(statement("append"), *arguments)
            assert row is not None
            assert set(row["o_status"]) == {0}
            yield


async def waiting(owner: Owner, count: int) -> list[int]:
    """The processes of the appends that wait for a lock, as soon as they are so many."""
    while len(rows := await owner.fetch(_WAITING)) < count:  # noqa: ASYNC110  # the server tells nobody
        await asyncio.sleep(0.01)
    return [row["pid"] for row in rows]

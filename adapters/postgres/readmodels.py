"""Transactions of read models: :class:`projections.ports.ReadModels` on PostgreSQL.

Rows and checkpoint move together or not at all, and the checkpoint by compare-and-set, which
fences a projector that lost its shard and does not know it yet. What the rows are is the
projections' business.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from adapters.postgres import putting
from adapters.postgres.failures import translated
from adapters.postgres.pools import Connection, Pool
from adapters.postgres.sql import statement
from domain.errors import StoreUnavailable
from domain.ports import Table
from projections.ports import NOTHING, Checkpoint


class PostgresTransaction:
    """A transaction on one tenant's rows."""

    def __init__(self, connection: Connection | asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        with translated():
            return await self._connection.fetch(sql, *arguments)

    async def execute(self, sql: str, *arguments: object) -> None:
        with translated():
            await self._connection.execute(sql, *arguments)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        with translated():
            await self._connection.executemany(sql, rows)

    async def put(self, table: Table, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            with translated():
                await putting.put(self._connection, table, rows)

    async def move_checkpoint(
        self, projection: str, log: UUID, was: Checkpoint, to: Checkpoint
    ) -> bool:
        name = "move_checkpoint" if was.position else "begin_checkpoint"
        stood = (was.position, was.mark) if was.position else ()
        moved = await self.fetch(statement(name), projection, log, to.position, to.mark, *stood)
        return bool(moved)

    async def generations(self, name: str) -> int:
        with translated():
            found: int | None = await self._connection.fetchval(statement("generations"), name)
        return found or 0


class PostgresReadModels:
    """The read models' tables. ``projector`` writes those of all tenants, ``node`` reads one's."""

    def __init__(self, projector: Pool, node: Pool) -> None:
        self._projector = projector
        self._node = node

    async def checkpoints(self, projection: str) -> dict[UUID, Checkpoint]:
        async with self._projector.connection() as connection:
            rows = await connection.fetch(statement("checkpoints"), projection)
        return {log: Checkpoint(position, mark) for log, position, mark in rows}

    async def checkpoint(self, projection: str, log: UUID) -> Checkpoint:
        async with self._projector.connection() as connection:
            row = await connection.fetchrow(statement("checkpoint"), projection, log)
        return Checkpoint(*row) if row else NOTHING

    @asynccontextmanager
    async def projecting(self, log: UUID) -> AsyncIterator[PostgresTransaction]:
        async with _transaction(self._projector, log) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[PostgresTransaction]:
        async with _transaction(self._node, log) as transaction:
            yield transaction


@asynccontextmanager
async def _transaction(pool: Pool, log: UUID) -> AsyncIterator[PostgresTransaction]:
    """A transaction that names its tenant to row-level security, for as long as it lasts."""
    # The limit is kept here too, since a server before PostgreSQL 17 has none. The pool cuts off a
    # connection whose time is over, and so ends its transaction.
    limit_s = pool.transaction_timeout_s
    async with pool.connection() as connection, asyncio.timeout(limit_s):
        try:
            # A UUID's text needs no quoting, and so both statements are one round trip.
            await connection.execute(f"BEGIN; SELECT set_config('app.tenant', '{log!s}', true)")
            yield PostgresTransaction(connection)
        except BaseException:
            await _roll_back(connection)
            raise
        # COMMIT of a transaction that failed inside rolls back, and says so by its tag only.
        if await connection.execute("COMMIT") != "COMMIT":
            raise StoreUnavailable("the transaction had failed and was rolled back")


async def _roll_back(connection: Connection) -> None:
    """Roll back; a connection that cannot even do that is cut off, which does."""
    try:
        await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()
    except asyncio.CancelledError:  # again: whoever reads for a client that is gone may not wait
        connection.terminate()
        raise

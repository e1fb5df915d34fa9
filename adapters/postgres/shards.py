"""Shards by session locks: :class:`domain.shards.Shards` on a connection of its own.

Each member holds a slot, also a lock, so that everybody sees how many there are and which is whose:
the members in the order of their slots take the shards in turn. A member that dies loses its
session and with it slot and shards; nobody has to find out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TypeAlias

import asyncpg

from adapters.postgres.failures import translated
from adapters.postgres.pools import Pool
from adapters.postgres.sql import statement
from domain.errors import StoreUnavailable
from domain.shards import SHARDS

KINDS = {"relay": 0x5041_5201, "projector": 0x5041_5203, "router": 0x5041_5205}
"""The classes of the locks of each kind of work: of its slots, and one above of its shards."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class PostgresShards:
    """The shards of one kind of work. ``pool`` says where, and with which role."""

    def __init__(self, pool: Pool, kind: str) -> None:
        self._pool = pool
        self._slots = KINDS[kind]
        self._locks = KINDS[kind] + 1
        self._connection: Connection | None = None
        self._slot = 0
        self.owned: frozenset[int] = frozenset()

    async def share(self) -> frozenset[int]:
        try:
            with translated():
                return await self._share(await self._connected())
        except StoreUnavailable:
            await self.close()
            raise

    async def _share(self, connection: Connection) -> frozenset[int]:
        row = await connection.fetchrow(statement("share_shards"), self._slots, self._locks)
        assert row is not None
        members, held = list(row["members"]), frozenset(row["owned"] or ())
        rank = members.index(self._slot)
        due = frozenset(range(rank, SHARDS, len(members)))
        self.owned = held
        for shard in sorted(due - held):
            if await self._lock(connection, self._locks, shard):
                self.owned |= {shard}
        return self.owned - due

    async def give_up(self, shards: frozenset[int]) -> None:
        self.owned -= shards
        if self._connection is None:
            return
        try:
            with translated():
                for shard in sorted(shards):
                    await self._connection.execute(
                        "SELECT pg_advisory_unlock($1, $2)", self._locks, shard
                    )
        except StoreUnavailable:
            await self.close()  # and with the session go its locks
            raise

    async def close(self) -> None:
        """Let go of everything."""
        connection, self._connection = self._connection, None
        self.owned = frozenset()
        if connection is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()

    async def _connected(self) -> Connection:
        """The connection, with a slot on it: the first that is free."""
        if self._connection is None or self._connection.is_closed():
            self.owned = frozenset()
            connection = self._connection = await self._pool.dedicated()
            self._slot = await self._take_slot(connection)
        return self._connection

    async def _take_slot(self, connection: Connection) -> int:
        for slot in range(SHARDS):
            if await self._lock(connection, self._slots, slot):
                return slot
        raise StoreUnavailable(f"{SHARDS} others share this work already")

    @staticmethod
    async def _lock(connection: Connection, kind: int, number: int) -> bool:
        return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", kind, number))

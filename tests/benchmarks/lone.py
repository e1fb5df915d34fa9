"""A lone append: how long one command waits for its commit when nobody else is there.

The baseline is a bare committed INSERT into a table of the same columns and indexes, without
chain, encryption, roles or look-ups.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from tests.benchmarks.measuring import Options, Table, at_least, milliseconds, number
from tests.benchmarks.storing import IDS, Bench, bench, check, message

REPEATS = 500
PAUSE_S = 0.002
"""Seconds of quiet before each: what comes right behind another finds everything awake."""

TABLE = """
    CREATE SCHEMA bench;
    CREATE TABLE bench.event (LIKE es.event INCLUDING ALL)
"""
INSERT = """
    INSERT INTO bench.event VALUES (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
    )
"""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def lone(options: Options) -> Table:
    """One of each in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    async with bench() as store:
        connection: Connection = await asyncpg.connect(store.url)
        await connection.execute(TABLE)
        visitor = IDS.uuid()
        for count in range(-50, options.rounds * REPEATS):
            pair = await _append(store, visitor), await _insert(connection, visitor, count + 51)
            if count >= 0:
                ours.append(pair[0])
                theirs.append(pair[1])
        await connection.close()
    return _table(ours, theirs)


def _table(ours: list[float], theirs: list[float]) -> Table:
    table = Table(f"lone append: {len(ours):,} of each, in turn", ("", "p50 ms", "p99 ms"))
    shares = 0.5, 0.99
    for name, taken in (("Parley", ours), ("bare INSERT", theirs)):
        table.add(name, *(number(at_least(share, milliseconds(taken))) for share in shares))
    quotients = (at_least(share, ours) / at_least(share, theirs) for share in shares)
    table.add("Parley / INSERT", *map(number, quotients))
    return table


async def _append(store: Bench, visitor: UUID) -> float:
    command = message(visitor)
    await asyncio.sleep(PAUSE_S)
    begin = time.perf_counter()
    check(await store.commits.submit(store.log, command))
    return time.perf_counter() - begin


async def _insert(connection: Connection, visitor: UUID, position: int) -> float:
    row = (
        visitor, position, f"conversation-{visitor}", position, 0, "message.posted", 1, IDS.uuid(),
        "visitor", str(visitor), visitor, bytes(40), datetime.now(UTC), os.urandom(250),
        os.urandom(32),
    )  # fmt: skip
    await asyncio.sleep(PAUSE_S)
    begin = time.perf_counter()
    await connection.execute(INSERT, *row)
    return time.perf_counter() - begin

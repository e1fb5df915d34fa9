"""A lone append: how long one command waits for its commit when nobody else is there.

The baseline is a bare committed INSERT into a table of the same columns and indexes, without
chain, encryption, roles or look-ups.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from tests.benchmarks.measuring import (
    Figure,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.storing import IDS, Bench, bench, check, message

REPEATS = 500
WARM = 50
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
    async with bench() as store:
        connection: Connection = await asyncpg.connect(store.url)
        await connection.execute(TABLE)
        visitor, positions = IDS.uuid(), itertools.count(1)
        rounds: list[tuple[list[float], list[float]]] = []
        for number in range(-1, options.rounds):
            pairs = [
                (await _append(store, visitor), await _insert(connection, visitor, next(positions)))
                for _ in range(WARM if number < 0 else REPEATS)
            ]
            if number >= 0:
                rounds.append(([ours for ours, _ in pairs], [theirs for _, theirs in pairs]))
        await connection.close()
    return _table([ours for ours, _ in rounds], [theirs for _, theirs in rounds])


def _table(ours: list[list[float]], theirs: list[list[float]]) -> Table:
    table = Table(f"lone append: {REPEATS:,} of each a round, in turn", ("", "p50 ms", "p99 ms"))
    for name, rounds in (("Parley", ours), ("bare INSERT", theirs)):
        table.add(name, spread(_at(0.5, rounds)), spread(_at(0.99, rounds)))
    quotients = (ratios(_at(share, ours), _at(share, theirs)) for share in (0.5, 0.99))
    table.add("Parley / INSERT", *quotients)
    table.compare(Figure.LONE, _at(0.5, ours), _at(0.5, theirs))
    return table


def _at(share: float, rounds: list[list[float]]) -> list[float]:
    return [at_least(share, milliseconds(taken)) for taken in rounds]


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

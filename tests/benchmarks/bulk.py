"""Loading the standard data set: events a second, generator included, and what it takes on disk.

The baseline is a bare INSERT of rows that were made before into a table of the same columns and
indexes, by as many connections: no chain, no encryption, no look-ups, nothing generated.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from ops.dataset.plan import plan
from ops.dataset.workers import Workers
from ops.settings import Settings
from tests.benchmarks.lone import TABLE, Connection
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    number,
    ratios,
    spread,
)
from tests.benchmarks.storing import IDS, Bench, bench
from tests.fixtures.postgres import MASTER_KEY

FRACTION = 0.01
"""Of the standard set, a round: half a million events, some twenty seconds."""

JOBS = 2
"""Tenants, or connections, at a time: one for each of this machine's cores."""

ROWS = 2_000
"""Of a bare INSERT, as many as events in one call of ours."""

STATEMENTS = 15
"""Of each connection, a round."""

INSERT = """
    INSERT INTO bench.event
    SELECT $1, n.number, n.stream, 1, 0, 'message.posted', 1, n.id, 'visitor', n.actor, $1,
        n.metadata, $2, n.data, n.hash
    FROM unnest(
        $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[]
    ) AS n (number, stream, id, actor, metadata, data, hash)
"""

SIZES = """
    SELECT pg_table_size('es.event'), pg_indexes_size('es.event'),
        pg_total_relation_size('es.subject_key'), (SELECT count(*) FROM es.event),
        (SELECT count(*) FROM es.event WHERE type = 'message.posted')
"""


async def bulk(options: Options) -> Table:
    """Both in turn; then the sizes of what all rounds have loaded."""
    async with bench() as store:
        connections: list[Connection] = [await asyncpg.connect(store.url) for _ in range(JOBS)]
        await connections[0].execute(TABLE)
        ours: list[float] = []
        theirs: list[float] = []
        for round_ in range(options.rounds):
            ours.append(await _load(store, round_))
            theirs.append(await _insert(connections))
        sizes = await connections[0].fetchrow(SIZES)
        for connection in connections:
            await connection.close()
    assert sizes is not None
    return _table(ours, theirs, *sizes)


def _table(  # noqa: PLR0917  # the columns of one row
    ours: list[float],
    theirs: list[float],
    table_bytes: int,
    index_bytes: int,
    key_bytes: int,
    events: int,
    messages: int,
) -> Table:
    table = Table(
        f"bulk: {FRACTION:.1%} of the standard data set a round, {JOBS} tenants at a time",
        ("", "events/s", "Parley / this"),
    )
    table.add("Parley, generated, encrypted, chained", spread(ours), "")
    table.add(f"bare INSERT, {ROWS:,} rows each", spread(theirs), ratios(ours, theirs))
    whole = table_bytes + index_bytes + key_bytes
    parts = {"rows": table_bytes, "indexes": index_bytes, "subjects' keys": key_bytes}
    for name, size in parts.items():
        table.add(f"bytes an event: {name}", number(size / events), "")
    table.add("bytes an event", number(whole / events), "")
    table.add("bytes a message, with all that is around it", number(whole / messages), "")
    table.keep(Figure.BULK, ours)
    return table


async def _load(store: Bench, round_: int) -> float:
    """Events a second, from the command's first process to the end of the last."""
    settings = Settings(
        data=Path(os.devnull), database_url=store.url, master_key=(MASTER_KEY,), log_level="error"
    )
    wanted = plan(fraction=FRACTION, prefix=f"round{round_}")
    reached: dict[str, int] = {}
    begin = time.perf_counter()
    async for progress in Workers(settings, store.url, JOBS).load(wanted.tenants):
        reached[progress.tenant] = progress.events
    taken = time.perf_counter() - begin
    heads = await store.database.store.heads([tenant.log for tenant in wanted.tenants])
    if {head.tenant: head.position for head in heads} != reached:
        raise MeasurementFailed("a log has not what was loaded")
    return sum(reached.values()) / taken


async def _insert(connections: list[Connection]) -> float:
    """Rows a second, made before; each statement a transaction."""
    made = [[_rows() for _ in range(STATEMENTS)] for _ in connections]
    begin = time.perf_counter()
    await asyncio.gather(*map(_all, connections, made))
    return len(connections) * STATEMENTS * ROWS / (time.perf_counter() - begin)


async def _all(connection: Connection, statements: list[tuple[Any, ...]]) -> None:
    for values in statements:
        await connection.execute(INSERT, *values)


def _rows() -> tuple[Any, ...]:
    """The values of a statement: as large as those of the set, ids in the order of time."""
    ids: list[UUID] = [IDS.uuid() for _ in range(ROWS)]
    return (
        IDS.uuid(),
        datetime.now(UTC),
        list(range(1, ROWS + 1)),
        [f"conversation-{id_}" for id_ in ids],
        ids,
        [str(id_) for id_ in ids],
        [os.urandom(120) for _ in ids],
        [os.urandom(150) for _ in ids],
        [os.urandom(32) for _ in ids],
    )

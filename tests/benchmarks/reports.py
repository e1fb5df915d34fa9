"""Reports over the facts of the largest tenant of a tenth of the standard set: all its four years.

The facts are made by SQL, so that only their counting is measured; those of the other tenants lie
between its own, as they came. The baseline is one scan that sums three columns of the same rows:
what no report could do without.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TypeAlias

import asyncpg

from adapters.postgres.readmodels import PostgresTransaction
from domain.envelope import MARK_BYTES
from ops.system import SystemClock
from projections.analytics.asking import Question
from projections.analytics.metrics import REPORTS
from projections.analytics.projection import AnalyticsProjection
from projections.analytics.reader import CHECKPOINT, AnalyticsReader
from projections.analytics.stored import SOURCE, TAG, Stored
from projections.projection import create_tables
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.storing import IDS, Bench, bench

CONVERSATIONS = (120_737, 64_701, 44_919, 34_673, 28_364, 24_072, 20_953, 18_581)
"""Of each tenant, as a tenth of the standard set has them; reports are of the first one."""

VISITS = tuple(2 * size for size in CONVERSATIONS)
START, END = date(2022, 11, 1), date(2026, 11, 1)
SOURCES = ("google", "bing", "baidu", "direct", "newsletter", "partner.example")
TAGS = tuple(f"tag {n}" for n in range(24))

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_TIME = "(exp(random() * 8) * 1000)::bigint"
MADE = """(
        SELECT
            t.id AS tenant, i,
            $3::timestamptz + i * ($4::timestamptz - $3::timestamptz) / t.size AS at
        FROM unnest($1::uuid[], $2::integer[]) AS t (id, size),
            generate_series(1, t.size - 1) AS s (i)
        ORDER BY at
    ) AS made"""
FACTS = f"""
    INSERT INTO rm.fact_2
    SELECT
        tenant, 'c' || i, 'v' || i / 2, i * 12, i * 12 + 11, i * 12 + 11, at,
        CASE WHEN i % 50 = 0 THEN 'open' ELSE 'closed' END, false,
        CASE WHEN i % 15 > 0 THEN 'agent ' || floor(30 * random() ^ 2) END,
        (ARRAY['sales', 'support', 'billing', NULL])[1 + i % 4], 'site ' || i % 3, NULL, at,
        at + interval '40 s', at + interval '60 s', at + interval '600 s',
        {", ".join([_TIME] * 8)}, 3, CASE WHEN i % 15 > 0 THEN 3 ELSE 0 END, i % 7,
        (i % 9 = 0)::integer, (i % 40 = 0)::integer, (i % 30 = 0)::integer,
        CASE WHEN i % 5 = 0 THEN 1 + floor(5 * sqrt(random())) END,
        ($5::bigint[])[1 + i % 6], ($6::bigint[])[1 + i % 24:1 + i % 24 + i % 2],
        sha256(i::text::bytea) || sha256(i::text::bytea)
    FROM {MADE}
"""  # nothing of it comes from elsewhere
VISITED = f"""
    INSERT INTO rm.visit_2
    SELECT
        tenant, 'v' || i / 3, i, i, at, at + random() * interval '20 min', 1 + i % 5,
        (i % 60 = 0)::integer, 'site ' || i % 3, ($5::bigint[])[1 + i % 6],
        ($5::bigint[])[1 + i % 5], sha256(i::text::bytea)
    FROM {MADE}
"""
SCAN = """
    SELECT sum(f.first_response_ms), sum(f.agent_messages), sum(f.transfers)
    FROM rm.fact_2 AS f WHERE f.tenant = $1
"""


async def reports(options: Options) -> Table:
    """Every report, uncut and cut by each dimension, by month; the slowest way of each."""
    async with bench() as store:
        connection: Connection = await asyncpg.connect(store.url)
        await _fill(store, connection)
        database = store.database
        reader = AnalyticsReader(
            database.store, database.read_models, database.cipher, SystemClock()
        )
        table = Table(
            f"reports: {CONVERSATIONS[0]:,} conversations and {VISITS[0]:,} visits of"
            f" {sum(CONVERSATIONS):,} and {sum(VISITS):,}, four years by month",
            ("", "slowest cut", "ms", "scan ms", "report / scan"),
        )
        worst: list[float] = [0.0] * options.rounds
        for name in REPORTS:
            by, taken, scans = await _slowest(store, connection, reader, name, options.rounds)
            cells = (spread(milliseconds(taken)), spread(milliseconds(scans)), ratios(taken, scans))
            table.add(name, by or "uncut", *cells)
            worst = [max(pair) for pair in zip(worst, milliseconds(taken), strict=True)]
        table.keep(Figure.REPORTS, worst)
        await connection.close()
    return table


async def _slowest(
    store: Bench, connection: Connection, reader: AnalyticsReader, name: str, rounds: int
) -> tuple[str | None, list[float], list[float]]:
    """The dimension by which the report takes longest, its seconds, and those of scans beside."""
    found: tuple[str | None, list[float], list[float]] = (None, [], [])
    for by in (None, *REPORTS[name].by):
        question = Question(name, START, END, "month", by)
        taken, scans = [], []
        for number in range(-1, rounds):
            begun = time.perf_counter()
            answer = await reader.report(store.log, question)
            asked = time.perf_counter()
            await connection.fetch(SCAN, store.log)
            if not answer.lines:
                raise MeasurementFailed(f"the report {name} is empty")
            if number >= 0:
                taken.append(asked - begun)
                scans.append(time.perf_counter() - asked)
        if sum(taken) > sum(found[1]):
            found = (by, taken, scans)
    return found


async def _fill(store: Bench, connection: Connection) -> None:
    """The tables with what a tenant of this size has in them."""
    models, cipher = store.database.read_models, store.database.cipher
    async with connection.transaction():
        projection = AnalyticsProjection(models, cipher)
        await create_tables(PostgresTransaction(connection), [projection])
    stored = Stored(cipher)
    sources = list((await stored.digests(store.log, SOURCE, SOURCES)).values())
    tags = list((await stored.digests(store.log, TAG, TAGS)).values())
    borders = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (START, END)]
    await connection.execute("RESET search_path")
    tenants = [store.log, *(IDS.uuid() for _ in CONVERSATIONS[1:])]
    await connection.execute(FACTS, tenants, CONVERSATIONS, *borders, sources, tags)
    await connection.execute(VISITED, tenants, VISITS, *borders, sources)
    await connection.execute(
        "INSERT INTO es.checkpoint (projection, tenant, position, mark) VALUES ($1, $2, 1, $3)",
        CHECKPOINT,
        store.log,
        bytes(MARK_BYTES),
    )
    await connection.execute("VACUUM ANALYZE rm.fact_2, rm.visit_2")

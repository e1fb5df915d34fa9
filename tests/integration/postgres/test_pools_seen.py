"""The pools, as operators see them: what is in use, who waits, and how often somebody had to."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from adapters.postgres.settings import PostgresSettings
from domain import figures
from tests.doubles.telemetry import KeptMeasures
from tests.fixtures.postgres import OpenPostgres


async def test_a_pool_that_is_used_up_is_seen(open_postgres: OpenPostgres) -> None:
    """Two connections for three: one waits, once, and none does when all have gone."""
    measures = KeptMeasures()
    node = open_postgres(settings=PostgresSettings(read_connections=2), measures=measures)
    assert measures.seen(figures.DATABASE_CONNECTIONS)["reads", "in_use"] == 0
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(node._reads.connection())
        third = asyncio.create_task(node.store.find_log("demo"))
        await asyncio.sleep(0.05)
        assert measures.seen(figures.DATABASE_CONNECTIONS)["reads", "in_use"] == 2
        assert measures.seen(figures.DATABASE_WAITING)["reads",] == 1
    await third
    assert measures.seen(figures.DATABASE_CONNECTIONS)["reads", "idle"] == 2
    assert measures.seen(figures.DATABASE_CONNECTIONS)["reads", "in_use"] == 0
    assert measures.seen(figures.DATABASE_WAITING)["reads",] == 0
    assert measures.seen(figures.DATABASE_WAITS)["reads",] == 1
    assert measures.seen(figures.DATABASE_WAITS)["appends",] == 0

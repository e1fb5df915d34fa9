"""Reads are planned once a connection, whatever they ask for, and by indexes."""

from __future__ import annotations

import json

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.sql import statement
from tests.doubles.appends import append, uuid
from tests.fixtures.postgres import Owner
from tests.integration.postgres.catalog import tenant_tables

EVENTS = 1_000
"""So many that two hundred tenants would have some each."""

LOOK_UPS = ("read_log", "read_stream", "moment", "find_snapshot")


@pytest.mark.parametrize("name", LOOK_UPS)
async def test_a_look_up_keeps_its_plan(owner: Owner, name: str) -> None:
    """Planning at each call would take longer than the page that it is for."""
    config = "SELECT proconfig FROM pg_proc WHERE oid = $1::text::regproc"
    assert await owner.fetchval(config, f"es.{name}") == ["plan_cache_mode=force_generic_plan"]


async def test_a_large_page_is_looked_up_within_its_bounds(owner: Owner) -> None:
    """By both scans: bounded by the page alone, the second would read every log that is large."""
    page = (uuid(1), 0, 5_000, 1_000_000, ["message.posted"], ["message.posted"], [1])
    async with owner.transaction():
        await owner.execute("SET LOCAL enable_seqscan = off")
        rows = await owner.fetch(f"EXPLAIN {statement('build_page')}", *page)
    bounded = [row[0] for row in rows if "Index Cond" in row[0] and "<= 5000" in _plain(row[0])]
    assert len(bounded) == 2


async def test_a_tenant_that_is_new_is_planned_for_like_others(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """Not as if it had one row, for which every index that begins with the tenant is as good."""
    await postgres.store.create_log(uuid(1), "old")
    await postgres.store.append_batch(uuid(1), [append(number) for number in range(1, EVENTS + 1)])
    await owner.execute("ANALYZE es.event")
    explained = await owner.fetchval(
        f"EXPLAIN (FORMAT JSON) SELECT FROM es.event WHERE tenant = '{uuid(2)}'"
    )
    (plan,) = json.loads(explained)
    assert plan["Plan"]["Plan Rows"] > 1


async def test_no_table_is_planned_for_by_tenant(owner: Owner) -> None:
    """All that are behind row-level security."""
    statistics = (
        "SELECT attstattarget FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attname = 'tenant'"
    )
    found = {
        table: await owner.fetchval(statistics, table)
        for table in await tenant_tables(owner)
        if table != "es.log"
    }
    assert set(found) >= {"es.event", "es.subject_key", "work.webhook_delivery"}
    assert set(found.values()) == {0}, found


def _plain(condition: str) -> str:
    return condition.replace("'", "").replace("::bigint", "")

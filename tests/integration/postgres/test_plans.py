"""Reads are planned once a connection, whatever they ask for, and by indexes."""

from __future__ import annotations

import pytest

from adapters.postgres.sql import statement
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner

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


def _plain(condition: str) -> str:
    return condition.replace("'", "").replace("::bigint", "")

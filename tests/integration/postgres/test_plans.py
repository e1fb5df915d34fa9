"""Reads are planned once a connection, whatever they ask for."""

from __future__ import annotations

import pytest

from tests.fixtures.postgres import Owner

LOOK_UPS = ("read_log", "read_stream", "moment", "find_snapshot")


@pytest.mark.parametrize("name", LOOK_UPS)
async def test_a_look_up_keeps_its_plan(owner: Owner, name: str) -> None:
    """Planning at each call would take longer than the page that it is for."""
    config = "SELECT proconfig FROM pg_proc WHERE oid = $1::text::regproc"
    assert await owner.fetchval(config, f"es.{name}") == ["plan_cache_mode=force_generic_plan"]

"""What a benchmark asks a real server before it measures anything."""

from __future__ import annotations

import pytest

from tests.benchmarks.checking import demand_durable
from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.postgres import owner_of


async def test_only_a_durable_server_is_measured(postgres_url: str) -> None:
    """The product's own settings pass, and not those of a database that somebody changed."""
    await demand_durable(postgres_url)
    async with owner_of(postgres_url) as owner:
        database = await owner.fetchval("SELECT current_database()")
        await owner.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    with pytest.raises(MeasurementFailed, match="synchronous_commit = off"):
        await demand_durable(postgres_url)

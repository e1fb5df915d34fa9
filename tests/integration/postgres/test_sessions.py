"""What only tables have to do for the doors: the contract itself is in ``tests/contract``."""

from __future__ import annotations

from adapters.postgres.database import PostgresDatabase
from domain.ports import RenewalSecret
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner

LOG = uuid(900)
NOW = 1_700_000_000.0
DAY_S = 86_400.0


async def test_what_expired_long_ago_is_cleared_away(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """Secrets and nonces that expired a day before are deleted by the next that come."""
    sessions = postgres.sessions
    await sessions.add_secret(LOG, b"a", RenewalSecret("visitor", "ada", NOW, NOW + 1000))
    await sessions.use_nonce(LOG, "shop", b"a", NOW)
    later = RenewalSecret("visitor", "ada", NOW + 2 * DAY_S, NOW + 3 * DAY_S)
    await sessions.add_secret(LOG, b"b", later)
    await sessions.use_nonce(LOG, "shop", b"b", NOW + 2 * DAY_S)
    for table in ("auth.renewal_secret", "auth.nonce"):
        assert [row["digest"] for row in await owner.fetch(f"SELECT * FROM {table}")] == [b"b"]

"""What only tables have to do for the doors: the contract itself is in ``tests/contract``."""

from __future__ import annotations

from adapters.postgres.database import PostgresDatabase
from domain.ports import RenewalSecret
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner

LOG, OTHER = uuid(900), uuid(901)
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


async def test_tenants_at_rest_are_cleared_too(postgres: PostgresDatabase, owner: Owner) -> None:
    """Whoever adds something clears away what is over of anybody's."""
    sessions, ada = postgres.sessions, RenewalSecret("visitor", "ada", NOW, NOW + 1000)
    await sessions.add_secret(LOG, b"a", ada)
    await sessions.use_nonce(LOG, "shop", b"a", NOW)
    await sessions.use_nonce(OTHER, "shop", b"b", NOW + 2 * DAY_S)
    for table, left in (("auth.renewal_secret", 0), ("auth.nonce", 1)):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == left


async def test_a_retired_secret_is_cleared_before_it_expires(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """A secret is renewed often and expires late: what was renewed does not stay so long."""
    sessions = postgres.sessions
    ada = RenewalSecret("visitor", "ada", NOW, NOW + 300 * DAY_S)
    await sessions.add_secret(LOG, b"a", ada)
    await sessions.add_secret(LOG, b"b", ada, successor_of=b"a")
    assert await sessions.use_secret(LOG, b"b", NOW, 60.0) == ada
    later = RenewalSecret("visitor", "ada", NOW + 2 * DAY_S, NOW + 300 * DAY_S)
    await sessions.add_secret(LOG, b"c", later, successor_of=b"b")
    kept = await owner.fetch("SELECT digest FROM auth.renewal_secret ORDER BY digest")
    assert [row["digest"] for row in kept] == [b"b", b"c"]


async def test_nothing_is_cleared_by_a_time_that_is_to_come(postgres: PostgresDatabase) -> None:
    """A nonce that is kept for years does not make another one good for a second use."""
    sessions = postgres.sessions
    assert await sessions.use_nonce(LOG, "shop", b"a", NOW + 3000 * DAY_S)
    assert await sessions.use_nonce(LOG, "shop", b"b", NOW + 9000 * DAY_S)
    assert not await sessions.use_nonce(LOG, "shop", b"a", NOW + 3000 * DAY_S)

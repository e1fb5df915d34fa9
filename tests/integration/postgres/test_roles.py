"""Who may do what in the database: append-only, and each tenant's rows for that tenant only."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.pools import NODE, PROJECTOR
from domain.envelope import mark
from domain.file.ports import Upload
from domain.ports import RenewalSecret, Snapshot
from projections.ports import NOTHING, Checkpoint
from tests.doubles.appends import STREAM, SUBJECT, append, uuid
from tests.fixtures.postgres import Owner, owner_of
from tests.integration.postgres.catalog import tenant_tables

OURS, THEIRS = uuid(501), uuid(502)
DIGEST = b"d" * 32
WORK = (
    "webhook_followed VALUES ($1, 1)",
    "webhook_line VALUES ($1, 'hook', 'conversation-1', 0)",
    "webhook_delivery VALUES ($1, 'hook', 1, 'conversation-1', $1, 'x', 'waiting', 0)",
)
"""A row for each table of what is on its way out."""


@pytest.fixture
async def two_tenants(postgres: PostgresDatabase) -> PostgresDatabase:
    """Two tenants with rows in every table that has a tenant."""
    for log, name in ((OURS, "ours"), (THEIRS, "theirs")):
        await postgres.store.create_log(log, name)
        await postgres.store.append_batch(log, [append(1), append(2)])
        await postgres.sessions.add_secret(log, DIGEST, RenewalSecret("visitor", "v", 0.0, 1e12))
        await postgres.sessions.use_nonce(log, "site", DIGEST, 1e12)
        (head,) = await postgres.store.heads([log])
        snapshot = Snapshot(STREAM, 2, head.hash, 1, SUBJECT, b"state")
        await postgres.snapshots.keep_snapshot(log, snapshot)
        file = Upload(log, log, SUBJECT, "visitor", "v", None, 1, 1, b"name", 0.0, 1.0)
        assert await postgres.uploads.begin(file, 0.0, None)
        reached = Checkpoint(head.position, bytes.fromhex(mark(head.hash)))
        async with postgres.read_models.projecting(log) as transaction:
            assert await transaction.move_checkpoint("p", log, NOTHING, reached)
            for table in WORK:
                await transaction.execute(f"INSERT INTO work.{table}", log)
    return postgres


@pytest.fixture
async def node(postgres_url: str, two_tenants: PostgresDatabase) -> AsyncIterator[Owner]:
    """A connection with the rights of a node that serves requests."""
    async with owner_of(postgres_url) as connection:
        await connection.execute(f"SET ROLE {NODE}")
        yield connection


async def test_every_table_with_a_tenant_is_protected(owner: Owner) -> None:
    """Row-level security is on for each, with a policy: a new table cannot forget it."""
    tables = await tenant_tables(owner)
    assert set(tables) >= {"es.log", "es.event", "es.subject_key", "auth.nonce"}
    for table in tables:
        protected = await owner.fetchval(
            """
            SELECT relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
            FROM pg_class AS c WHERE c.oid = $1::text::regclass
            """,
            table,
        )
        assert protected, table


async def test_a_forgotten_where_returns_nothing(owner: Owner, node: Owner) -> None:
    """Without a named tenant a node sees no row of any table, though there are rows."""
    for table in await tenant_tables(owner):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") >= 2, table
        assert await node.fetchval(f"SELECT count(*) FROM {table}") == 0, table
        async with node.transaction():
            await node.execute("SELECT set_config('app.tenant', '', true)")
            assert await node.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_a_forgotten_where_returns_ones_own(owner: Owner, node: Owner) -> None:
    """With a named tenant a node sees that tenant's rows only, and no other's by asking."""
    for table in await tenant_tables(owner):
        own = "id" if table == "es.log" else "tenant"
        async with node.transaction():
            await node.execute("SELECT set_config('app.tenant', $1, true)", str(OURS))
            found = {row[0] for row in await node.fetch(f"SELECT {own} FROM {table}")}
            assert found == {OURS}, table
            theirs = await node.fetch(f"SELECT {own} FROM {table} WHERE {own} = $1", THEIRS)
            assert theirs == [], table


async def test_a_node_cannot_write_anothers_rows(node: Owner) -> None:
    """A row for a tenant other than the named one is refused."""
    async with node.transaction():
        await node.execute("SELECT set_config('app.tenant', $1, true)", str(OURS))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await node.execute(
                "INSERT INTO auth.nonce (tenant, site, digest, expires_at) VALUES ($1, 's', $2, 0)",
                THEIRS,
                b"x",
            )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE es.event SET type = 'x'",
        "DELETE FROM es.event",
        "TRUNCATE es.event",
        "UPDATE es.log SET tenant = 'x'",
        "DELETE FROM es.log",
        "TRUNCATE es.log CASCADE",
        "DELETE FROM es.subject_key",
        "TRUNCATE es.subject_key",
    ],
)
async def test_the_log_is_append_only(
    two_tenants: PostgresDatabase, owner: Owner, change: str
) -> None:
    """Even the owner's changes are refused, with a sentence; so are those that touch no row."""
    for sql in (change, f"{change} WHERE false"):
        if "TRUNCATE" not in change or sql == change:
            with pytest.raises(asyncpg.RestrictViolationError, match="is never changed"):
                await owner.execute(sql)
    assert await owner.fetchval("SELECT count(*) FROM es.event") == 4


async def test_a_destroyed_key_stays_destroyed(two_tenants: PostgresDatabase, owner: Owner) -> None:
    """Nobody can put a key back, or make a row another subject's."""
    await two_tenants.store.destroy_key(OURS, "visitor-1")
    with pytest.raises(asyncpg.RestrictViolationError, match="stays destroyed"):
        await owner.execute(
            "UPDATE es.subject_key SET wrapped = '\\x00', destroyed_at = NULL WHERE tenant = $1",
            OURS,
        )
    with pytest.raises(asyncpg.RestrictViolationError, match="keeps its id"):
        await owner.execute("UPDATE es.subject_key SET subject = 'other' WHERE tenant = $1", THEIRS)


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE es.event SET type = 'x'",
        "UPDATE es.log SET tenant = 'x'",
        "UPDATE es.subject_key SET wrapped = NULL",
        "SELECT * FROM es.installation",
        "UPDATE es.installation SET epoch = 'x'",
        "SELECT * FROM es.migration",
        "INSERT INTO es.checkpoint VALUES ('p', gen_random_uuid(), 1, '')",
        "DELETE FROM work.webhook_line",
        "CREATE TABLE es.mine ()",
        "CREATE TABLE public.mine ()",
        "SELECT es.protect('es.event')",
        "SELECT es.destroy_key(gen_random_uuid(), 'visitor-1', gen_random_uuid())",
        "SELECT es.timeline()",
        "SET ROLE postgres",
    ],
)
async def test_a_node_may_do_no_more_than_it_needs(node: Owner, forbidden: str) -> None:
    """What is not a node's business is refused by the database itself."""
    await node.execute("SET SESSION AUTHORIZATION parley_node")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await node.execute(forbidden)


@pytest.mark.parametrize("role", [NODE, PROJECTOR])
async def test_the_roles_own_nothing_and_bypass_nothing(
    postgres_template: str, owner: Owner, role: str
) -> None:
    """A role that owned a table or bypassed row-level security would see every tenant."""
    row = await owner.fetchrow(
        "SELECT oid, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb"
        " FROM pg_roles WHERE rolname = $1",
        role,
    )
    assert row is not None
    assert list(row)[1:] == [False] * 5
    owned = "SELECT count(*) FROM pg_class WHERE relowner = $1"
    assert await owner.fetchval(owned, row["oid"]) == 0


async def test_connections_take_the_lesser_roles(two_tenants: PostgresDatabase) -> None:
    """Given the superuser's URL, what serves is a node and what projects a projector."""
    async with two_tenants.read_models.reading(OURS) as transaction:
        (row,) = await transaction.fetch("SELECT current_user AS who")
        assert row["who"] == NODE
    async with two_tenants.read_models.projecting(OURS) as transaction:
        (row,) = await transaction.fetch("SELECT current_user AS who")
        assert row["who"] == PROJECTOR


AS_OWNER = {
    "es.find_log",
    "es.heads",
    "es.epoch",
    "es.demand_master_key",
    "auth.clear_expired",
    "analytics.positions",
}


@pytest.mark.parametrize("name", sorted(AS_OWNER))
async def test_functions_that_see_all_are_not_for_everybody(owner: Owner, name: str) -> None:
    """Those that run with the owner's rights are granted by name, and have a fixed search path."""
    row = await owner.fetchrow(
        "SELECT prosecdef, proconfig, has_function_privilege('public', oid, 'EXECUTE') AS open"
        " FROM pg_proc WHERE oid = $1::text::regproc",
        name,
    )
    assert row is not None
    assert (row["prosecdef"], row["open"]) == (True, False)
    assert row["proconfig"] == ["search_path=pg_catalog, pg_temp"]


async def test_no_other_function_has_the_owners_rights(owner: Owner) -> None:
    """Every function that is SECURITY DEFINER is one of those above."""
    rows = await owner.fetch(
        "SELECT p.oid::regproc::text AS name FROM pg_proc AS p"
        " JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE prosecdef AND nspname IN ('es', 'auth', 'work', 'analytics')"
    )
    assert {row["name"] for row in rows} == AS_OWNER

"""Migrations: applied once, in order, by one node at a time; and what is refused."""

from __future__ import annotations

import asyncio
import shutil
from importlib.resources import files

import asyncpg
import pytest
from msgspec.structs import replace

from adapters.postgres.failures import CannotStart
from adapters.postgres.installation import prepare
from adapters.postgres.migrations import (
    Migration,
    MigrationChanged,
    Migrations,
    SchemaTooNew,
    TableInUse,
    event_store,
    migrate,
    owner,
)
from domain.errors import ParleyError
from tests.fixtures.postgres import (
    MASTERS,
    database_url,
    fresh_database,
    open_server,
    owner_of,
    postgres_directory,
)
from tests.integration.postgres.catalog import objects

READ_MODELS = Migrations("views", (Migration(1, "first", "CREATE TABLE public.first ()"),))


async def _migrate(url: str, *rooms: Migrations) -> list[str]:
    async with owner(url) as connection:
        return await migrate(connection, rooms)


async def test_the_schema_for_reading_is_that_of_the_migrations(
    postgres_server: str, empty_postgres_url: str
) -> None:
    """``schema.sql`` makes the same database as the migrations, object by object."""
    await _migrate(empty_postgres_url, event_store())
    async with fresh_database(postgres_server, None) as other:
        async with owner_of(other) as connection:
            await connection.execute(
                files("adapters.postgres.sql").joinpath("schema.sql").read_text("utf-8")
            )
        migrated, read = await objects(empty_postgres_url), await objects(other)
    assert {name.split(" ", 1)[0] for name in migrated} >= {"table", "function", "policy"}
    assert read == migrated


async def test_migrations_are_applied_once(empty_postgres_url: str) -> None:
    """A second start finds nothing to do."""
    first = await _migrate(empty_postgres_url, event_store(), READ_MODELS)
    assert first[0] == "es 0001 roles"
    assert first[-1] == "views 0001 first"
    assert await _migrate(empty_postgres_url, event_store(), READ_MODELS) == []


async def test_nodes_that_start_at_once_take_turns(empty_postgres_url: str) -> None:
    """Of several nodes on an empty database one migrates, and the others wait for it."""
    applied = await asyncio.gather(*(prepare(empty_postgres_url, MASTERS) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, len(event_store().steps)]


async def test_a_table_that_somebody_keeps_is_not_waited_for_long(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup's transaction, say: the start says so, and the next one goes on from there."""
    monkeypatch.setattr("adapters.postgres.migrations.LOCK_S", 0.1)
    changing = Migration(2, "second", "ALTER TABLE public.first ADD COLUMN it int")
    room = replace(READ_MODELS, steps=(*READ_MODELS.steps, changing))
    await _migrate(empty_postgres_url, event_store(), READ_MODELS)
    async with owner(empty_postgres_url) as backup, backup.transaction():
        await backup.execute("LOCK TABLE public.first IN ACCESS SHARE MODE")
        with pytest.raises(TableInUse, match=r"views 0002 second .* somebody keeps"):
            await _migrate(empty_postgres_url, event_store(), room)
    assert await _migrate(empty_postgres_url, event_store(), room) == ["views 0002 second"]


async def test_a_newer_schema_is_refused(empty_postgres_url: str) -> None:
    """A program does not run on what a newer release has migrated, and says what to do."""
    await _migrate(empty_postgres_url, event_store())
    older = replace(event_store(), steps=event_store().steps[:-1])
    with pytest.raises(SchemaTooNew, match="start the newer release"):
        await _migrate(empty_postgres_url, older)


async def test_an_edited_migration_is_refused(empty_postgres_url: str) -> None:
    """What was applied in another form is not taken for the same, and nothing else is applied."""
    await _migrate(empty_postgres_url, event_store())
    *others, last = event_store().steps
    edited = replace(event_store(), steps=(*others, replace(last, sql=last.sql + "\n-- more")))
    with pytest.raises(MigrationChanged, match=last.name):
        await _migrate(empty_postgres_url, edited, READ_MODELS)
    async with owner_of(empty_postgres_url) as connection:
        assert await connection.fetchval("SELECT to_regclass('public.first')") is None


async def test_a_failed_migration_leaves_nothing(empty_postgres_url: str) -> None:
    """Each step is a transaction: the one that fails is undone, those before it stay."""
    broken = Migration(2, "broken", "CREATE TABLE public.half (); SELECT 1 / 0")
    with pytest.raises(ParleyError):
        await _migrate(empty_postgres_url, replace(READ_MODELS, steps=(*READ_MODELS.steps, broken)))
    async with owner_of(empty_postgres_url) as connection:
        tables = [
            await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name)
            for name in ("public.first", "public.half")
        ]
    assert tables == [True, False]


@pytest.mark.parametrize("unsafe", ["synchronous_commit = off", "synchronous_commit = local"])
async def test_a_database_that_loses_commits_is_refused(
    empty_postgres_url: str, unsafe: str
) -> None:
    """Durability is looked at on every connection, and its absence told in one sentence."""
    name = empty_postgres_url.rpartition("/")[2]
    async with owner_of(empty_postgres_url) as connection:
        await connection.execute(f"ALTER DATABASE {name} SET {unsafe}")
    with pytest.raises(CannotStart, match="synchronous_commit = on"):
        await prepare(empty_postgres_url, MASTERS)


async def test_roles_of_another_database_are_shared(
    postgres_server: str, empty_postgres_url: str
) -> None:
    """A second database of the same server is migrated beside the first."""
    await _migrate(empty_postgres_url, event_store())
    async with fresh_database(postgres_server, None) as other:
        assert await _migrate(other, event_store())


async def test_an_owner_need_not_be_superuser(
    postgres_template: str, empty_postgres_url: str
) -> None:
    """A plain login that may make roles and owns the database can migrate and serve it."""
    name = empty_postgres_url.rpartition("/")[2]
    async with owner_of(empty_postgres_url) as connection:
        await connection.execute("CREATE ROLE plain_owner LOGIN CREATEROLE PASSWORD 'secret'")
        await connection.execute("GRANT parley_node, parley_projector, parley_relay TO plain_owner")
        await connection.execute(f"ALTER DATABASE {name} OWNER TO plain_owner")
    try:
        address = empty_postgres_url.partition("@")[2]
        url = f"postgresql://plain_owner:secret@{address}"
        assert await prepare(url, MASTERS)
        connection = await asyncpg.connect(url, server_settings={"role": "parley_node"})
        assert await connection.fetchval("SELECT length(es.epoch())") == 16
        await connection.close()
    finally:
        async with owner_of(empty_postgres_url) as connection:
            await connection.execute("DROP OWNED BY plain_owner CASCADE")
            await connection.execute(f"ALTER DATABASE {name} OWNER TO postgres")
            await connection.execute("DROP ROLE plain_owner")


async def test_an_owner_that_makes_the_roles_may_take_them() -> None:
    """Where nobody has made them before it, and it is no superuser."""
    directory = postgres_directory()
    server = await open_server(directory)
    try:
        async with owner_of(server.database_url) as connection:
            await connection.execute("CREATE ROLE plain_owner LOGIN CREATEROLE PASSWORD 'secret'")
            await connection.execute("CREATE DATABASE plain OWNER plain_owner")
        address = database_url(server.database_url, "plain").partition("@")[2]
        url = f"postgresql://plain_owner:secret@{address}"
        await prepare(url, MASTERS)
        for role in ("parley_node", "parley_projector", "parley_relay"):
            connection = await asyncpg.connect(url, server_settings={"role": role})
            assert await connection.fetchval("SELECT current_user") == role
            await connection.close()
    finally:
        await server.stop()
        shutil.rmtree(directory)


async def test_a_migration_may_take_its_time(empty_postgres_url: str) -> None:
    """What the owner does is limited in time; a migration is not, nor the wait for another's."""
    look = "coalesce(current_setting('{}', true), '0') AS {}"
    limits = ("statement_timeout", "transaction_timeout")
    looks = ", ".join(look.format(name, name) for name in limits)
    slow = Migrations("views", (Migration(1, "slow", f"CREATE TABLE public.l AS SELECT {looks}"),))
    async with owner(empty_postgres_url) as connection:
        before = await connection.fetchrow(f"SELECT {looks}")
        await migrate(connection, [event_store(), slow])
        during = await connection.fetchrow("SELECT * FROM public.l")
        after = await connection.fetchrow(f"SELECT {looks}")
    assert before is not None
    assert during is not None
    assert before["statement_timeout"] == "30s"
    assert list(during) == ["0", "0"]
    assert after == before

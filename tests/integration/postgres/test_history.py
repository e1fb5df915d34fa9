"""Each new connection knows which history it has met, before anything is asked on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.installation import prepare
from adapters.postgres.settings import PostgresSettings
from domain.append import Appended
from domain.errors import StoreUnavailable
from domain.event_types import REGISTRY
from domain.history import Change
from tests.doubles.appends import append, uuid
from tests.fixtures.postgres import (
    MASTERS,
    Owner,
    SystemClock,
    SystemIds,
    open_server,
    owner_of,
    postgres_directory,
)

LOG = uuid(900)


def changes(database: PostgresDatabase) -> list[Change]:
    """What this node is told of its store's history."""
    told: list[Change] = []
    database.history.on_change(told.append)
    return told


async def fail_over(owner: Owner) -> None:
    """What a promotion does: the timeline is another than the one noted, all connections end."""
    await owner.execute("UPDATE es.installation SET timeline = timeline + 1")
    await owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'parley %'"
    )


async def until_read(database: PostgresDatabase) -> None:
    """Read; a connection that has just ended may be noticed by its failure only."""
    with suppress(StoreUnavailable):
        await database.store.heads()
    await database.store.heads()


async def test_the_first_connections_tell_nothing(postgres: PostgresDatabase) -> None:
    """However many there are, and in whatever role: the history is the one that was found."""
    told = changes(postgres)
    await postgres.store.create_log(LOG, "demo")
    await postgres.store.append_batch(LOG, [append(1)])
    await postgres.read_models.checkpoints("p")
    assert (told, postgres.history.epoch) == ([], await postgres.store.epoch())


async def test_what_is_read_after_a_failover_is_read_by_one_who_knows(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """Nobody has looked at the epoch meanwhile; it is told once."""
    told = changes(postgres)
    await postgres.store.create_log(LOG, "demo")
    await postgres.store.heads()
    before = postgres.history.epoch
    await fail_over(owner)
    await until_read(postgres)
    assert told == [Change.HISTORY]
    await postgres.read_models.checkpoints("p")
    epoch = await postgres.store.epoch()
    assert (told, postgres.history.epoch) == ([Change.HISTORY], epoch)
    assert epoch != before


async def test_what_was_decided_before_a_failover_is_not_appended(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """The append's own connection is the first that meets the other history."""
    told = changes(postgres)
    await postgres.store.create_log(LOG, "demo")
    await postgres.store.append_batch(LOG, [append(1)])
    await fail_over(owner)
    while not told:
        with pytest.raises(StoreUnavailable):
            await postgres.store.append_batch(LOG, [append(2)])
    assert len(await postgres.store.read_log(LOG, 0, 10)) == 1
    assert isinstance((await postgres.store.append_batch(LOG, [append(2)]))[0], Appended)


async def test_a_database_that_was_restored_from_a_dump_is_noticed(
    postgres: PostgresDatabase, postgres_server: str, postgres_url: str
) -> None:
    """The server runs on, and the epoch is in the dump too; but the database is another one."""
    told = changes(postgres)
    name = urlsplit(postgres_url).path[1:]
    await postgres.store.create_log(LOG, "demo")
    await postgres.store.append_batch(LOG, [append(1)])
    async with _whole_server(postgres_server, f"{name}_dump") as anywhere:
        await _end_all(anywhere, name)
        await anywhere.execute(f"CREATE DATABASE {name}_dump TEMPLATE {name}")
        await anywhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await until_read(postgres)
        await postgres.store.append_batch(LOG, [append(2)])
        assert (told, len(await postgres.store.read_log(LOG, 0, 10))) == ([], 2)
        await anywhere.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await anywhere.execute(f"ALTER DATABASE {name}_dump RENAME TO {name}")
        await until_read(postgres)
        assert (told, len(await postgres.store.read_log(LOG, 0, 10))) == ([Change.SERVER], 1)


@asynccontextmanager
async def _whole_server(url: str, left: str) -> AsyncIterator[Owner]:
    """A superuser's connection to no database of ours; a database that may be left is dropped."""
    async with owner_of(url) as anywhere:
        try:
            yield anywhere
        finally:
            await anywhere.execute(f"DROP DATABASE IF EXISTS {left} WITH (FORCE)")


async def _end_all(anywhere: Owner, name: str) -> None:
    await anywhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await anywhere.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )


@pytest.fixture
async def directory() -> AsyncIterator[Path]:
    """Where a server of this test's own has its data."""
    directory = postgres_directory()
    yield directory
    shutil.rmtree(directory)


async def test_a_directory_that_was_put_back_by_hand_is_noticed(directory: Path) -> None:
    """Its epoch is the same, and the log may have grown again; but it is another run."""
    server = await open_server(directory)
    url = server.database_url
    await prepare(url, MASTERS)
    settings = PostgresSettings(connect_timeout_s=1.0, acquire_timeout_s=1.0)
    parts = {"masters": MASTERS, "registry": REGISTRY, "clock": SystemClock(), "ids": SystemIds()}
    node = PostgresDatabase(url, settings=settings, **parts)  # type: ignore[arg-type]  # as said
    told = changes(node)
    try:
        await node.store.create_log(LOG, "demo")
        await node.store.append_batch(LOG, [append(1)])
        epoch = node.history.epoch
        await server.stop()
        _copy(directory, directory.with_suffix(".kept"))
        server = await open_server(directory)
        await until_read(node)
        await node.store.append_batch(LOG, [append(2)])
        await server.stop()
        shutil.rmtree(directory)
        directory.with_suffix(".kept").rename(directory)
        server = await open_server(directory)
        await until_read(node)
        assert server.database_url == url
        assert (told, node.history.epoch) == ([Change.SERVER] * 2, epoch)
        assert len(await node.store.read_log(LOG, 0, 10)) == 1
    finally:
        await node.close()
        await server.stop()


def _copy(directory: Path, to: Path) -> None:
    """A directory with its owners, whoever runs the tests."""
    subprocess.run(["cp", "-a", directory, to], check=True)

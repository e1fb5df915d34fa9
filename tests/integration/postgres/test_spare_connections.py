"""The connection that a pool keeps at hand: used again, unless something is wrong with it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.pools import NODE, Connection, Pool, Use
from adapters.postgres.settings import PostgresSettings
from domain.errors import StoreError
from tests.doubles.appends import append, uuid
from tests.fixtures.postgres import Owner

PID = "SELECT pg_backend_pid()"


@pytest.fixture
def pool(postgres_url: str) -> Pool:
    """A pool of one connection."""
    return Pool(postgres_url, Use("tests", NODE, 1), PostgresSettings(acquire_timeout_s=5.0))


async def _pid(pool: Pool) -> int:
    async with pool.connection() as connection:
        pid: int = await connection.fetchval(PID)
    return pid


async def test_a_connection_is_used_again(pool: Pool) -> None:
    """The next use has the same connection, in the turn of the loop in which it asks."""
    pid = await _pid(pool)
    taken: list[Connection] = []

    async def take() -> None:
        async with pool.connection() as connection:
            taken.append(connection)

    task = asyncio.create_task(take())
    await asyncio.sleep(0)
    assert task.done()
    assert await _pid(pool) == pid
    assert pool.connections == {"in_use": 0, "idle": 1}
    await pool.close()


async def test_an_idle_spare_is_not_forgotten_on_the_way(pool: Pool) -> None:
    """What is idle for minutes asyncpg ends, but not what it believes to be in use."""
    async with pool.connection() as connection:
        local = await connection.fetchval("SELECT inet_client_addr() IS NULL")
        assert not local, "over a Unix socket there are no keepalives to be seen"
        assert await connection.fetchval("SHOW tcp_keepalives_idle") == "5"
    await pool.close()


async def test_a_spare_that_the_server_ended_is_replaced(pool: Pool, owner: Owner) -> None:
    """Whoever comes after it was ended gets another, and the pool has not become smaller."""
    for _ in range(2):
        pid = await _pid(pool)
        await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        while pool.connections["idle"]:  # noqa: ASYNC110  # asyncpg tells nobody
            await asyncio.sleep(0)
        assert await _pid(pool) != pid
    await pool.close()


async def test_whoever_waits_gets_it(pool: Pool) -> None:
    """A connection that somebody waits for is not kept."""
    async with pool.connection():
        waiter = asyncio.create_task(_pid(pool))
        while not pool.waiting:  # noqa: ASYNC110  # the pool tells nobody
            await asyncio.sleep(0)
    assert await waiter
    await pool.close()


async def test_many_at_once_share_one(pool: Pool) -> None:
    """From the first use on, whoever comes while the only connection is in use gets it in turn."""
    pids = await asyncio.gather(*(_pid(pool) for _ in range(10)))
    assert len(set(pids)) == 1
    await pool.close()


async def test_what_failed_goes_back_to_be_mended(pool: Pool) -> None:
    """A use that ended in the middle of a transaction leaves none to the next."""

    async def fail() -> None:
        async with pool.connection() as connection:
            await connection.execute("BEGIN")
            await connection.execute("SELECT 1 / 0")

    with pytest.raises(StoreError):
        await fail()
    async with pool.connection() as connection:
        assert not connection.is_in_transaction()
    await pool.close()


async def test_the_owners_rights_are_not_kept_at_hand(postgres: PostgresDatabase) -> None:
    """After an erasure no connection waits that may destroy keys."""
    log = uuid(900)
    await postgres.store.create_log(log, "demo")
    await postgres.store.append_batch(log, [append(1)])
    await postgres.store.destroy_key(log, "visitor-1")
    assert postgres._owner._spare is None
    assert postgres._appends._spare is not None

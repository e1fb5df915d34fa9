"""What PostgreSQL's failures mean, one by one, and the way back after the worst of them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.failures import is_refusal, translate, translated
from adapters.postgres.installation import prepare
from adapters.postgres.pools import NODE, Pool, Use
from adapters.postgres.settings import PostgresSettings
from domain.append import Answer, Append, Appended, Known
from domain.errors import BatchRefused, StoreUnavailable
from domain.event_types import REGISTRY
from ops.breakers import Breakers, BreakerSettings
from tests.doubles.appends import append, uuid
from tests.fixtures.postgres import (
    MASTERS,
    OpenPostgres,
    Owner,
    SystemClock,
    SystemIds,
    open_server,
    postgres_directory,
)
from tests.fixtures.server import free_port

LOG = uuid(900)


@pytest.mark.parametrize(
    ("sqlstate", "refused"),
    [
        pytest.param("08006", False, id="connection failure"),
        pytest.param("08003", False, id="connection does not exist"),
        pytest.param("53100", False, id="disk full"),
        pytest.param("53200", False, id="out of memory"),
        pytest.param("53300", False, id="too many connections"),
        pytest.param("55P03", False, id="lock timeout"),
        pytest.param("57014", False, id="statement timeout"),
        pytest.param("57P01", False, id="admin shutdown"),
        pytest.param("57P02", False, id="crash shutdown"),
        pytest.param("57P03", False, id="starting"),
        pytest.param("57P05", False, id="idle session timeout"),
        pytest.param("25P03", False, id="idle in transaction timeout"),
        pytest.param("25P04", False, id="transaction timeout"),
        pytest.param("25006", False, id="read only"),
        pytest.param("25P02", False, id="failed transaction"),
        pytest.param("28P01", False, id="wrong password"),
        pytest.param("3D000", False, id="no such database"),
        pytest.param("40001", False, id="serialization"),
        pytest.param("40P01", False, id="deadlock"),
        pytest.param("40003", False, id="completion unknown"),
        pytest.param("58030", False, id="I/O error"),
        pytest.param("XX000", False, id="internal error"),
        pytest.param("XX001", False, id="data corrupted"),
        pytest.param(None, False, id="none"),
        pytest.param("22021", True, id="NUL in a text"),
        pytest.param("22003", True, id="out of range"),
        pytest.param("23505", True, id="unique violation"),
        pytest.param("23514", True, id="check violation"),
        pytest.param("42601", True, id="syntax error"),
        pytest.param("42501", True, id="no privilege"),
        pytest.param("54000", True, id="program limit"),
        pytest.param("P0002", True, id="no such log"),
    ],
)
def test_a_sqlstate_says_whether_to_come_again(sqlstate: str | None, refused: bool) -> None:
    """Only what the statement itself is guilty of is refused; all else may work later."""
    assert is_refusal(sqlstate) is refused


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(), StoreUnavailable),
        (FileNotFoundError("/run/.s.PGSQL.5432"), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (asyncpg.InterfaceError("connection is closed"), StoreUnavailable),
        (asyncpg.InternalClientError("got result for unknown protocol state"), StoreUnavailable),
        (asyncpg.DataError("invalid input for query argument"), BatchRefused),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), StoreUnavailable),
        (asyncpg.DiskFullError("no space left"), StoreUnavailable),
        (asyncpg.UniqueViolationError("twice"), BatchRefused),
    ],
)
def test_a_failure_becomes_the_domains(error: Exception, kind: type[Exception]) -> None:
    """The client's, the network's and the server's failures alike."""
    assert type(translate(error)) is kind


def test_a_failure_quotes_nobody() -> None:
    """PostgreSQL's message may have a value in it; ours does not."""
    error = asyncpg.CharacterNotInRepertoireError('invalid byte sequence in "dear Ada"')
    assert "Ada" not in str(translate(error))


@pytest.mark.parametrize("kind", [asyncpg.UniqueViolationError, asyncpg.RestrictViolationError])
def test_nor_does_its_trace(kind: type[asyncpg.PostgresError]) -> None:
    """What is logged with its trace has neither the server's words nor its detail."""
    error = kind("it was refused")
    error.detail = "Key (name)=(Ada) is there"
    error.constraint_name = "event_pkey"

    def fail() -> None:
        with translated():
            raise error

    with pytest.raises(BatchRefused) as refused:
        fail()
    told = "".join(traceback.format_exception(refused.value))
    assert "Ada" not in told
    assert f"on event_pkey (SQLSTATE {error.sqlstate})" in told


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedPostgres]:
    """A server of this test's own, which may be killed."""
    directory = postgres_directory()
    server = await open_server(directory)
    yield server
    await server.stop()
    shutil.rmtree(directory)


@pytest.fixture
async def database(server: EmbeddedPostgres) -> AsyncIterator[PostgresDatabase]:
    """A node's database on that server."""
    await prepare(server.database_url, MASTERS)
    database = PostgresDatabase(
        server.database_url,
        masters=MASTERS,
        registry=REGISTRY,
        clock=SystemClock(),
        ids=SystemIds(),
        settings=PostgresSettings(connect_timeout_s=1.0, acquire_timeout_s=1.0),
    )
    await database.store.create_log(LOG, "demo")
    yield database
    await database.close()


async def _until_appended(database: PostgresDatabase, command: Append) -> Answer:
    """What a client does: the same command again until it is answered."""
    while True:
        with suppress(StoreUnavailable):
            return (await database.store.append_batch(LOG, [command]))[0]
        await asyncio.sleep(0.05)


async def _until_it_fails(database: PostgresDatabase) -> None:
    """Append until that fails: a killed server's own processes notice a moment later."""
    while True:
        await database.store.append_batch(LOG, [append(1)])


async def test_the_way_back_after_kill_9(
    server: EmbeddedPostgres, database: PostgresDatabase
) -> None:
    """While the server is gone every call says so; when it is back all goes on, nothing is lost."""
    store = database.store
    assert isinstance((await store.append_batch(LOG, [append(1)]))[0], Appended)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    with pytest.raises(StoreUnavailable):
        await _until_it_fails(database)
    for call in (
        store.read_log(LOG, 0, 1),
        store.heads(),
        store.find_log("demo"),
        store.epoch(),
        database.sessions.use_nonce(LOG, "s", b"d", 1e12),
        database.read_models.checkpoints("p"),
        database.cipher.digests(LOG, "p", ["text"]),
    ):
        with pytest.raises(StoreUnavailable):
            await call
    supervisor = asyncio.create_task(server.supervise())
    assert isinstance(await _until_appended(database, append(2)), Appended)
    assert isinstance((await store.append_batch(LOG, [append(1)]))[0], Known)
    assert [event.position for event in await store.read_log(LOG, 0, 10)] == [1, 2]
    assert (await database.verifier.verify_chain(LOG)).ok
    await server.stop()
    await supervisor


async def test_nothing_acked_is_lost_when_the_server_is_killed(
    server: EmbeddedPostgres, database: PostgresDatabase
) -> None:
    """Writers go on through a kill -9; each command is in the log once, in its writer's order."""
    supervisor = asyncio.create_task(server.supervise())
    acked: list[int] = []

    async def write(first: int) -> None:
        for number in range(first, first + 30):
            await _until_appended(database, append(number))
            acked.append(number)

    async def kill() -> None:
        while len(acked) < 20:  # noqa: ASYNC110  # an event for each would be no clearer
            await asyncio.sleep(0.01)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)

    await asyncio.gather(write(100), write(200), kill())
    events = await database.store.read_log(LOG, 0, 1000)
    numbers = [event.metadata.command.int & 0xFFFF for event in events]
    assert sorted(numbers) == sorted(acked)
    for first in (100, 200):
        assert [n for n in numbers if n // 100 == first // 100] == list(range(first, first + 30))
    await server.stop()
    await supervisor


async def test_a_server_that_stands_still_is_not_waited_for(
    open_postgres: OpenPostgres, owner: Owner
) -> None:
    """A server process that is alive and says nothing: unavailable, and the next append goes in."""
    node = open_postgres(settings=PostgresSettings(answer_timeout_s=1.0))
    await node.store.create_log(LOG, "demo")
    await node.store.append_batch(LOG, [append(1)])
    pid = await owner.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'parley appends'"
        " AND datname = current_database()"
    )
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable):
            await node.store.append_batch(LOG, [append(2)])
        assert isinstance((await node.store.append_batch(LOG, [append(3)]))[0], Appended)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_pool_opens_for_many_at_once(open_postgres: OpenPostgres) -> None:
    """The first calls of a node, all at the same time, share its few connections."""
    node = open_postgres()
    await node.store.create_log(LOG, "demo")
    found = await asyncio.gather(*(node.store.find_log("demo") for _ in range(50)))
    assert found == [LOG] * 50


async def test_a_server_that_is_not_there_is_not_asked_for_ever() -> None:
    """Behind the breaker attempts to connect stop for a while; whoever asks is told at once."""
    breakers = Breakers(BreakerSettings(failures=3, rest_s=60))
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/parley"
    pool = Pool(nowhere, Use("reads", NODE, 1), PostgresSettings(), breakers.of("postgresql"))
    reasons = []
    for _ in range(5):
        with pytest.raises(StoreUnavailable) as refused:
            async with pool.connection():
                raise AssertionError("it is there")
        reasons.append("left alone" in str(refused.value))
    assert reasons == [False, False, False, True, True]
    assert breakers.states() == {"postgresql": "open"}
    await pool.close()

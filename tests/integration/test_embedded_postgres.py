"""The embedded PostgreSQL, on real processes: starts, deaths, neighbours, who may enter where."""

import asyncio
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import asyncpg
import psutil
import pytest

from adapters.postgres import embedded
from adapters.postgres.embedded import EmbeddedPostgres, join, running_address
from adapters.postgres.embedded_binaries import find_binaries
from adapters.postgres.embedded_directory import NOBODY, DataDirectory
from adapters.postgres.embedded_errors import (
    BinariesNotFound,
    DirectoryInUse,
    DirectoryNotUsable,
    ServerNotStarted,
    WrongMajorVersion,
)
from tests.fixtures.places import new_directory

ROOT = os.geteuid() == 0
DAEMON = 1  # a user that every system knows by name, which initdb asks for
as_root = pytest.mark.skipif(not ROOT, reason="what only root can do")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="parent-death signals are Linux's")

# A product that holds a directory: says its address and its server's process, then waits for its
# end. It may first become another user, whose Python the parent names; what that user may not be
# able to read any more is imported before.
HOLDER = """
import asyncio, concurrent.futures.thread, json, os, sys, encodings.idna
from pathlib import Path
directory, user, python = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
from adapters.postgres.embedded import EmbeddedPostgres
if user != os.geteuid():
    os.setgroups([]); os.setgid(user); os.setuid(user)
sys.executable = python
async def main():
    async with await EmbeddedPostgres.open(directory) as server:
        print(json.dumps([server.database_url, server.pid]), flush=True)
        await server.supervise()
asyncio.run(main())
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory that is still to be made, in one that every user may enter."""
    base = new_directory()
    yield base / "data"
    remove(base / "data")
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """What a first start makes, to be copied: nothing may run on this one."""
    base = new_directory()

    async def start_and_stop() -> None:
        await (await EmbeddedPostgres.open(base / "data")).stop()

    asyncio.run(start_and_stop())
    yield base / "data"
    remove(base / "data")
    shutil.rmtree(base)


@pytest.fixture
def copied(directory: Path, made: Path) -> None:
    """The test's directory is a copy, for tests that are not about a first start."""
    subprocess.run(["cp", "-a", str(made), str(directory)], check=True)


begun = pytest.mark.usefixtures("copied")


def remove(directory: Path) -> None:
    """Remove a data directory, and the socket's directory that a killed server leaves."""
    if address := DataDirectory(directory).read_address():
        shutil.rmtree(address.socket_directory, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


class Holder:
    """A product in another process, on one directory; killed at the end if not before."""

    def __init__(self, directory: Path, user: int | None = None) -> None:
        wishes = [str(directory), str(os.geteuid() if user is None else user), python_for(user)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, *wishes], stdout=subprocess.PIPE, cwd=checkout()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def address(self) -> tuple[str, int]:
        """Wait until its server is ready; its URL and its process."""
        assert self.process.stdout
        url, pid = json.loads(self.process.stdout.readline())
        return url, pid

    def kill(self) -> None:
        """End it as a power failure would."""
        self.process.kill()
        self.process.communicate()


def checkout() -> Path:
    """The directory that holds the rooms."""
    return Path(__file__).resolve().parents[2]


def python_for(user: int | None) -> str:
    """A Python that this user may run: ours may lie in root's own home."""
    if user is None or user == os.geteuid():
        return sys.executable
    for candidate in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([candidate, "-S", "-c", "import ctypes"], check=True, user=user)
            return candidate
    pytest.skip("no Python here that another user may run")


async def ask(url: str, question: str) -> object:
    """One value from the database."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def tell(url: str, *statements: str) -> None:
    """Statements, each committed."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def owner(directory: Path) -> int:
    """The user of the server on this directory."""
    return DataDirectory(directory).account().uid


def wait_gone(pid: int, patience_s: float = 15) -> None:
    """Wait for a process that may not be our child to end."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(patience_s)


# --- starting and stopping --------------------------------------------------------------------


async def test_first_start_makes_a_superusers_database(directory: Path) -> None:
    """A new directory becomes a server with the database `parley`, by loopback and by socket."""
    async with await EmbeddedPostgres.open(directory) as server:
        for url in (server.database_url, server.address.socket_url):
            assert await ask(url, "SELECT current_database()") == "parley"
            assert await ask(url, "SELECT usesuper FROM pg_user WHERE usename = current_user")


async def test_warm_start_keeps_data_port_and_password(directory: Path) -> None:
    """The second start finds what the first stored, under the same URL, and is quick."""
    async with await EmbeddedPostgres.open(directory) as server:
        url = server.database_url
        await tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
    before = time.monotonic()
    async with await EmbeddedPostgres.open(directory) as server:
        assert time.monotonic() - before < 3
        assert server.database_url == url
        assert await ask(url, "SELECT n FROM kept") == 7


async def test_stop_gives_everything_back(directory: Path) -> None:
    """After `stop` no process is left, nor the socket's directory, and the lock is free."""
    server = await EmbeddedPostgres.open(directory)
    pid, socket_directory = server.pid, Path(server.address.socket_directory)
    assert pid is not None
    await server.stop()
    await server.stop()
    assert not psutil.pid_exists(pid)
    assert not socket_directory.exists()
    await (await EmbeddedPostgres.open(directory)).stop()


@begun
async def test_stop_does_not_wait_for_clients(directory: Path) -> None:
    """An open transaction and a running query delay the end by little."""
    server = await EmbeddedPostgres.open(directory)
    idle, busy = [await asyncpg.connect(server.database_url) for _ in range(2)]
    await idle.execute("BEGIN; CREATE TABLE never()")
    running = asyncio.create_task(busy.fetch("SELECT pg_sleep(60)"))
    await asyncio.sleep(0.2)
    before = time.monotonic()
    await server.stop()
    assert time.monotonic() - before < 5
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await running
    idle.terminate()
    busy.terminate()


async def test_long_path_and_strange_names(directory: Path) -> None:
    """A path longer than a socket's name may be, with blanks and quotes, is no matter."""
    deep = directory.parent / ("a 'quoted' \"name\" " + "x" * 100) / "é%20" / "data"
    async with await EmbeddedPostgres.open(deep) as server:
        assert len(os.fsencode(deep)) > 107
        assert await ask(server.address.socket_url, "SELECT 1") == 1


@begun
async def test_busy_port_is_replaced(directory: Path) -> None:
    """A port that somebody else took meanwhile is given up, not fought for."""
    async with await EmbeddedPostgres.open(directory) as server:
        port = server.address.port
    with socket.create_server(("127.0.0.1", port)):
        async with await EmbeddedPostgres.open(directory) as server:
            assert server.address.port != port
            assert await ask(server.database_url, "SELECT 1") == 1


async def test_a_strict_umask_does_not_lock_the_server_out(directory: Path) -> None:
    """Whatever the caller's umask, the server's user can enter what is made for it."""
    before = os.umask(0o077)
    try:
        async with await EmbeddedPostgres.open(directory / "deeper") as server:
            assert await ask(server.database_url, "SELECT 1") == 1
    finally:
        os.umask(before)


@begun
@on_linux
async def test_the_server_shares_nothing_with_us(directory: Path) -> None:
    """It has a session of its own, writes to a file, and holds no descriptor of ours."""
    async with await EmbeddedPostgres.open(directory) as server:
        assert server.pid is not None
        assert os.getsid(server.pid) == server.pid
        opened = {str(path.readlink()) for path in Path(f"/proc/{server.pid}/fd").iterdir()}
        paths = DataDirectory(directory)
        assert {Path(f"/proc/{server.pid}/fd/{n}").readlink() for n in (1, 2)} == {paths.log}
        assert str(paths.lock) not in opened


@begun
async def test_the_log_stays_small(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that runs for months keeps its log and one older one, of bounded size."""
    monkeypatch.setattr(embedded, "LARGEST_LOG", 2000)
    async with await EmbeddedPostgres.open(directory) as server:
        watching = asyncio.create_task(server.supervise())
        log = DataDirectory(directory).log
        for _ in range(20):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(server.database_url, password="wrong")
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert log.stat().st_size < 4000
        assert log.with_name("postgres.log.1").stat().st_mode & 0o777 == 0o600
    await watching


# --- settings ---------------------------------------------------------------------------------

SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "recovery_init_sync_method": "syncfs",
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "server_encoding": "UTF8",
    "lc_collate": "C",
    "timezone": "UTC",
    "jit": "off",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


async def test_durability_privacy_and_locale(directory: Path) -> None:
    """What is acked is on the disk, and the server runs as the architecture says."""
    async with await EmbeddedPostgres.open(directory) as server:
        connection = await asyncpg.connect(server.database_url)
        names = sorted(set(SETTINGS) - {"lc_collate"})
        found = {name: await connection.fetchval(f"SHOW {name}") for name in names}
        found["lc_collate"] = await connection.fetchval(
            "SELECT datcollate FROM pg_database WHERE datname = 'parley'"
        )
        await connection.close()
    assert found == SETTINGS


@begun
async def test_an_edit_cannot_turn_durability_off(directory: Path) -> None:
    """ALTER SYSTEM is outranked at the next start."""
    async with await EmbeddedPostgres.open(directory) as server:
        await tell(server.database_url, "ALTER SYSTEM SET fsync = off")
    async with await EmbeddedPostgres.open(directory) as server:
        assert await ask(server.database_url, "SHOW fsync") == "on"


@begun
async def test_what_people_write_stays_out_of_the_log(directory: Path) -> None:
    """Errors that quote a value reach the client, and not the log file."""
    async with await EmbeddedPostgres.open(directory) as server:
        connection = await asyncpg.connect(server.database_url)
        await connection.execute(
            "CREATE TABLE t (v text PRIMARY KEY); INSERT INTO t VALUES ('Grüße')"
        )
        for statement in ("INSERT INTO t VALUES ($1)", "SELECT $1::text::uuid", 'SELECT "Grüße"'):
            with pytest.raises(asyncpg.PostgresError, match="Grüße"):
                await connection.fetch(statement, *["Grüße"] * statement.count("$1"))
        await connection.execute("DO $$BEGIN RAISE WARNING 'Grüße'; END$$")
        await connection.close()
    log = DataDirectory(directory).log.read_text()
    assert "ready to accept connections" in log
    assert "Grüße" not in log


@begun
@pytest.mark.parametrize("where", ["loopback", "socket"])
async def test_a_password_is_needed_everywhere(directory: Path, where: str) -> None:
    """Another user of the machine gets nowhere, by either way."""
    async with await EmbeddedPostgres.open(directory) as server:
        url = server.database_url if where == "loopback" else server.address.socket_url
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url.replace(server.address.password, "wrong"))
        mode = Path(server.address.socket_directory).stat().st_mode
        assert mode & 0o777 == 0o700
    assert server.address.password not in repr(server.address)


async def test_secrets_are_for_their_owner_only(directory: Path) -> None:
    """The file with the password, the log and the lock are readable by nobody else."""
    async with await EmbeddedPostgres.open(directory):
        paths = DataDirectory(directory)
        for path in (paths.address, paths.log, paths.lock):
            assert path.stat().st_mode & 0o777 == 0o600
        assert not (paths.home / "password").exists()


@begun
async def test_memory_at_rest(directory: Path) -> None:
    """The server takes a small part of the 200 MB that the whole product may."""
    async with await EmbeddedPostgres.open(directory) as server:
        postmaster = psutil.Process(server.pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        assert sum(process.memory_full_info().pss for process in processes) < 60 * 2**20


# --- neighbours -------------------------------------------------------------------------------


@begun
async def test_second_opener_is_refused_by_name(directory: Path) -> None:
    """Only one holds the directory; the other is told which process does."""
    with Holder(directory) as holder:
        holder.address()
        with pytest.raises(DirectoryInUse, match=rf"in use .*\(process {holder.process.pid}\)"):
            await EmbeddedPostgres.open(directory)


@begun
async def test_join_finds_the_running_product(directory: Path) -> None:
    """The command line works on the server of the product beside it, and leaves it running."""
    async with await EmbeddedPostgres.open(directory) as server:
        async with join(directory) as address:
            assert address.database_url == server.database_url
            assert await ask(address.database_url, "SELECT 1") == 1
        assert await ask(server.database_url, "SELECT 1") == 1


async def test_join_waits_for_a_product_that_is_starting(directory: Path) -> None:
    """It does not take the address of an earlier run for the one to come."""
    opening = asyncio.create_task(EmbeddedPostgres.open(directory))
    await asyncio.sleep(0.05)
    async with join(directory) as address:
        assert await ask(address.database_url, "SELECT 1") == 1
    await (await opening).stop()


@begun
async def test_join_starts_a_stopped_server_for_its_own_time(directory: Path) -> None:
    """With no product there it takes the lock, and lets a second command finish before it ends."""
    async with join(directory) as first, join(directory) as second:
        assert second == first
        question = "SELECT 'done' FROM pg_sleep(1)"
        work = asyncio.create_task(ask(second.database_url, question))
        await asyncio.sleep(0.3)
    assert await work == "done"
    await (await EmbeddedPostgres.open(directory)).stop()


# --- deaths -----------------------------------------------------------------------------------


@begun
@on_linux
async def test_the_server_dies_with_its_parent(directory: Path) -> None:
    """A kill -9 of the product alone: PostgreSQL shuts down by itself, what was committed stays."""
    with Holder(directory) as holder:
        url, pid = holder.address()
        await tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
    wait_gone(pid)
    assert not (DataDirectory(directory).data / "postmaster.pid").exists()
    async with await EmbeddedPostgres.open(directory) as server:
        assert await ask(server.database_url, "SELECT n FROM kept") == 7


@begun
async def test_next_start_right_after_a_kill(directory: Path) -> None:
    """A new start does not trip over the server of the last that is still on its way out."""
    for number in range(3):
        with Holder(directory) as holder:
            url, _ = holder.address()
            await tell(url, f"CREATE TABLE kept_{number}()")
    async with await EmbeddedPostgres.open(directory) as server:
        tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'kept%'"
        assert await ask(server.database_url, tables) == 3


@begun
async def test_both_killed_in_the_middle_of_work(directory: Path) -> None:
    """A kill -9 of product and PostgreSQL, one backend busy: the next start needs nobody's help."""
    with Holder(directory) as holder:
        url, pid = holder.address()
        await tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
        busy = await asyncpg.connect(url)
        work = asyncio.create_task(busy.execute("DO $$BEGIN LOOP PERFORM 1; END LOOP; END$$"))
        await asyncio.sleep(0.3)
        holder.process.kill()
        os.kill(pid, signal.SIGKILL)
    async with await EmbeddedPostgres.open(directory) as server:
        assert await ask(server.database_url, "SELECT n FROM kept") == 7
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await work
    busy.terminate()


@begun
async def test_an_orphan_without_parent_death_signal_is_stopped(directory: Path) -> None:
    """A server that lives on, as on systems without that signal, gives way to the next start."""
    async with await EmbeddedPostgres.open(directory) as server:
        await tell(server.database_url, "CREATE TABLE kept AS SELECT 7 AS n")
    paths = DataDirectory(directory)
    command = [find_binaries().program("postgres"), "-D", str(paths.data)]
    where = ["-c", "listen_addresses=", "-k", str(paths.home)]
    orphan = subprocess.Popen(
        [*command, *where],
        cwd="/",
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        user=owner(directory),
    )
    file = DataDirectory(directory).data / "postmaster.pid"
    while not file.exists() or "ready" not in file.read_text():
        time.sleep(0.01)
    async with await EmbeddedPostgres.open(directory) as server:
        assert orphan.wait(5) == 0
        assert await ask(server.database_url, "SELECT n FROM kept") == 7


@begun
async def test_stale_file_that_names_somebody_elses_process(directory: Path) -> None:
    """After a reboot the number may be another program's: that one is left alone."""
    async with await EmbeddedPostgres.open(directory):
        file = DataDirectory(directory).data / "postmaster.pid"
        content = file.read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"], user=owner(directory))
    file.write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
    async with await EmbeddedPostgres.open(directory) as server:
        assert await ask(server.database_url, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@begun
async def test_a_socket_lock_whose_number_lives_is_no_obstacle(directory: Path) -> None:
    """A killed server that nobody reaps keeps its number; its socket lock goes."""
    with Holder(directory) as holder:
        _, pid = holder.address()
        os.kill(pid, signal.SIGSTOP)
        address = DataDirectory(directory).read_address()
        assert address is not None
        lock = Path(address.socket_directory) / f".s.PGSQL.{address.port}.lock"
        content = lock.read_text()
        os.kill(pid, signal.SIGCONT)
    wait_gone(pid)
    stranger = subprocess.Popen(["sleep", "60"], user=owner(directory))
    lock.write_text(content.replace(str(pid), str(stranger.pid), 1))
    lock.chmod(0o644)
    async with await EmbeddedPostgres.open(directory) as server:
        assert await ask(server.database_url, "SELECT 1") == 1
    stranger.kill()
    stranger.wait()


async def test_killed_at_any_moment_of_the_first_start(directory: Path) -> None:
    """However far initdb or the first start had come, the next one finishes the job."""
    for delay_s in (0.2, 0.4, 0.6, 0.8, 1.0, 1.2):
        remove(directory)
        with Holder(directory):
            await asyncio.sleep(delay_s)
        async with await EmbeddedPostgres.open(directory) as server:
            assert await ask(server.database_url, "SELECT current_database()") == "parley"


@begun
async def test_a_killed_server_is_started_again_where_it_was(directory: Path) -> None:
    """A kill -9 of PostgreSQL alone, twice: the supervisor brings it back at the same address."""
    async with await EmbeddedPostgres.open(directory) as server:
        watching = asyncio.create_task(server.supervise())
        url = server.database_url
        await tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
        for _ in range(2):
            killed = server.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            assert await eventually(url, "SELECT n FROM kept", 10) == 7
            assert server.pid not in (None, killed)
    await asyncio.wait_for(watching, 2)


@begun
@pytest.mark.parametrize("trouble", ["log removed", "disk full", "our own mistake"])
async def test_nothing_ends_the_supervisor(
    directory: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """Whatever goes wrong beside the server, a killed one is started again."""
    met = asyncio.Event()

    def fails(error: Exception) -> Callable[..., bool]:
        def fail(*_: object) -> bool:
            if met.is_set():
                return False
            loop.call_soon_threadsafe(met.set)
            raise error

        return fail

    loop = asyncio.get_running_loop()
    async with await EmbeddedPostgres.open(directory) as server:
        killed = server.pid
        assert killed is not None
        if trouble == "log removed":
            DataDirectory(directory).log.unlink()
            met.set()
        elif trouble == "disk full":
            monkeypatch.setattr(embedded, "LARGEST_LOG", -1)
            monkeypatch.setattr(embedded, "turn_over", fails(OSError(errno.ENOSPC, "full")))
        else:
            monkeypatch.setattr(embedded, "end_orphans", fails(RuntimeError("a mistake")))
        watching = asyncio.create_task(server.supervise())
        if trouble == "our own mistake":
            os.kill(killed, signal.SIGKILL)
        await met.wait()
        await asyncio.sleep(0.2)
        if trouble != "our own mistake":
            os.kill(killed, signal.SIGKILL)
        assert await eventually(server.database_url, "SELECT 1", 10) == 1
        assert server.pid not in (None, killed)
    await watching


@begun
async def test_stop_during_a_restart(directory: Path) -> None:
    """A stop is not undone by the supervisor, wherever that one is."""
    for delay_s in (0, 0.1, 0.2, 0.25, 0.3, 0.4):
        server = await EmbeddedPostgres.open(directory)
        watching = asyncio.create_task(server.supervise())
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.sleep(delay_s)
        await server.stop()
        await asyncio.wait_for(watching, 5)
        assert server.pid is None


async def eventually(url: str, question: str, patience_s: float) -> object:
    """One value, once the server answers."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return await ask(url, question)
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


@begun
async def test_server_that_cannot_start_says_where_to_look(directory: Path) -> None:
    """A damaged directory is refused with a pointer to the log, and nothing is left running."""
    async with await EmbeddedPostgres.open(directory):
        pass
    (DataDirectory(directory).data / "global" / "pg_control").unlink()
    for _ in range(2):
        with pytest.raises(ServerNotStarted, match=r"postgres\.log says why"):
            await EmbeddedPostgres.open(directory)


# --- versions ---------------------------------------------------------------------------------


@begun
async def test_another_major_version_is_refused(directory: Path) -> None:
    """The directory remembers who made it; the refusal says what would help."""
    async with await EmbeddedPostgres.open(directory):
        pass
    older = find_binaries().directory.parents[1] / "pginstall" / "bin"
    with pytest.raises(
        WrongMajorVersion, match="was made by PostgreSQL 18 and this is PostgreSQL 16"
    ):
        await EmbeddedPostgres.open(directory, postgres_bin=older)
    await (await EmbeddedPostgres.open(directory)).stop()


async def test_another_postgresql_by_name(directory: Path) -> None:
    """One that the operator names is used, and given no setting that it does not know."""
    older = find_binaries().directory.parents[1] / "pginstall" / "bin"
    async with await EmbeddedPostgres.open(directory, postgres_bin=older) as server:
        assert str(await ask(server.database_url, "SHOW server_version")).startswith("16.")


async def test_no_postgresql_there(directory: Path) -> None:
    """A wrong place is said as such."""
    with pytest.raises(BinariesNotFound, match=r"No PostgreSQL server was found in /usr/share"):
        await EmbeddedPostgres.open(directory, postgres_bin=Path("/usr/share"))


@begun
async def test_lost_password(directory: Path) -> None:
    """Data without its recorded password is refused, not made anew."""
    async with await EmbeddedPostgres.open(directory):
        pass
    DataDirectory(directory).address.unlink()
    with pytest.raises(DirectoryNotUsable, match=r"postgres\.json is missing"):
        await EmbeddedPostgres.open(directory)


# --- users ------------------------------------------------------------------------------------


@as_root
async def test_as_root_the_server_is_nobody(directory: Path) -> None:
    """Root's server has none of root's rights: no user, no group, no extra groups."""
    async with await EmbeddedPostgres.open(directory) as server:
        process = psutil.Process(server.pid)
        assert set(process.uids()) == set(process.gids()) == {NOBODY}
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert "Groups:\t \n" in status or "Groups:\t\n" in status
        assert DataDirectory(directory).home.stat().st_uid == NOBODY


@as_root
@pytest.mark.parametrize("shut", ["parent", "data directory"])
async def test_as_root_a_shut_directory_is_named_and_left_as_it_is(
    directory: Path, shut: str
) -> None:
    """Where nobody cannot go, the sentence says which directory, and no permission is changed."""
    directory.mkdir()
    closed = directory.parent if shut == "parent" else directory
    closed.chmod(0o700)
    with pytest.raises(DirectoryNotUsable) as refused:
        await EmbeddedPostgres.open(directory)
    said = str(refused.value)
    assert said.startswith(f"{closed} cannot be entered by user nobody ({NOBODY}), as whom")
    assert f"the data lie there ({directory}): move the checkout, or --data, to" in said
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


@as_root
async def test_as_root_shut_binaries_are_named(directory: Path) -> None:
    """The same for the place of the programs."""
    home = directory.parent / "shut"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "postgres").symlink_to(find_binaries().program("postgres"))
    home.chmod(0o700)
    with pytest.raises(DirectoryNotUsable, match=f"^{home} cannot.*programs lie there"):
        await EmbeddedPostgres.open(directory, postgres_bin=home / "bin")


@as_root
async def test_a_normal_user_and_then_root(directory: Path) -> None:
    """A normal user's server is that user's; root goes on with it as that user."""
    directory.parent.chmod(0o777)
    with Holder(directory, user=DAEMON) as holder:
        url, pid = holder.address()
        assert set(psutil.Process(pid).uids()) == {DAEMON}
        await tell(url, "CREATE TABLE kept AS SELECT 7 AS n")
    async with await EmbeddedPostgres.open(directory) as server:
        assert set(psutil.Process(server.pid).uids()) == {DAEMON}
        assert await ask(server.database_url, "SELECT n FROM kept") == 7


@as_root
def test_a_normal_user_on_roots_directory(directory: Path) -> None:
    """It is refused in one sentence, without a trace of what Python thought."""
    directory.mkdir()
    assert f"{directory} cannot be used (Permission denied)." in refused_as_daemon(directory)


@as_root
def test_a_normal_user_below_a_shut_directory(directory: Path) -> None:
    """Not the data directory is named, which that user cannot even see, but the shut one."""
    directory.mkdir(mode=0o700)
    below = directory / "a" / "b"
    below.mkdir(parents=True)
    assert f"{directory} cannot be entered by user daemon" in refused_as_daemon(below)


def refused_as_daemon(directory: Path) -> str:
    """What another user than root is told of this directory."""
    wishes = [sys.executable, "-c", HOLDER, str(directory), str(DAEMON), sys.executable]
    done = subprocess.run(wishes, capture_output=True, text=True, cwd=checkout())
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("place", ["a-file", "a-file/data"])
async def test_a_file_is_no_directory(directory: Path, place: str) -> None:
    """A file where a directory is wanted is named, whoever asks, and nothing is made."""
    base = directory.parent
    (base / "a-file").touch()
    said = f"^{base / 'a-file'} is not a directory"
    with pytest.raises(DirectoryNotUsable, match=said):
        await EmbeddedPostgres.open(base / place)
    with pytest.raises(DirectoryNotUsable, match=said):
        _ = DataDirectory(base / place).major
    with pytest.raises(DirectoryNotUsable, match=said):
        running_address(DataDirectory(base / place))


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_address_is_named(tmp_path: Path, text: str) -> None:
    """Rubbish in our own file is said to be that."""
    (tmp_path / "postgres.json").write_text(text)
    with pytest.raises(DirectoryNotUsable, match=r"postgres\.json is damaged"):
        DataDirectory(tmp_path).read_address()

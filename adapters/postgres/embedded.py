"""The embedded size's PostgreSQL: a real server, as a child process of the product.

Whoever opens a data directory holds its lock, and is alone in starting and stopping the server on
it. The server dies with its parent where the system can arrange that (Linux), and is ended by the
next start where it cannot. Nothing here knows what is stored.

    async with await EmbeddedPostgres.open(data_dir) as server:
        ... server.database_url ... server.supervise() ...
"""

import asyncio
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.postgres import embedded_child
from adapters.postgres.embedded_binaries import Binaries, find_binaries
from adapters.postgres.embedded_directory import (
    DATA,
    DATABASE,
    PROGRAMS,
    SUPERUSER,
    Account,
    Address,
    DataDirectory,
    free_port,
    is_free,
    socket_directory,
    sync_directory,
    take_lock,
)
from adapters.postgres.embedded_errors import (
    DirectoryInUse,
    DirectoryNotUsable,
    ServerNotStarted,
    WrongMajorVersion,
)
from adapters.postgres.embedded_orphans import end_orphans, ready_pid
from adapters.postgres.embedded_settings import as_arguments, server_settings

__all__ = ["Address", "EmbeddedPostgres", "join"]

READY_S = 120.0  # recovery after a crash replays at most max_wal_size, which takes seconds
MAKE_S = 120.0
JOIN_S = 30.0  # how long the command line waits for a product that is just starting or ending
FAST_S = 6.0  # a fast shutdown writes 32 MB at most; the product itself must end within 10 s
IMMEDIATE_S = 1.5
POLITE_S = 10.0
BACK_OFF_S = (0.1, 5.0)  # first and longest pause before a dead server is started again
SETTLED_S = 60.0  # a server that lived this long starts the back-off anew
LOOK_S = 0.01
WATCH_S = 0.1
LOG_REST_S = 60.0  # after the log could not be kept small
LARGEST_LOG = 8 * 1024 * 1024  # bytes; one older log of this size is kept
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of PG* from the caller

Child = subprocess.Popen[bytes]

logger = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A PostgreSQL server that this process started and alone may stop.

    Open it from the main thread: the kernel ends the server with the thread that started it.
    """

    def __init__(self, directory: DataDirectory, binaries: Binaries, lock: int) -> None:
        self._directory = directory
        self._binaries = binaries
        self._lock: int | None = lock
        self._account: Account = directory.account()
        self._address: Address | None = None
        self._process: Child | None = None
        self._started_s = 0.0
        self._log_rests_until_s = 0.0
        self._stopping = False
        self.restarts = 0

    @classmethod
    async def open(cls, data_dir: Path, *, postgres_bin: Path | None = None) -> Self:
        """Take the directory's lock and return its server, made if it is new, ready for clients.

        Raises:
            EmbeddedPostgresError: with one sentence about what stands in the way.
        """
        directory = DataDirectory.at(data_dir)
        binaries = find_binaries(postgres_bin)
        directory.prepare(directory.account())
        server = cls(directory, binaries, take_lock(directory.lock))
        try:
            await server._open()
        except BaseException as error:
            await server.stop()
            if isinstance(error, OSError):
                raise DirectoryNotUsable(directory.path, f"cannot be used ({error})") from error
            raise
        return server

    @property
    def address(self) -> Address:
        """Where the server listens; it stays the same when the server is started again."""
        assert self._address is not None
        return self._address

    @property
    def database_url(self) -> str:
        """URL of the database `parley` for the superuser, over loopback with a password."""
        return self.address.database_url

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _open(self) -> None:
        self._check_way_and_version()
        if await asyncio.to_thread(end_orphans, self._directory.data):
            logger.warning("ended the PostgreSQL that an earlier run had left on this directory")
        self._address = self._choose_address()
        if self._directory.major is None:
            await self._make_data()
        await self._start()

    def _check_way_and_version(self) -> None:
        binaries, made_by = self._binaries, self._directory.major
        self._account.demand_way_to(binaries.directory, PROGRAMS)
        self._account.demand_way_to(self._directory.home, DATA)
        if made_by is not None and made_by != binaries.major:
            raise WrongMajorVersion(self._directory.data, made_by, binaries.major)

    def _choose_address(self) -> Address:
        """The last address as far as it is still to be had; recorded before it is used."""
        last = self._directory.read_address()
        if last is None and self._directory.major is not None:
            raise DirectoryNotUsable(self._directory.address, "is missing, with the password in it")
        address = Address(
            port=free_port(last.port if last else None, self._directory.path),
            socket_directory=socket_directory(
                last.socket_directory if last else None, self._account
            ),
            password=last.password if last else secrets.token_hex(32),
        )
        if address != last:
            self._directory.write_address(address)
        return address

    # --- making the data ------------------------------------------------------------------

    async def _make_data(self) -> None:
        """Make server and database beside, and give them the name `data` in one step."""
        for left in self._directory.left_unfinished():
            await asyncio.to_thread(end_orphans, left)
            shutil.rmtree(left, ignore_errors=True)
        unfinished = self._directory.unfinished
        await self._initdb(unfinished)
        await self._create_database(unfinished)
        unfinished.rename(self._directory.data)
        sync_directory(self._directory.home)

    async def _initdb(self, data: Path) -> None:
        password = self._directory.home / "password"
        self._lend(password, self.address.password)
        files = [f"--pgdata={data}", f"--pwfile={password}", f"--username={SUPERUSER}"]
        options = ["--locale=C", "--encoding=UTF8", "--data-checksums", "--auth=scram-sha-256"]
        await self._finish("initdb", *files, *options, "--no-instructions")
        password.unlink()

    async def _create_database(self, data: Path) -> None:
        """Create the database by a server without network, for one statement from a file."""
        with tempfile.TemporaryFile() as statement:
            statement.write(f'CREATE DATABASE "{DATABASE}"\n'.encode())
            statement.seek(0)
            options = ["-c", "exit_on_error=on", "-D", str(data), "postgres"]
            await self._finish("postgres", "--single", *options, stdin=statement.fileno())

    def _lend(self, path: Path, text: str) -> None:
        """Write a file that only the server's user can read."""
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchown(descriptor, self._account.uid, self._account.gid)
            file.write(text)

    async def _finish(self, program: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        """Run one of PostgreSQL's programs to its end."""
        command = [self._binaries.program(program), *arguments]
        process = self._spawn(command, signal.SIGKILL, stdin)
        try:
            async with asyncio.timeout(MAKE_S):
                await ended(process, LOOK_S)
        except TimeoutError:
            logger.error("PostgreSQL's %s takes too long", program)  # noqa: TRY400  # said below
        finally:
            kill(process)
        if process.returncode != 0:
            raise ServerNotStarted(f"PostgreSQL's {program} failed", self._directory.log)

    # --- starting -------------------------------------------------------------------------

    async def _start(self) -> None:
        """Start the server and wait until it takes clients; a port lost meanwhile is replaced."""
        try:
            await self._start_once()
        except ServerNotStarted:
            if is_free(self.address.port):
                raise
            self._address = self._choose_address()
            await self._start_once()

    async def _start_once(self) -> None:
        address = self.address
        clear_sockets(Path(address.socket_directory))
        settings = server_settings(self._binaries.major, address.port, address.socket_directory)
        command = [self._binaries.program("postgres"), "-D", str(self._directory.data)]
        self._process = self._spawn([*command, *as_arguments(settings)], signal.SIGINT)
        self._started_s = time.monotonic()
        await self._until_ready(self._process)

    async def _until_ready(self, process: Child) -> None:
        deadline_s = time.monotonic() + READY_S
        while ready_pid(self._directory.data) != process.pid:
            if process.poll() is not None:
                raise ServerNotStarted("PostgreSQL ended while starting", self._directory.log)
            if time.monotonic() > deadline_s:
                kill(process)
                raise ServerNotStarted("PostgreSQL was not ready in time", self._directory.log)
            await asyncio.sleep(LOOK_S)

    def _spawn(
        self,
        command: Sequence[str],
        at_parents_death: signal.Signals,
        stdin: int = subprocess.DEVNULL,
    ) -> Child:
        """Start a child as the server's user, in a session of its own, its words in the log file.

        A session of its own keeps the terminal's Ctrl-C for the product; a file instead of a pipe
        keeps the server from blocking, or dying, with its reader.
        """
        assert threading.current_thread() is threading.main_thread()
        script = [sys.executable, "-I", "-S", str(embedded_child.__file__), str(os.getpid())]
        wishes = [str(int(at_parents_death)), str(self._account.uid), str(self._account.gid)]
        with open(self._directory.log, "ab", opener=private) as log:
            return subprocess.Popen(
                [*script, *wishes, *command],
                stdin=stdin,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
            )

    # --- watching -------------------------------------------------------------------------

    async def supervise(self) -> None:
        """Start the server again, at the same address, whenever it ends by itself; until `stop`.

        Nothing else ends it: what cannot be done now is tried again.
        """
        pause_s = BACK_OFF_S[0]
        while not self._stopping:
            assert self._process is not None
            status = await self._watch(self._process)
            if self._stopping:
                return
            logger.error("PostgreSQL ended by itself (status %s); starting it again", status)
            if time.monotonic() - self._started_s > SETTLED_S:
                pause_s = BACK_OFF_S[0]
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, BACK_OFF_S[1])
            await self._restart()

    async def _watch(self, process: Child) -> int:
        """Wait for the server's end, and keep its log small meanwhile."""
        while (status := process.poll()) is None:
            if time.monotonic() >= self._log_rests_until_s:
                await self._keep_log_small()
            await asyncio.sleep(WATCH_S)
        return status

    async def _keep_log_small(self) -> None:
        """As far as that can be done: the log may be gone, or the disk be full."""
        log = self._directory.log
        try:
            if log.stat().st_size > LARGEST_LOG:
                await asyncio.to_thread(turn_over, log)
        except OSError as error:
            self._log_rests_until_s = time.monotonic() + LOG_REST_S
            logger.warning("PostgreSQL's log could not be kept small: %s", error)

    async def _restart(self) -> None:
        """One attempt; a failed one leaves an ended process, which `supervise` sees."""
        try:
            await asyncio.to_thread(end_orphans, self._directory.data)
            if not self._stopping:
                await self._start_once()
                self.restarts += 1
                logger.warning("PostgreSQL runs again")
        except (ServerNotStarted, DirectoryNotUsable, OSError) as error:
            logger.error("PostgreSQL could not be started again: %s", error)  # noqa: TRY400  # one line
        except Exception:  # our own mistake: still better tried again than never
            logger.exception("PostgreSQL could not be started again")

    # --- stopping -------------------------------------------------------------------------

    async def stop(self, *, polite: bool = False) -> None:
        """End the server and give the directory back; a second call does nothing.

        `polite` lets the clients that are connected finish first, for some seconds.
        """
        self._stopping = True
        try:
            if self._process is not None:
                await end_server(self._process, polite=polite)
        finally:
            self._release()

    def _release(self) -> None:
        if self._lock is None:
            return
        if self._address is not None:
            shutil.rmtree(self._address.socket_directory, ignore_errors=True)
        os.close(self._lock)
        self._lock = None


def clear_sockets(directory: Path) -> None:
    """Remove what a killed server left in its socket directory, which is nobody else's.

    Its lock file would keep the next one from starting while the number in it lives, be it as a
    zombie that nobody has reaped.
    """
    for left in directory.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


async def end_server(process: Child, *, polite: bool) -> None:
    """Smart shutdown if polite, fast shutdown, immediate shutdown, the end: each for its time."""
    steps = [(signal.SIGINT, FAST_S), (signal.SIGQUIT, IMMEDIATE_S)]
    for number, patience_s in [(signal.SIGTERM, POLITE_S), *steps] if polite else steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await ended(process, LOOK_S)
    kill(process)


async def ended(process: Child, look_s: float) -> int:
    """Wait for a process to end and return its status.

    It looks instead of sleeping in the kernel: a wait in a thread would outlive a cancelled task.
    """
    while (status := process.poll()) is None:  # noqa: ASYNC110  # a process sets no Event
        await asyncio.sleep(look_s)
    return status


def kill(process: Child) -> None:
    """End a process at once, and reap it."""
    if process.poll() is None:
        process.kill()
        process.wait()


def turn_over(log: Path) -> None:
    """Keep one older log; the server writes on to the same file, open for appending."""
    with log.open("rb") as full, open(f"{log}.1", "wb", opener=private) as older:
        shutil.copyfileobj(full, older)
    os.truncate(log, 0)


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)


@asynccontextmanager
async def join(data_dir: Path, *, postgres_bin: Path | None = None) -> AsyncIterator[Address]:
    """The address of the server on this directory: a running product's, else one started for now.

    Raises:
        EmbeddedPostgresError: as `EmbeddedPostgres.open`; DirectoryInUse when the holder's server
            is not ready within JOIN_S.
    """
    deadline_s = time.monotonic() + JOIN_S
    while True:
        try:
            server = await EmbeddedPostgres.open(data_dir, postgres_bin=postgres_bin)
        except DirectoryInUse:
            address = running_address(DataDirectory.at(data_dir))
            if address is not None:
                yield address
                return
            if time.monotonic() > deadline_s:
                raise
            await asyncio.sleep(WATCH_S)
        else:
            try:
                yield server.address
            finally:
                await server.stop(polite=True)
            return


def running_address(directory: DataDirectory) -> Address | None:
    """The address of a server that takes clients now."""
    address = directory.read_address()  # first: what keeps it from being read is said in a sentence
    return address if ready_pid(directory.data) else None

"""The stack's PostgreSQL: the embedded size's programs, data and settings, but nobody's child.

The data is made by the embedded server itself, opened and closed once. After that it is started
here, without the parent-death signal, and without a Unix socket, whose path a deep directory would
make too long.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import psutil

from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.embedded_binaries import find_binaries
from adapters.postgres.embedded_directory import DATA, PROGRAMS, DataDirectory
from adapters.postgres.embedded_errors import DirectoryNotUsable
from adapters.postgres.embedded_orphans import end_orphans, postmaster_file
from adapters.postgres.embedded_settings import as_arguments, server_settings
from ops.stack import processes
from ops.stack.answering import answers, ask_database
from ops.stack.directory import demand_free

STOP_S = 15.0
"""Seconds for a fast shutdown, which writes what is in memory."""

SETTINGS = {"max_connections": "200"}
"""Where the embedded size is too small: several nodes, and the tests beside them."""


class Postgres:
    """A PostgreSQL server in a directory of its own. See `Server`."""

    words = "PostgreSQL"
    start_s = 120.0  # recovery after a crash replays at most max_wal_size, which takes seconds

    def __init__(self, home: Path) -> None:
        self._directory = DataDirectory.at(home)
        self.log = self._directory.log

    @property
    def url(self) -> str | None:
        address = self._directory.read_address()
        return address.database_url if address else None

    @property
    def place(self) -> Path:
        return self._directory.data

    def prepare(self) -> None:
        if self._directory.major is None:
            asyncio.run(self._make())

    async def _make(self) -> None:
        server = await EmbeddedPostgres.open(self._directory.path, postgres_bin=None)
        await server.stop()

    def launch(self) -> None:
        directory, binaries, account = self._directory, find_binaries(), self._directory.account()
        address = directory.read_address()
        if address is None:
            raise DirectoryNotUsable(directory.address, "is missing, with the password in it")
        account.demand_way_to(binaries.directory, PROGRAMS)
        account.demand_way_to(directory.home, DATA)
        end_orphans(directory.data)  # backends whose postmaster was killed, and its stale file
        demand_free(address.port, self.words, directory.path)
        settings = server_settings(binaries.major, address.port, "") | SETTINGS
        command = [binaries.program("postgres"), "-D", str(directory.data)]
        command += as_arguments(settings)
        processes.spawn(command, self.place, self.log, account=account)

    def lives(self) -> bool:
        return self.main() is not None

    def answers(self) -> bool:
        return self.url is not None and answers(ask_database, self.url)

    def main(self) -> psutil.Process | None:
        """The postmaster: whose number its file names, or the one that has not written it yet."""
        living = processes.working_in(self.place)
        written = postmaster_file(self.place)[:1]
        for process in living:
            if [str(process.pid)] == written or process.ppid() not in {p.pid for p in living}:
                return process
        return None

    def end(self) -> None:
        postmaster = self.main()
        if postmaster is not None:
            processes.tell(processes.working_in(self.place), signal.SIGCONT)
            processes.tell([postmaster], signal.SIGINT)
            processes.await_end([postmaster], STOP_S)
        processes.kill(self.place)

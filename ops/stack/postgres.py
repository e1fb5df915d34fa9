"""The stack's PostgreSQL: the embedded size's programs, data and settings, but nobody's child.

The embedded server makes the data (:mod:`ops.stack.postgres_making`). After that it is started
here, without the parent-death signal, and without a Unix socket, whose path a deep directory would
make too long.
"""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from adapters.postgres.embedded_binaries import Binaries, find_binaries
from adapters.postgres.embedded_directory import DATA, PROGRAMS, DataDirectory
from adapters.postgres.embedded_errors import DirectoryNotUsable, WrongMajorVersion
from adapters.postgres.embedded_orphans import end_orphans
from adapters.postgres.embedded_settings import as_arguments, server_settings
from ops.stack import processes
from ops.stack.answering import answers, ask_database
from ops.stack.directory import demand_free
from ops.stack.postgres_making import make_data

STOP_S = 15.0
"""Seconds for a fast shutdown, which writes what is in memory."""

SETTINGS = {"max_connections": "200"}
"""Where the embedded size is too small: several nodes, and the tests beside them."""


class Postgres:
    """A PostgreSQL server in a directory of its own. See `Server`."""

    words = "PostgreSQL"
    start_s = 120.0  # recovery after a crash replays at most max_wal_size, which takes seconds

    def __init__(self, home: Path, programs: Path | None) -> None:
        self._directory = DataDirectory.at(home)
        self._programs = programs
        self.log = self._directory.log

    @property
    def url(self) -> str | None:
        address = self._directory.read_address()
        return address.database_url if address else None

    @property
    def place(self) -> Path:
        """The data directory, in which all of its processes work."""
        return self._directory.data

    @property
    def places(self) -> tuple[Path, ...]:
        return (self.place,)

    def prepare(self) -> None:
        if self._directory.major is None:
            make_data(self._directory.path, self._programs)

    def launch(self) -> None:
        directory, account = self._directory, self._directory.account()
        binaries = self._binaries()
        account.demand_way_to(binaries.directory, PROGRAMS)
        account.demand_way_to(directory.home, DATA)
        address = directory.read_address()
        if address is None:
            raise DirectoryNotUsable(directory.address, "is missing, with the password in it")
        processes.kill(self.place)  # backends whose postmaster was killed
        end_orphans(self.place)  # and the file that names it
        demand_free(address.port, self.words, directory.path)
        settings = server_settings(binaries.major, address.port, "") | SETTINGS
        command = [binaries.program("postgres"), "-D", str(self.place), *as_arguments(settings)]
        processes.spawn(command, self.place, self.log, account=account)

    def _binaries(self) -> Binaries:
        binaries, made_by = find_binaries(self._programs), self._directory.major
        if made_by is not None and made_by != binaries.major:
            raise WrongMajorVersion(self.place, made_by, binaries.major)
        return binaries

    def lives(self) -> bool:
        return self.main() is not None

    def answers(self) -> bool:
        return answers(ask_database, self.url)

    def main(self) -> psutil.Process | None:
        """The postmaster, or what becomes it; its backends show no options."""
        options = processes.with_argument(processes.working_in(self.place), "-D")
        return processes.oldest(options)

    def end(self) -> None:
        postmaster = self.main()
        if postmaster is not None:
            processes.tell(processes.working_in(self.place), signal.SIGCONT)
            processes.tell([postmaster], signal.SIGINT)
            processes.await_end([postmaster], STOP_S)
        processes.kill(self.place)

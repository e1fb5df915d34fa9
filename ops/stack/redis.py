"""The stack's Redis, or Valkey: it keeps nothing, as a cache may."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import psutil

from ops.stack import processes
from ops.stack.answering import answers, ask_redis
from ops.stack.directory import Address, demand_free, make_home, write_private
from ops.stack.errors import ProgramsMissing

PROGRAMS = ("redis-server", "valkey-server")
STOP_S = 10.0
"""Seconds to stop; it has nothing to write."""

# The password is in a file, since a command line is public. Redis gets the file by stdin: of a path
# with a bracket in it it makes a pattern, finds nothing, and runs without a password at 6379.
START = 'exec "$0" - < redis.conf'
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases 256
save ""
appendonly no
daemonize no
"""


class Redis:
    """A Redis server in a directory of its own. See `Server`."""

    words = "Redis"
    start_s = 30.0

    def __init__(self, home: Path) -> None:
        self._address = home / "address.json"
        self._home = home
        self.places = (home,)
        self.log = home / "redis.log"

    @property
    def url(self) -> str | None:
        address = Address.read(self._address)
        return f"redis://:{address.password}@127.0.0.1:{address.ports[0]}/0" if address else None

    def prepare(self) -> None:
        make_home(self._home)
        Address.kept(self._address, 1)

    def launch(self) -> None:
        address = Address.kept(self._address, 1)
        (port,) = address.ports
        demand_free(port, self.words, self._home)
        text = CONFIGURATION.format(port=port, password=address.password)
        write_private(self._home / "redis.conf", text)
        processes.spawn(["/bin/sh", "-c", START, find_program()], self._home, self.log)

    def lives(self) -> bool:
        return self.main() is not None

    def answers(self) -> bool:
        return answers(ask_redis, self.url)

    def main(self) -> psutil.Process | None:
        return processes.oldest(processes.working_in(self._home))

    def end(self) -> None:
        processes.end(self._home, signal.SIGTERM, STOP_S)


def find_program() -> str:
    """The server's program. Raises ProgramsMissing."""
    found = (shutil.which(name, path=processes.path()) for name in PROGRAMS)
    program = next(filter(None, found), None)
    if program is None:
        raise ProgramsMissing("Redis", "on the path", "redis-server")
    return program

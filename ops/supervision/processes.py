"""What runs: the supervisor's list of its processes, which stands in the data directory.

Whoever reads it finds each process's own address there, and asks it how it is. Prometheus, which
reads no list of ours, finds the same in a form of its own (file_sd), and where it may read it.
"""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from ops.errors import CannotRun
from ops.files import EVERYBODYS, remove_file, replace_file
from ops.readiness import LOOPBACK, is_ready
from ops.supervision.child import Child

NAME = "processes.json"
TARGETS = "prometheus.json"
CLOCK_S = 2.0
"""Seconds that a process's birth may seem to move when the computer's clock is set."""


class Process(Struct, frozen=True):
    """One of them. ``port`` is its own, on loopback; ``since`` and ``born`` are Unix seconds.

    ``born`` is when the system says that it began, which tells it from a later one of its number.
    ``restarts`` counts how often its post had to be filled again.
    """

    name: str
    pid: int
    roles: tuple[str, ...]
    port: int
    since: float
    restarts: int
    born: float

    @property
    def lives(self) -> bool:
        """Whether this very process is still there."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.born) < CLOCK_S
            return same and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


class Listed(Struct, frozen=True):
    """The list. ``url`` is where people reach those who serve, if any do."""

    supervisor: int
    url: str | None
    processes: tuple[Process, ...]


def of(child: Child, restarts: int) -> Process | None:
    """A process for the list; None where it has ended meanwhile."""
    try:
        born = psutil.Process(child.pid).create_time()
    except psutil.NoSuchProcess:
        return None
    roles = tuple(sorted(child.post.roles))
    return Process(child.post.name, child.pid, roles, child.port, child.since, restarts, born)


async def state_of(process: Process) -> str:
    """How a process is, as it says itself just now: ``ready``, ``not ready``, or ``gone``."""
    if not process.lives:
        return "gone"
    return "ready" if await is_ready(process.port) else "not ready"


def path_of(data: Path) -> Path:
    """Where the list stands."""
    return data / NAME


def read(data: Path) -> Listed | None:
    """The list, or None. Raises CannotRun for one that is damaged."""
    path = path_of(data)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Listed)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise CannotRun(f"{path} is damaged; it can be removed.") from error


def write(data: Path, found_by: Path | None, listed: Listed) -> None:
    """Write the list whole, and what Prometheus is to look at. Raises CannotRun.

    ``found_by`` is where it looks; by default beside the list.
    """
    replace_file(path_of(data), _form(listed))
    replace_file(found_by or data / TARGETS, _form(targets(listed)), mode=EVERYBODYS)


def _form(what: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(what), indent=2) + b"\n"


def remove(data: Path, found_by: Path | None) -> None:
    """Nothing runs any more. Raises CannotRun."""
    for path in (path_of(data), found_by or data / TARGETS):
        remove_file(path)


def targets(listed: Listed) -> list[dict[str, object]]:
    """What Prometheus is to look at. A post goes by one name, whichever process fills it now."""
    posts = {each.name: each for each in listed.processes}
    return [
        {
            "targets": [f"{LOOPBACK}:{each.port}"],
            "labels": {"instance": f"{each.name}@{socket.gethostname()}"},
        }
        for each in posts.values()
    ]

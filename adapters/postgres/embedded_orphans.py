"""End what a killed product left behind: a postmaster, or backends without one.

PostgreSQL protects its data by the process and the shared memory named in postmaster.pid, and so
refuses to start while that number lives, even as somebody else's process after a reboot. The
holder of the directory's lock may decide better, by looking: the processes whose working directory
is this data directory are this server's, and no others. Once none is left, the file is stale.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from adapters.postgres.embedded_errors import DirectoryNotUsable

# What is sent, and how many seconds it is given: fast shutdown, immediate shutdown, the end.
ESCALATION = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def postmaster_file(data: Path) -> list[str]:
    """The lines of postmaster.pid: process, directory, start, port, socket, …, state; or none."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def ready_pid(data: Path) -> int | None:
    """The postmaster that says it is ready for clients, if it lives."""
    lines = postmaster_file(data)
    if len(lines) < 8 or lines[7].strip() != "ready":  # noqa: PLR2004  # the eighth line is its state
        return None
    pid = int(lines[0])
    return pid if psutil.pid_exists(pid) else None


def end_orphans(data: Path) -> bool:
    """End every process of the server on `data`, gently first; whether there was one.

    Only the holder of the directory's lock may call this, and not while its own server runs.
    """
    if not (data / "postmaster.pid").exists():
        return False
    found = False
    for number, patience_s in ESCALATION:
        living = list(processes_on(data))
        if not living:
            break
        found = True
        for process in choose(living, data, number):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(living, timeout=patience_s)
    if left := [process.pid for process in processes_on(data)]:
        raise DirectoryNotUsable(data, f"is held by PostgreSQL processes that do not end ({left})")
    (data / "postmaster.pid").unlink(missing_ok=True)
    return found


def choose(living: list[psutil.Process], data: Path, number: int) -> list[psutil.Process]:
    """The postmaster, which ends its backends in order; without one, or at the end, all."""
    named = postmaster_file(data)[:1]
    postmaster = [process for process in living if [str(process.pid)] == named]
    return living if number == signal.SIGKILL or not postmaster else postmaster


def processes_on(data: Path) -> Iterator[psutil.Process]:
    """PostgreSQL's processes that work in this data directory."""
    place = data.stat()
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if (
                process.name().startswith("postgres")
                and process.status() != psutil.STATUS_ZOMBIE
                and os.path.samestat(Path(process.cwd()).stat(), place)
            ):
                yield process

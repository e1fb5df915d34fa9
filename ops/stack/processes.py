"""The processes of a server: started so that they outlive us, found again, and ended.

No number of a process is written down, since it may be another's tomorrow, and a start that is cut
short would leave one that nobody wrote. A server is found by looking instead: each works in a
directory of its own, into which no other process goes without a terminal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from adapters.postgres.embedded import LARGEST_LOG, private, turn_over
from adapters.postgres.embedded_directory import Account
from ops.stack import detached
from ops.stack.errors import StackNotUsable

KILL_S = 5.0
"""Seconds in which the system ends what was killed."""

LOOK_S = 0.01
"""Seconds between two looks at what ends."""

SPAWN_S = 10.0
"""Seconds for a fork on a busy machine."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where programs are looked for first; a normal user's own path leaves out half of it."""


def path() -> str:
    """Where programs are looked for, as ./dev does: in the system, then where the caller does.

    It is all that a server is told of the caller's environment.
    """
    return f"{SYSTEM_PATH}:{os.environ.get('PATH', os.defpath)}"


def spawn(
    command: Sequence[str],
    place: Path,
    log: Path,
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a server in `place`, in a session of its own, with nothing open but its log."""
    user = account or Account(os.geteuid(), os.getegid())
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        turn_over(log)
    script = [sys.executable, "-I", "-S", str(detached.__file__), str(user.uid), str(user.gid)]
    with open(log, "ab", opener=private) as words:
        subprocess.run(
            [*script, *command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            cwd=place,
            env={"PATH": path(), "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})},
            umask=0o077,
            start_new_session=True,
            timeout=SPAWN_S,
            check=True,
        )


def working_in(place: Path) -> list[psutil.Process]:
    """The living processes without a terminal whose working directory is `place`."""
    try:
        found = place.stat()
    except FileNotFoundError:
        return []
    return [each for each in psutil.process_iter() if works_in(each, found)]


def works_in(process: psutil.Process, place: os.stat_result) -> bool:
    """Whether this one does; one that is gone, or not ours to look at, does not."""
    with suppress(psutil.Error, OSError):
        return (
            os.path.samestat(Path(process.cwd()).stat(), place)
            and process.status() != psutil.STATUS_ZOMBIE
            and process.terminal() is None
        )
    return False


def with_argument(processes: Iterable[psutil.Process], word: str) -> list[psutil.Process]:
    """Those that were started with this argument and still show it."""
    found = []
    for process in processes:
        with suppress(psutil.Error):
            found += [process] if word in process.cmdline() else []
    return found


def oldest(processes: Iterable[psutil.Process]) -> psutil.Process | None:
    """The one that has run longest, or None of none."""
    return min(processes, key=psutil.Process.create_time, default=None)


def tell(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def await_end(processes: Iterable[psutil.Process], patience_s: float) -> None:
    """Wait for these to end, for so long at most. A zombie has ended, whoever should reap it."""
    deadline_s = time.monotonic() + patience_s
    while any(map(runs, processes)) and time.monotonic() < deadline_s:
        time.sleep(LOOK_S)


def runs(process: psutil.Process) -> bool:
    """Whether it does anything still."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end(place: Path, number: signal.Signals, patience_s: float) -> None:
    """End what works in `place`: asked first, and killed after `patience_s` seconds.

    One that was stopped (SIGSTOP) is let go on, or it would not hear.
    """
    living = working_in(place)
    tell(living, number)
    tell(living, signal.SIGCONT)
    await_end(living, patience_s)
    kill(place)


def kill(place: Path) -> None:
    """Kill -9 what works in `place`, and what is born there meanwhile; wait until it is gone."""
    deadline_s = time.monotonic() + KILL_S
    while living := working_in(place):
        if time.monotonic() >= deadline_s:
            left = [process.pid for process in living]
            raise StackNotUsable(place, f"is held by processes that do not end ({left})")
        tell(living, signal.SIGKILL)
        await_end(living, deadline_s - time.monotonic())

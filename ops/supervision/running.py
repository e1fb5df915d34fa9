"""``parley run``: one supervisor on a data directory, and a clean place for it to begin.

Another supervisor there is refused. What one that was killed has left is ended: its processes end
by themselves, unless they stand still, and would keep the port.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from adapters.postgres.embedded_directory import lock_holder, take_lock
from adapters.postgres.embedded_errors import DirectoryInUse
from ops.addresses import url_of
from ops.errors import CannotRun
from ops.files import make_directory
from ops.server import allow_many_files, bound
from ops.settings import Settings
from ops.supervision import processes
from ops.supervision.plan import Post
from ops.supervision.processes import Listed, Process
from ops.supervision.supervisor import Behind, Command, Supervisor
from ops.system import SystemClock

_logger = logging.getLogger("parley.supervisor")

LOCK = "run.lock"
LOOK_S = 0.1
KILLED_S = 5.0
"""Seconds for the system to take away what was killed; it needs milliseconds."""


async def supervise(
    settings: Settings,
    posts: Sequence[Post],
    command: Command,
    inherited: socket.socket | None,
    ready: Callable[[Listed], None],
) -> None:
    """Run these posts until told to stop. Raises CannotRun."""
    if settings.embedded:
        raise CannotRun(
            "Several processes need a PostgreSQL that they can share: name one in"
            " PARLEY_DATABASE_URL, or run `parley serve`, which brings its own."
        )
    allow_many_files()
    with _only_one(settings.data):
        await _end_left(settings.data, settings.supervisor.stop_s)
        with _public(settings, posts, inherited) as public:
            url = None if public is None else url_of(settings, public)
            behind = Behind(public, url, settings.data)
            supervisor = Supervisor(behind, command, SystemClock(), settings.supervisor, ready)
            await supervisor.run(posts)


def supervisor_of(data: Path) -> str | None:
    """The process that looks after this directory's processes; None where none does."""
    return lock_holder(data / LOCK)


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    make_directory(data)
    try:
        lock = take_lock(data / LOCK)
    except DirectoryInUse as error:
        who = supervisor_of(data) or "another"
        raise CannotRun(f"`parley run` looks after {data} already (process {who}).") from error
    try:
        yield
    finally:
        os.close(lock)


async def _end_left(data: Path, patience_s: float) -> None:
    """End what an earlier supervisor has left, unless it does so by itself in this time."""
    listed = processes.read(data)
    left = [] if listed is None else [each for each in listed.processes if each.lives]
    if left:
        _logger.warning("waiting for what an earlier run has left to end")
        left = await _living(left, patience_s)
    for each in left:
        _logger.warning("killed what an earlier run had left", extra={"pid": each.pid})
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.pid, signal.SIGKILL)
    await _living(left, KILLED_S)


async def _living(found: list[Process], patience_s: float) -> list[Process]:
    """Those of these processes that live when this time is over; none is waited for longer."""
    for _ in range(int(patience_s / LOOK_S)):
        found = [each for each in found if each.lives]
        if not found:
            break
        await asyncio.sleep(LOOK_S)
    return found


@contextlib.contextmanager
def _public(
    settings: Settings, posts: Sequence[Post], inherited: socket.socket | None
) -> Iterator[socket.socket | None]:
    """The socket that those who serve share, listening; None where nobody serves."""
    if not any(post.serves for post in posts):
        yield None
    elif inherited is not None:
        yield inherited
    else:
        with bound(settings.host, settings.port) as listener:
            listener.listen(settings.server.backlog)
            yield listener

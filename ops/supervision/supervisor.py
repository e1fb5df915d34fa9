"""The supervisor: several processes of the product on one machine, kept well, behind one port.

It knows nothing of chat. It holds the listening socket that those who serve share, so that others
take the connections while one of them is away; what they do with them is not its affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.ports import Clock
from ops.errors import CannotRun
from ops.supervision import processes
from ops.supervision.child import Child, start
from ops.supervision.keeper import Keeper, Means
from ops.supervision.plan import Post
from ops.supervision.processes import Listed
from ops.supervision.settings import SupervisorSettings

_logger = logging.getLogger("parley.supervisor")

Command = Callable[[Post], Sequence[str]]
"""The command that runs a post."""


@dataclass(frozen=True)
class Behind:
    """What processes run behind: the socket of those who serve, where that is, and our list."""

    public: socket.socket | None
    url: str | None
    data: Path


class Stopped(Exception):
    """It was told to stop."""


class Supervisor:
    """Keeps one process for each post, until it is told to stop.

    ``ready`` is called once, when every post has a process that is ready.
    """

    def __init__(
        self,
        behind: Behind,
        command: Command,
        clock: Clock,
        settings: SupervisorSettings,
        ready: Callable[[Listed], None],
    ) -> None:
        self._behind = behind
        self._command = command
        self._clock = clock
        self._settings = settings
        self._ready = ready
        self._keepers: list[Keeper] = []
        self._stop = asyncio.Event()
        self._roll = asyncio.Event()
        self._listing = asyncio.Event()

    async def run(self, posts: Sequence[Post]) -> None:
        """Run these until SIGINT or SIGTERM."""
        with self._signals():
            try:
                await self._keep(posts)
            except* Stopped:
                _logger.info("stopping")
            finally:
                await self._end()

    async def _keep(self, posts: Sequence[Post]) -> None:
        async with asyncio.TaskGroup() as tasks:
            means = Means(self._start, self._clock, self._settings, self._listing.set, tasks)
            self._keepers = [Keeper(post, means) for post in posts]
            for work in (self._begin(), self._list(), self._roll_when_asked()):
                tasks.create_task(work)
            await self._stop.wait()
            raise Stopped

    def _start(self, post: Post) -> Child:
        started = start(post, self._command(post), self._behind.public)
        return Child(post, started, self._clock, self._settings)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        bound = has_terminal() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._hung_up if bound else self._roll.set)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)  # all is over; nothing is to be hastened

    def _hung_up(self) -> None:
        """Renew all, as whoever sent this wishes; or end, since the terminal was closed."""
        (self._roll if has_terminal() else self._stop).set()

    def _asked_to_stop(self) -> None:
        """The first time stop, later hurry."""
        if self._stop.is_set():
            for keeper in self._keepers:
                keeper.hurry()
        self._stop.set()

    async def _end(self) -> None:
        """Take no more connections, and end all processes at the same time."""
        if self._behind.public is not None:
            self._behind.public.close()
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers))
        try:
            processes.remove(self._behind.data, self._settings.targets)
        except CannotRun as error:
            _logger.error("the list of processes: %s", error)  # noqa: TRY400  # one line

    async def _begin(self) -> None:
        """Start everything, and say so when all of it is ready."""
        await asyncio.gather(*(keeper.fill() for keeper in self._keepers))
        await asyncio.gather(*(keeper.until_ready() for keeper in self._keepers))
        self._ready(self._listed())

    async def _list(self) -> None:
        """Write down what runs, whenever it is something else."""
        while True:
            await self._listing.wait()
            self._listing.clear()
            try:
                processes.write(self._behind.data, self._settings.targets, self._listed())
            except CannotRun as error:
                _logger.error("the list of processes: %s", error)  # noqa: TRY400  # one line

    def _listed(self) -> Listed:
        found = (
            processes.of(child, keeper.restarts)
            for keeper in self._keepers
            for child in keeper.living
        )
        return Listed(os.getpid(), self._behind.url, tuple(filter(None, found)))

    async def _roll_when_asked(self) -> None:
        """Replace all processes, one after the other, as often as it is asked for."""
        while True:
            await self._roll.wait()
            self._roll.clear()
            await self._roll_over()

    async def _roll_over(self) -> None:
        _logger.info("rolling restart: begun")
        for keeper in self._keepers:
            if not await keeper.replace():
                _logger.error(
                    "alarm: rolling restart stopped: the new %s did not become ready, the old one"
                    " stays",
                    keeper.post.name,
                )
                return
        _logger.info("rolling restart: all processes are new")


def has_terminal() -> bool:
    """Whether there is a terminal that we go down with."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True

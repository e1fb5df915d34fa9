"""One process of the product, as its supervisor has it: started, heard, told to end, ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from domain.ports import Clock
from ops.inherited import named
from ops.readiness import LOOPBACK
from ops.server import bound
from ops.supervision.plan import Post
from ops.supervision.settings import SupervisorSettings

_logger = logging.getLogger("parley.supervisor")

LOOK_S = 0.5
"""Seconds between two looks at how long a process has been silent."""

REAP_S = 0.01
GONE_S = 5.0
"""Seconds that a process may outlive its line: it is in its last steps."""


@dataclass(frozen=True)
class End:
    """How a process ended: its status as Popen has it, and whether it had to be killed as hung."""

    status: int
    hung: bool

    def __str__(self) -> str:
        if self.hung:
            return "it hung and was killed"
        if self.status < 0:
            return f"it was killed by {signal.Signals(-self.status).name}"
        return f"it ended with status {self.status}"


@dataclass(frozen=True)
class Started:
    """A process, its own port on loopback, and our end of the line to it."""

    process: subprocess.Popen[bytes]
    port: int
    line: socket.socket


class Child:
    """A process that runs a post. ``port`` is its own on loopback; ``since`` is when it began."""

    def __init__(
        self, post: Post, started: Started, clock: Clock, settings: SupervisorSettings
    ) -> None:
        self.post = post
        self.pid = started.process.pid
        self.port = started.port
        self.since = clock.now()
        self._began = clock.monotonic()
        self._process = started.process
        self._line = started.line
        self._clock = clock
        self._settings = settings
        self.ended = asyncio.create_task(self._follow(), name=post.name)

    @property
    def lived_s(self) -> float:
        """Seconds since it was started."""
        return self._clock.monotonic() - self._began

    async def _follow(self) -> End:
        reader, writer = await asyncio.open_connection(sock=self._line)
        try:
            hung = await self._listen(reader)
        finally:
            writer.close()
        return End(await self._reaped(), hung)

    async def _listen(self, reader: asyncio.StreamReader) -> bool:
        """Hear the process to its end, which comes by force when it falls silent; whether it did.

        Silence is counted in our own looks: while we do not run ourselves nobody is to blame.
        """
        silent_s, most_s, hung = 0.0, self._settings.first_beat_s, False
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    heard = await reader.read(4096)
            except TimeoutError:
                silent_s += LOOK_S
                if silent_s >= most_s and not hung:
                    hung = True
                    self.signal(signal.SIGKILL)
            except ConnectionResetError:
                return hung
            else:
                if not heard:
                    return hung
                silent_s, most_s = 0.0, self._settings.silent_s

    async def _reaped(self) -> int:
        """The status of a process that has let go of its line, and so is about to end."""
        deadline = self._clock.monotonic() + GONE_S
        while (status := self._process.poll()) is None:
            if self._clock.monotonic() > deadline:
                self.signal(signal.SIGKILL)
            await self._clock.sleep(REAP_S)
        return status

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; to one that has ended, nothing."""
        self._process.send_signal(number)

    def abandon(self) -> None:
        """Let it know that all stop: it keeps nobody for the sake of others that serve."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    async def end(self, patience_s: float) -> None:
        """Tell it to end, and see to it that it does in this time."""
        self.signal(signal.SIGTERM)
        await asyncio.wait([self.ended], timeout=patience_s)
        if not self.ended.done():
            _logger.warning("a process did not end and is killed", extra=self.told)
            self.signal(signal.SIGKILL)
            await asyncio.wait([self.ended])

    @property
    def told(self) -> dict[str, object]:
        """What the log says of it."""
        return {"node": self.post.name, "pid": self.pid, "roles": ",".join(sorted(self.post.roles))}


def start(post: Post, command: Sequence[str], public: socket.socket | None) -> Started:
    """Start a process. ``public`` is the socket that those who serve share.

    Raises OSError, and CannotRun where no address can be had.
    """
    with bound(LOOPBACK, 0) as own:
        ours, theirs = socket.socketpair()
        given = {"own": own, "lifeline": theirs}
        if post.serves and public is not None:
            given["public"] = public
        with theirs:
            try:
                process = _spawned(command, post.name, given)
            except BaseException:
                ours.close()
                raise
        return Started(process, own.getsockname()[1], ours)


def _spawned(
    command: Sequence[str], name: str, given: dict[str, socket.socket]
) -> subprocess.Popen[bytes]:
    """A process in a session of its own: the terminal's Ctrl-C is for the supervisor alone."""
    return subprocess.Popen(
        command,
        env={**os.environ, **named(name, **given)},
        pass_fds=[each.fileno() for each in given.values()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )

"""What the stack asks of a server, whichever it is, and how one is brought up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import psutil

from ops.stack.errors import ServerNotUp

LOOK_S = 0.05
"""Seconds between two looks at a server that starts."""

LAUNCHES = 2
"""How often one is started: half of it may be left of a start that was cut short, and pull the
other half down."""


class Startable(Protocol):
    """What is needed of a server to bring it up."""

    words: str
    """What a person calls it."""

    start_s: float
    """Seconds within which it must answer."""

    log: Path
    """Where it writes what it does."""

    def prepare(self) -> None:
        """Make what is missing: directory, address, data. Starts nothing that stays."""

    def launch(self) -> None:
        """Start those of its processes that are not there. Raises PortTaken."""

    def lives(self) -> bool:
        """Whether all of its processes are there."""

    def answers(self) -> bool:
        """Whether a client with the right password is served."""


class Server(Startable, Protocol):
    """One server of the stack, running or not."""

    @property
    def url(self) -> str | None:
        """Where clients reach it; None before it was first started."""

    @property
    def places(self) -> tuple[Path, ...]:
        """The directories in which its processes work, first that of the main one."""

    def main(self) -> psutil.Process | None:
        """The process that the others depend on."""

    def end(self) -> None:
        """End it in order, by force when that takes too long."""


class Rising:
    """One server on its way up."""

    def __init__(self, server: Startable) -> None:
        self._server = server
        self._launches = 0
        self._deadline_s = time.monotonic() + server.start_s

    def look(self) -> bool:
        """Start what is down, and say whether the server answers. Raises ServerNotUp."""
        server = self._server
        lives = server.lives()
        if lives and server.answers():
            return True
        if not lives:
            self._launch()
        if time.monotonic() > self._deadline_s:
            raise ServerNotUp(f"{server.words} does not answer", server.log)
        return False

    def _launch(self) -> None:
        if self._launches == LAUNCHES:
            raise ServerNotUp(f"{self._server.words} ended while it started", self._server.log)
        self._launches += 1
        self._server.launch()


def bring_up(servers: Sequence[Startable]) -> None:
    """Start what is down of these, side by side, and return when all answer."""
    rising = []
    for server in servers:
        server.prepare()
        each = Rising(server)
        rising += [] if each.look() else [each]
    while rising:
        time.sleep(LOOK_S)
        rising = [each for each in rising if not each.look()]

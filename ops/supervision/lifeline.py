"""The line between a process and its supervisor, at the process's end.

A beat goes out each second from the event loop, so that one that is blocked, or a process that is
stopped, falls silent. Nothing comes back but the end: then the supervisor orders everybody to stop,
or is dead, and nobody would look after this process, nor let others have the port.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

from domain.ports import Clock

BEAT = b"."
BEAT_S = 1.0
"""Seconds between two beats: of a size with the pause that a person notices."""


class Lifeline:
    """This process's end of the line. ``cut`` is called once, when the other end has gone."""

    def __init__(self, line: socket.socket, clock: Clock, cut: Callable[[], None]) -> None:
        self._line = line
        self._clock = clock
        self._cut = cut
        self._ended = False

    async def beat(self) -> None:
        """Tell that the loop turns, for as long as somebody may hear it."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line, self._heard)
        try:
            while self._sent():
                await self._clock.sleep(BEAT_S)
        finally:
            loop.remove_reader(self._line)
        self._end()

    def _sent(self) -> bool:
        """Whether there is anybody to send to; who does not listen at the moment may be back."""
        try:
            self._line.send(BEAT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def _heard(self) -> None:
        try:
            if self._line.recv(64):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        asyncio.get_running_loop().remove_reader(self._line)
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._cut()


@contextlib.asynccontextmanager
async def beating(
    line: socket.socket | None, clock: Clock, cut: Callable[[], None]
) -> AsyncIterator[None]:
    """Beat for this long, where there is a line."""
    if line is None:
        yield
        return
    task = asyncio.create_task(Lifeline(line, clock, cut).beat(), name="beat")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        line.close()

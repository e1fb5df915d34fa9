"""What waits to be sent on one socket: bounded, in order; what one turn brings is one write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from adapters.websocket.node import Wire

PORTION = 64 * 1024
"""Characters given to the transport at a time: its own buffer takes about as much."""


class Outgoing:
    """The frames of one socket on their way out.

    ``size`` counts the characters that wait. Frames are kept until the turn of the event loop is
    over, and those beyond a portion, or for a socket that takes none, until it takes more. Whoever
    finds the socket gone drops what is left and calls ``lost``.
    """

    __slots__ = ("_empty", "_frames", "_lost", "_stopped", "_waiting", "_wire", "size")

    def __init__(self, wire: Wire, lost: Callable[[], None]) -> None:
        self._wire = wire
        self._lost = lost
        self._frames: list[str] = []
        self._waiting: asyncio.Handle | asyncio.Task[None] | None = None
        self._empty: asyncio.Future[None] | None = None
        self._stopped = False
        self.size = 0

    def put(self, text: str) -> None:
        """Queue a frame. Whoever puts sees to it that ``size`` stays within its limit."""
        if self._stopped:
            return
        self._frames.append(text)
        self.size += len(text)
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_soon(self._flush)

    async def drained(self) -> None:
        """Wait until everything is with the transport, or the socket is gone."""
        if self._waiting is None or self._stopped:
            return
        if self._empty is None:
            self._empty = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._empty)

    def stop(self) -> None:
        """Send nothing more, ever, and let nobody wait for it."""
        self._stopped = True
        if self._waiting is not None:
            self._waiting.cancel()
        self._done()

    def _flush(self) -> None:
        """Write what waits, a portion at a time, as long as the socket takes it."""
        self._waiting = None
        try:
            while self._frames:
                if not self._wire.write(self._portion()):
                    work = self._flush_when_ready()
                    self._waiting = asyncio.get_running_loop().create_task(work)
                    return
        except Exception:  # noqa: BLE001  # whatever it is, this socket is gone
            self._lost()
        self._done()

    async def _flush_when_ready(self) -> None:
        await self._wire.ready()
        self._flush()

    def _portion(self) -> list[str]:
        """The first frames that wait: one at least, and no more than the transport may be given."""
        if self.size <= PORTION:
            portion, self._frames, self.size = self._frames, [], 0
            return portion
        count, size = 0, 0
        for text in self._frames:
            if count and size + len(text) > PORTION:
                break
            count, size = count + 1, size + len(text)
        portion, self._frames = self._frames[:count], self._frames[count:]
        self.size -= size
        return portion

    def _done(self) -> None:
        self._frames = []
        self.size = 0
        if self._empty is not None and not self._empty.done():
            self._empty.set_result(None)
        self._empty = None

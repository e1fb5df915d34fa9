"""What waits to be sent on one socket: bounded, in order, by a task that lives while it does."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable


class Outgoing:
    """The frames of one socket on their way out.

    ``size`` counts the characters that wait. A sender that finds the socket gone (any exception)
    drops what is left and calls ``lost``.
    """

    __slots__ = ("_empty", "_frames", "_lost", "_send", "_stopped", "_task", "size")

    def __init__(self, send: Callable[[str], Awaitable[None]], lost: Callable[[], None]) -> None:
        self._send = send
        self._lost = lost
        self._frames: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._empty: asyncio.Future[None] | None = None
        self._stopped = False
        self.size = 0

    def put(self, text: str) -> None:
        """Queue a frame. Whoever puts sees to it that ``size`` stays within its limit."""
        if self._stopped:
            return
        self._frames.append(text)
        self.size += len(text)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def drained(self) -> None:
        """Wait until everything is with the transport, or the socket is gone."""
        if self._task is None or self._stopped:
            return
        if self._empty is None:
            self._empty = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._empty)

    def stop(self) -> None:
        """Send nothing more, ever, and let nobody wait for it."""
        self._stopped = True
        self._frames.clear()
        self.size = 0
        if self._task is not None:
            self._task.cancel()
        self._release()

    async def _drain(self) -> None:
        """Send until nothing waits; no await between seeing that and being done."""
        try:
            while self._frames:
                text = self._frames.popleft()
                await self._send(text)
                self.size -= len(text)
        except Exception:  # noqa: BLE001  # whatever it is, this socket is gone
            self._frames.clear()
            self._lost()
        finally:
            self.size = 0
            self._task = None
            self._release()

    def _release(self) -> None:
        if self._empty is not None and not self._empty.done():
            self._empty.set_result(None)
        self._empty = None

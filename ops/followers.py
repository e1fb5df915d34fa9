"""Work that goes on beside serving, for as long as the node runs.

None of it ends by itself. If it does, something is broken that nobody here can mend: the node ends
too, and whoever runs it starts a sound one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_logger = logging.getLogger("parley.node")


class Followers:
    """Tasks by name. ``broken`` is set when one has ended by itself."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.broken = asyncio.Event()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let this go on until :meth:`stop`."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        self.watch(task)

    def watch(self, task: asyncio.Task[None]) -> None:
        """Take note if this ends by itself, which is somebody else's to end."""
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End all, and wait until they have ended."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping or task.cancelled():
            return
        _logger.critical("%s has ended by itself", task.get_name(), exc_info=task.exception())
        self.broken.set()

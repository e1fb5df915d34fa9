"""Being told to stop: the first signal asks, every later one hastens.

While the node is still starting a signal ends that at once; later the node stops step by step, and
no step waits longer than it may, whatever clients do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Iterator
from typing import Any

_logger = logging.getLogger("parley.node")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """The wish to stop. Made within the task that it is to end."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._starting: asyncio.Task[Any] | None = task
        self._hurried = asyncio.Event()
        self.asked = asyncio.Event()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the process's signals for this long."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.ask)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
                # All is stopped; one more impatient signal must not change how it ended.
                signal.signal(number, signal.SIG_IGN)

    def ask(self) -> None:
        """Stop; when asked before, hurry."""
        if self.asked.is_set():
            self._hurried.set()
        self.asked.set()
        if self._starting is not None:
            self._starting.cancel()

    def started(self) -> None:
        """From now on a signal cancels nothing: the node stops in order."""
        self._starting = None

    async def within(self, seconds: float, what: str, step: Coroutine[Any, Any, object]) -> None:
        """Take a step of stopping, for so long at most; what is left then is cut off."""
        task = asyncio.ensure_future(step)
        hurry = asyncio.ensure_future(self._hurried.wait())
        try:
            await asyncio.wait({task, hurry}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                _logger.warning("stopping goes on without %s", what)
        finally:
            hurry.cancel()
            task.cancel()
            for error in await asyncio.gather(task, return_exceptions=True):
                if isinstance(error, Exception):
                    _logger.error("stopping: %s failed: %s", what, type(error).__name__)

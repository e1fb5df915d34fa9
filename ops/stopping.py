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
    """The wish to stop. Made within the task that it is to end.

    ``alone`` is set where no other node takes the clients of this one: then none is kept for long.
    """

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._starting: asyncio.Task[Any] | None = task
        self._signalled = False
        self._hurried = asyncio.Event()
        self.asked = asyncio.Event()
        self.alone = asyncio.Event()

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
        """Stop; when a signal has asked before, hurry."""
        if self._signalled:
            self._hurried.set()
        self._signalled = True
        self._begin()

    def abandon(self) -> None:
        """Stop, since all others stop as well, or nobody looks after this process any more."""
        self.alone.set()
        self._begin()

    def _begin(self) -> None:
        self.asked.set()
        if self._starting is not None:
            self._starting.cancel()

    def started(self) -> None:
        """From now on a signal cancels nothing: the node stops in order."""
        self._starting = None

    async def within(self, seconds: float, what: str, step: Coroutine[Any, Any, object]) -> None:
        """Take a step of stopping, for so long at most; what is left then is cut off."""
        if not await self._done(seconds, what, step, self._hurried):
            _logger.warning("stopping goes on without %s", what)

    async def while_others_serve(
        self, seconds: float, what: str, step: Coroutine[Any, Any, object]
    ) -> None:
        """Take a step that is for clients whom others take, as far as there are others."""
        if self.alone.is_set():
            step.close()
        else:
            await self._done(seconds, what, step, self._hurried, self.alone)

    async def _done(
        self, seconds: float, what: str, step: Coroutine[Any, Any, object], *ends: asyncio.Event
    ) -> bool:
        """Whether a step was done in its time, and before any of these came."""
        task = asyncio.ensure_future(step)
        reasons = [asyncio.ensure_future(end.wait()) for end in ends]
        try:
            await asyncio.wait(
                {task, *reasons}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            return task.done()
        finally:
            for each in (*reasons, task):
                each.cancel()
            for error in await asyncio.gather(task, return_exceptions=True):
                if isinstance(error, Exception):
                    _logger.error("stopping: %s failed: %s", what, type(error).__name__)

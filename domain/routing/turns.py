"""When a log has its turn: one at a time for each, and later after a failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from domain.errors import StoreUnavailable, described
from domain.ports import Clock
from domain.routing.routed_log import ViewsBehind
from domain.routing.settings import RouterSettings

_logger = logging.getLogger("parley.router")


class Turns:
    """Has ``turn`` called for every log that was called, until nobody has called it again."""

    def __init__(
        self, clock: Clock, settings: RouterSettings, turn: Callable[[UUID], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._turn = turn
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._retry_at: dict[UUID, tuple[float, float]] = {}

    def call(self, log: UUID) -> None:
        """Let a log have its turn, unless it has: then again when that has ended."""
        if log in self._tasks:
            self._again.add(log)
            return
        if self._clock.monotonic() < self._retry_at.get(log, (0.0, 0.0))[0]:
            return
        self._tasks[log] = asyncio.get_running_loop().create_task(self._work(log))

    def is_at_work(self, log: UUID) -> bool:
        """Whether it has its turn now."""
        return log in self._tasks

    def end(self, log: UUID) -> asyncio.Task[None] | None:
        """No more of this log; the answer is what ends."""
        self._retry_at.pop(log, None)
        task = self._tasks.pop(log, None)
        if task is not None:
            task.cancel()
        return task

    async def end_all(self, logs: Iterable[UUID]) -> None:
        """No more of these; wait until what was begun of them has ended."""
        tasks = [task for task in map(self.end, logs) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, log: UUID) -> None:
        """Take turns until nobody has called again; no await between seeing that and ending."""
        try:
            while True:
                self._again.discard(log)
                await self._try(log)
                await self._clock.sleep(self._settings.rest_s)
                if log not in self._again or log in self._retry_at:
                    return
        finally:
            if self._tasks.get(log) is asyncio.current_task():
                del self._tasks[log]

    async def _try(self, log: UUID) -> None:
        try:
            await self._turn(log)
        except (StoreUnavailable, ViewsBehind):
            self._later(log)
        except Exception as error:  # noqa: BLE001  # one log's trouble is no other's
            if log not in self._retry_at:
                _logger.error(  # noqa: TRY400  # an error's text may quote what people wrote
                    "alarm: log %s cannot be routed: %s", log, described(error)
                )
            self._later(log)
        else:
            self._retry_at.pop(log, None)

    def _later(self, log: UUID) -> None:
        """Leave a log that failed alone for a while, longer each time."""
        _, before = self._retry_at.get(log, (0.0, 0.0))
        pause = min(self._settings.backoff_s, max(self._settings.poll_s, 2 * before))
        self._retry_at[log] = (self._clock.monotonic() + pause, pause)

"""The work queue of a single process: tasks go to the handlers that run here."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

from brokers.settings import BrokerSettings
from brokers.work import TRIES, Handler
from domain.webhooks.ports import Line

_logger = logging.getLogger("parley.work")


class InProcessWork:
    """A :class:`~brokers.work.Work`. As many tasks as may wait are kept, the rest is forgotten."""

    illness: str | None = None

    def __init__(self, settings: BrokerSettings | None = None) -> None:
        self._settings = settings or BrokerSettings()
        self._waiting: deque[tuple[Line, int]] = deque()
        self._given = asyncio.Semaphore(0)

    async def run(self, handler: Handler | None) -> None:
        if handler is None:
            await asyncio.Event().wait()
            return
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._settings.work_prefetch):
                tasks.create_task(self._take_up(handler))

    def give(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._put(line, 1)

    def _put(self, line: Line, tries: int) -> None:
        if len(self._waiting) < self._settings.work_waiting:
            self._waiting.append((line, tries))
            self._given.release()

    async def _take_up(self, handler: Handler) -> None:
        while True:
            await self._given.acquire()
            line, tries = self._waiting.popleft()
            try:
                await handler(line)
            except asyncio.CancelledError:
                self._put(line, tries)
                raise
            except Exception as error:  # noqa: BLE001  # one task's trouble is no other's
                self._failed(line, tries, error)

    def _failed(self, line: Line, tries: int, error: Exception) -> None:
        if tries < TRIES:
            self._put(line, tries + 1)
        else:
            _logger.error("alarm: a task was laid aside: %s", type(error).__name__)

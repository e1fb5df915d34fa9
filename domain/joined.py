"""One question for all who ask it at once: thousands come back in the same second.

Whoever asks gets an answer that was asked for after that, so nothing older than the question is
ever given; whoever asks while an answer is on its way shares the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Joined(Generic[T]):
    """Asks with ``ask``, once at a time. A failure is that of all who shared the question."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """The answer. Whoever is cancelled takes nobody else's away."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._run(self._asking))
            self._next.add_done_callback(_retrieve)
        return await asyncio.shield(self._next)

    async def _run(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        self._asking, self._next = self._next, None
        return await self._ask()


def _retrieve(task: asyncio.Task[T]) -> None:
    """Whoever waited has the failure; without anybody it is nobody's."""
    if not task.cancelled():
        task.exception()

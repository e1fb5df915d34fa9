"""Long work on the loop that serves chat: every few milliseconds others have their turn.

For what a request computes between two questions to the store. It makes nothing quicker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from domain.ports import Clock

_T = TypeVar("_T")

WORK_S = 0.005
"""So long others wait for this work, and a message that is being sent with them."""


class Pauses:
    """One work's pauses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()

    async def due(self) -> None:
        """Let others go on, if this work has gone on long enough."""
        if self._clock.monotonic() - self._since < WORK_S:
            return
        await self._clock.sleep(0)
        self._since = self._clock.monotonic()

    async def through(self, items: Iterable[_T]) -> list[_T]:
        """Items that take work, one after the other."""
        found: list[_T] = []
        for item in items:
            found.append(item)
            await self.due()
        return found

"""A budget: so much may be under way, in whatever unit; beyond it one waits until some is done."""

from __future__ import annotations

import asyncio


class Budget:
    """``limit`` bounds what is under way. What is under way already is never refused."""

    __slots__ = ("_limit", "_room", "used")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room: asyncio.Future[None] | None = None
        self.used = 0

    def take(self, amount: int) -> None:
        """So much more is under way."""
        self.used += amount

    def give(self, amount: int) -> None:
        """So much is done."""
        self.used -= amount
        if self.used < self._limit and self._room is not None:
            if not self._room.done():
                self._room.set_result(None)
            self._room = None

    @property
    def has_room(self) -> bool:
        """Whether less than the limit is under way."""
        return self.used < self._limit

    async def room(self) -> None:
        """Wait until less than the limit is under way."""
        while self.used >= self._limit:
            if self._room is None:
                self._room = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._room)

"""Waiting until a read model reflects a position: bounded, shared, never for what cannot come.

The checkpoint is asked, so that it does not matter which process projects.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors import Refused
from domain.ports import Clock
from projections.ports import ReadModels
from projections.projection import statement

WAIT_S = 0.05
"""Between two looks at the checkpoint while somebody waits for a position."""

RETRY_MS = 500
"""When to ask again for a view that is behind."""


def behind(why: str | None = None) -> Refused:
    """What whoever asks is told of a view that does not reflect something yet."""
    return Refused("not_caught_up", why, retry_after_ms=RETRY_MS)


class Stand(Struct, frozen=True, array_like=True):
    """How far the read model is, and how far the log: both positions."""

    folded: int
    head: int


class Waiting:
    """Waits for one projection, of which the checkpoints stand under ``checkpoint``."""

    def __init__(self, models: ReadModels, clock: Clock, checkpoint: str) -> None:
        self._models = models
        self._clock = clock
        self._checkpoint = checkpoint
        self._looks: dict[UUID, asyncio.Task[Stand]] = {}

    async def wait_for(self, log: UUID, position: int, timeout_s: float) -> bool:
        """Wait until it reflects this position, at most so long. False: it does not yet.

        A position that the log itself has not reached is not waited for. Raises StoreUnavailable.
        """
        deadline = self._clock.monotonic() + timeout_s
        stand = await self._look(log)
        while stand.folded < position <= stand.head:
            if self._clock.monotonic() >= deadline:
                return False
            stand = await self._next_look(log)
        return stand.folded >= position

    async def _look(self, log: UUID) -> Stand:
        sql = statement("projections", "stand")
        async with self._models.reading(log) as transaction:
            (row,) = await transaction.fetch(sql, log, self._checkpoint)
        return msgspec.convert((row["as_of"] or 0, row["head"]), Stand)

    async def _next_look(self, log: UUID) -> Stand:
        """The next look, which all who wait for this log share, however many they are."""
        look = self._looks.get(log)
        if look is None:
            look = self._looks[log] = asyncio.get_running_loop().create_task(self._look_later(log))
            look.add_done_callback(lambda done: self._looked(log, done))
        return await asyncio.shield(look)

    async def _look_later(self, log: UUID) -> Stand:
        await self._clock.sleep(WAIT_S)
        return await self._look(log)

    def _looked(self, log: UUID, look: asyncio.Task[Stand]) -> None:
        del self._looks[log]
        if not look.cancelled():
            look.exception()  # whoever still waits has it; where nobody does it is of no interest

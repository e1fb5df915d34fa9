"""Whether the database answers: asked again and again, so that readiness is known at once."""

from __future__ import annotations

import asyncio

from domain.errors import ParleyError
from domain.ports import Clock, EventStore

LOOK_S = 1.0
"""Seconds between two looks: how late a load balancer may learn of it."""

ANSWER_S = 2.0
"""Seconds until no answer counts as none; a healthy server takes milliseconds."""


class DatabaseWatch:
    """Looks after the database; ``well`` is what the last look found."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.well = False

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.probe()
            await self._clock.sleep(LOOK_S)

    async def probe(self) -> str | None:
        """Look now: None when it answers, else what is wrong."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._store.heads([])
        except TimeoutError:
            self.well = False
            return "no answer in time"
        except ParleyError as error:
            self.well = False
            return str(error)
        self.well = True
        return None

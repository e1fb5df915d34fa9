"""Whether the database answers, and is still the same: asked again and again.

So readiness is known at once; and a node notices when, after a failover or a restore, the server
that answers has another history than the one that its clients were told of.
"""

from __future__ import annotations

import asyncio

from domain.errors import ParleyError
from domain.history import History
from domain.ports import Clock, EventStore

LOOK_S = 1.0
"""Seconds between two looks: how late a load balancer may learn of it."""

ANSWER_S = 2.0
"""Seconds until no answer counts as none; a healthy server takes milliseconds."""

FRESH_S = 0.1
"""Seconds for which a look answers everybody: ten small queries a second at most."""

STALE_S = LOOK_S + ANSWER_S + 2.0
"""Seconds after which what was found last says nothing any more."""


class DatabaseWatch:
    """Looks after the database; ``well`` is what the last look found.

    ``history`` is told what epoch is found.

    Whoever asks how it is now shares one look with all who ask at that moment, so that asking
    often costs the database no more.
    """

    def __init__(self, store: EventStore, clock: Clock, history: History) -> None:
        self._store = store
        self._history = history
        self._clock = clock
        self._illness: str | None = "not asked yet"
        self._looked = clock.monotonic() - FRESH_S
        self._looking: asyncio.Task[None] | None = None

    @property
    def well(self) -> bool:
        """Whether the database answered when it was asked last, which was just now."""
        return self.illness is None

    @property
    def illness(self) -> str | None:
        """What is wrong with it; None when nothing is."""
        if self._clock.monotonic() - self._looked > STALE_S:
            return "not asked in time"
        return self._illness

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.probe()
            await self._clock.sleep(LOOK_S)

    async def fresh(self) -> str | None:
        """What is wrong with it, as found at most ``FRESH_S`` ago; None when nothing is."""
        if self._clock.monotonic() - self._looked < FRESH_S:
            return self.illness
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self.probe())
        await asyncio.shield(self._looking)
        return self.illness

    async def epoch(self) -> str:
        """The epoch as the store has it now, for who is about to be told it.

        If it is another one, what this node knows is let go of before. Raises StoreUnavailable.
        """
        epoch = await self._store.epoch()
        self._history.found(epoch)
        return epoch

    async def probe(self) -> None:
        """Look now."""
        self._illness = await self._ask()
        self._looked = self._clock.monotonic()

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self.epoch()
        except TimeoutError:
            return "no answer in time"
        except ParleyError as error:
            return str(error)
        return None

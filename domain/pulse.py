"""Waiting for a reason to work: somebody's call, or so many seconds by the clock.

Followers of the log poll at a floor and are woken earlier by signals. A call that comes between
two waits is kept: nobody who calls before a wait begins is forgotten.
"""

from __future__ import annotations

import asyncio

from domain.ports import Clock


class Pulse:
    """One waiter, any number of callers. ``call`` never blocks and may come from any callback."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._called = asyncio.Event()

    def call(self) -> None:
        """Let the waiter go on, now or at its next wait."""
        self._called.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a call, at most so long. True when called, False when the time is over."""
        if not self._called.is_set():
            await self._first(seconds)
        called = self._called.is_set()
        self._called.clear()
        return called

    async def _first(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        racers = {
            loop.create_task(self._called.wait()),
            loop.create_task(self._sleep(seconds)),
        }
        try:
            await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for racer in racers:
                racer.cancel()
            await asyncio.gather(*racers, return_exceptions=True)

    async def _sleep(self, seconds: float) -> bool:
        await self._clock.sleep(seconds)
        return True

"""A token bucket: so many at once, so many a second for long."""

from __future__ import annotations

from domain.ports import Clock


class Bucket:
    """``rate`` a second, ``burst`` at once."""

    __slots__ = ("_burst", "_clock", "_left", "_rate", "_then")

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._then = clock.monotonic()

    def take(self) -> bool:
        """Take one, if there is one."""
        self._fill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Take one, after waiting for it if need be: the sender is slowed, nothing is refused."""
        self._fill()
        self._left -= 1
        if self._left < 0:
            await self._clock.sleep(-self._left / self._rate)

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._left = min(self._burst, self._left + (now - self._then) * self._rate)
        self._then = now

"""The real clock and the real dice: the ports Clock and Ids over the operating system.

Nothing else in the product looks at either.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from uuid import UUID


class SystemClock:
    """The computer's :class:`~domain.ports.Clock`."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SystemIds:
    """The computer's :class:`~domain.ports.Ids`: from its random device, in the order of time."""

    def uuid(self) -> UUID:
        """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits."""
        raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10))
        raw[6] = (raw[6] & 0x0F) | 0x70
        raw[8] = (raw[8] & 0x3F) | 0x80
        return UUID(bytes=bytes(raw))

    def random(self, count: int) -> bytes:
        return os.urandom(count)

    def uniform(self) -> float:
        return random.random()  # noqa: S311 - spreads pauses; the port says that it guards nothing

"""argon2id, the hash that RFC 9106 recommends, beside the event loop.

One hash takes tens of milliseconds and 64 MiB on purpose. So only a few run at once, in threads of
their own: sign-ins wait for each other rather than chat for sign-ins.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION, Type

from domain.errors import Refused

T = TypeVar("T")

BUSY_RETRY_MS = 1_000
"""When to try again: by then some of those that wait have been served."""


@dataclass(frozen=True)
class Argon2Settings:
    """What a hash costs. Old hashes keep the cost that they were made with."""

    time_cost: int = 3
    """Passes over the memory. 3: the second recommendation of RFC 9106, for little memory."""

    memory_kib: int = 64 * 1024
    """Memory of one hash in KiB. 64 MiB, as above."""

    lanes: int = 1
    """Threads within one hash. 1: two cores serve chat as well."""

    at_once: int = 1
    """Hashes at a time. 1: with two cores, one stays free for everybody else."""

    waiting: int = 32
    """Hashes that may wait for their turn, some seconds of them; more are ``busy``."""


class Argon2idHasher:
    """A :class:`~domain.passwords.PasswordHasher`."""

    def __init__(self, settings: Argon2Settings | None = None) -> None:
        settings = settings or Argon2Settings()
        self._hasher = PasswordHasher(
            time_cost=settings.time_cost,
            memory_cost=settings.memory_kib,
            parallelism=settings.lanes,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(settings.at_once, thread_name_prefix="argon2id")
        self._places = BoundedSemaphore(settings.at_once + settings.waiting)
        self._nobody = hash_of_nothing(self._hasher)

    async def hash(self, password: str) -> str:
        return await self._beside(self._hasher.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        matches = await self._beside(self._matches, password, kept or self._nobody)
        return matches and bool(kept)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _beside(self, work: Callable[..., T], *arguments: str) -> T:
        """Do it in a thread. A place is free again when the work ends, asked for still or not."""
        if not self._places.acquire(blocking=False):
            raise Refused("busy", retry_after_ms=BUSY_RETRY_MS)
        future = self._threads.submit(work, *arguments)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)


def hash_of_nothing(hasher: PasswordHasher) -> str:
    """A hash as this hasher makes them, to be checked in vain where there is none.

    Nothing is hashed for it: whoever has a hasher may never check a password.
    """
    salt, digest = (
        b64encode(bytes(length)).rstrip(b"=").decode()
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"

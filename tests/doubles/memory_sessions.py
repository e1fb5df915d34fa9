"""What the doors remember, in memory: renewal secrets in families, used nonces.

A secret and all its successors are one family. For tests only.
"""

from __future__ import annotations

from math import inf
from uuid import UUID

from msgspec import Struct

from domain.ports import NewSecret, RenewalSecret

_Key = tuple[UUID, bytes]


class _Held(Struct):
    """A secret that was given out; ``retires_at`` is set by the use of a successor."""

    secret: RenewalSecret
    follows: _Key | None
    used: bool = False
    retires_at: float = inf


class MemorySessions:
    """A :class:`~domain.ports.Sessions` in memory."""

    def __init__(self) -> None:
        self._held: dict[_Key, _Held] = {}
        self._nonces: set[tuple[UUID, str, bytes]] = set()

    async def add_secret(
        self, log: UUID, digest: bytes, secret: RenewalSecret, successor_of: bytes | None = None
    ) -> None:
        follows = None if successor_of is None else (log, successor_of)
        if follows is None or follows in self._held:  # else it was revoked in the meantime
            self._held.setdefault((log, digest), _Held(secret, follows))

    async def use_secret(
        self, log: UUID, digest: bytes, now: float, grace_s: float
    ) -> RenewalSecret | None:
        held = self._held.get((log, digest))
        if held is None or now >= min(held.secret.expires_at, held.retires_at):
            return None
        if not held.used:
            held.used = True
            for earlier in self._before(held):
                earlier.retires_at = min(earlier.retires_at, now + grace_s)
        return held.secret

    async def revoke_secret(self, log: UUID, digest: bytes) -> None:
        root = self._root((log, digest))
        self._drop({key for key in self._held if self._root(key) == root})

    async def revoke_subject(self, log: UUID, role: str, subject: str) -> None:
        whose = (log, role, subject)
        self._drop(
            {
                key
                for key, held in self._held.items()
                if (key[0], held.secret.role, held.secret.subject) == whose
            }
        )

    async def use_nonce(
        self,
        log: UUID,
        site: str,
        digest: bytes,
        expires_at: float,
        secret: NewSecret | None = None,
    ) -> bool:
        if await self.nonce_used(log, site, digest):
            return False
        self._nonces.add((log, site, digest))
        if secret is not None:
            await self.add_secret(log, secret.digest, secret.secret, secret.successor_of)
        return True

    async def nonce_used(self, log: UUID, site: str, digest: bytes) -> bool:
        return (log, site, digest) in self._nonces

    def _before(self, held: _Held) -> list[_Held]:
        """The secrets that this one follows, nearest first."""
        found: list[_Held] = []
        while held.follows is not None and held.follows in self._held:
            held = self._held[held.follows]
            found.append(held)
        return found

    def _root(self, key: _Key) -> _Key:
        while key in self._held and (follows := self._held[key].follows) is not None:
            key = follows
        return key

    def _drop(self, keys: set[_Key]) -> None:
        for key in keys:
            del self._held[key]

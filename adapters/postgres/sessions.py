"""What the doors remember, in the database for every node: :class:`domain.ports.Sessions`.

The rules are in the functions of schema ``auth``, each one round trip.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from adapters.postgres.pools import Pool
from domain.ports import RenewalSecret


class PostgresSessions:
    """Renewal secrets and used nonces, by their digests."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add_secret(
        self, log: UUID, digest: bytes, secret: RenewalSecret, successor_of: bytes | None = None
    ) -> None:
        """Remember a secret; a successor of one that is gone (revoked meanwhile) is not taken."""
        await self._call(
            "SELECT auth.add_secret($1, $2, $3, $4, $5, $6, $7)",
            log,
            digest,
            secret.role,
            secret.subject,
            secret.created_at,
            secret.expires_at,
            successor_of,
        )

    async def use_secret(
        self, log: UUID, digest: bytes, now: float, grace_s: float
    ) -> RenewalSecret | None:
        rows = await self._call(
            "SELECT * FROM auth.use_secret($1, $2, $3, $4)", log, digest, now, grace_s
        )
        return RenewalSecret(*rows[0]) if rows else None

    async def revoke_secret(self, log: UUID, digest: bytes) -> None:
        await self._call("SELECT auth.revoke_secret($1, $2)", log, digest)

    async def revoke_subject(self, log: UUID, role: str, subject: str) -> None:
        await self._call("SELECT auth.revoke_subject($1, $2, $3)", log, role, subject)

    async def use_nonce(self, log: UUID, site: str, digest: bytes, expires_at: float) -> bool:
        rows = await self._call(
            "SELECT auth.use_nonce($1, $2, $3, $4)", log, site, digest, expires_at
        )
        return bool(rows[0][0])

    async def _call(self, sql: str, *arguments: object) -> Any:
        async with self._pool.connection() as connection:
            return await connection.fetch(sql, *arguments)

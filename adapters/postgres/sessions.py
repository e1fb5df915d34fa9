"""What the doors remember, in the database for every node: :class:`domain.ports.Sessions`.

The rules are in the functions of schema ``auth``.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from adapters.postgres.pools import Connection, Pool
from domain.ports import NewSecret, RenewalSecret


class PostgresSessions:
    """Renewal secrets and used nonces, by their digests."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add_secret(
        self, log: UUID, digest: bytes, secret: RenewalSecret, successor_of: bytes | None = None
    ) -> None:
        """Remember a secret; a successor of one that is gone (revoked meanwhile) is not taken."""
        async with self._pool.connection() as connection:
            await _add_secret(connection, log, NewSecret(digest, secret, successor_of))

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

    async def use_nonce(  # the port's
        self,
        log: UUID,
        site: str,
        digest: bytes,
        expires_at: float,
        secret: NewSecret | None = None,
    ) -> bool:
        use = "SELECT auth.use_nonce($1, $2, $3, $4)"
        async with self._pool.connection() as connection, connection.transaction():
            # Of two at once the second waits here until the first has committed or rolled back.
            if not await connection.fetchval(use, log, site, digest, expires_at):
                return False
            if secret is not None:
                await _add_secret(connection, log, secret)
            return True

    async def nonce_used(self, log: UUID, site: str, digest: bytes) -> bool:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT set_config('app.tenant', $1, true)", str(log))
            found = "SELECT FROM auth.nonce WHERE tenant = $1 AND site = $2 AND digest = $3"
            return await connection.fetchrow(found, log, site, digest) is not None

    async def _call(self, sql: str, *arguments: object) -> Any:
        async with self._pool.connection() as connection:
            return await connection.fetch(sql, *arguments)


async def _add_secret(connection: Connection, log: UUID, new: NewSecret) -> None:
    secret = new.secret
    await connection.execute(
        "SELECT auth.add_secret($1, $2, $3, $4, $5, $6, $7)",
        log,
        new.digest,
        secret.role,
        secret.subject,
        secret.created_at,
        secret.expires_at,
        new.successor_of,
    )

"""What the database knows of rebuilds and of parked events, for operators' commands.

Over a connection of the owner, who sees every tenant. A rebuild is held by a lock of the session,
so that it is over when its process is, however that ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.postgres.failures import translated
from adapters.postgres.migrations import Owner

_HOLD = "SELECT pg_try_advisory_lock(hashtextextended('parley.build.' || $1, 0))"
_BEGIN = """
INSERT INTO rm.build (name, builder, begun_at, seen_at, per_second) VALUES ($1, $2, now(), now(), 0)
ON CONFLICT (name) DO UPDATE SET
    builder = excluded.builder, begun_at = now(), seen_at = now(), per_second = 0
"""


class ParkedEvent(Struct, frozen=True):
    """An event that a projection has stepped over."""

    tenant: str
    position: int
    event_id: UUID | None
    error: str
    parked_at: datetime


class Builds:
    """Rebuilds, by the projections' names."""

    def __init__(self, connection: Owner) -> None:
        self._connection = connection

    async def hold(self, name: str, who: str) -> str | None:
        """Be the one who rebuilds this; else who does."""
        with translated():
            if await self._connection.fetchval(_HOLD, name):
                await self._connection.execute(_BEGIN, name, who)
                return None
            other = await self._connection.fetchval(
                "SELECT builder FROM rm.build WHERE name = $1", name
            )
        return other or "somebody who has just begun"

    async def tell(self, names: Sequence[str], per_second: float) -> None:
        """Say that it goes on, and how fast."""
        with translated():
            await self._connection.execute(
                "UPDATE rm.build SET seen_at = now(), per_second = $2 WHERE name = ANY ($1)",
                names,
                per_second,
            )

    async def end(self, names: Sequence[str]) -> None:
        """It is over. The locks end with the session."""
        with translated():
            await self._connection.execute("DELETE FROM rm.build WHERE name = ANY ($1)", names)

    async def parked(self, identifier: str, log: UUID | None) -> list[ParkedEvent]:
        """What this projection has parked, in a log or in all."""
        with translated():
            rows = await self._connection.fetch(
                'SELECT l.tenant, p."position", p.event_id, p.error, p.parked_at'
                " FROM rm.parked AS p JOIN es.log AS l ON l.id = p.tenant"
                " WHERE p.projection = $1 AND ($2::uuid IS NULL OR p.tenant = $2)"
                ' ORDER BY l.tenant, p."position"',
                identifier,
                log,
            )
        return [ParkedEvent(*row) for row in rows]

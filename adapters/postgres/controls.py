"""What operators and projectors tell each other: :class:`projections.controls.Controls`."""

from __future__ import annotations

from adapters.postgres.pools import Pool
from projections.controls import Control, Place, Trouble

_TELL = """
INSERT INTO rm.trouble (projection, tenant, state, reason, since) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (tenant, projection) DO UPDATE SET
    state = excluded.state, reason = excluded.reason, since = excluded.since
"""


class PostgresControls:
    """The tables of schema ``rm`` that are no read models, for projectors."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def controls(self) -> dict[str, Control]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch("SELECT name, paused_at IS NOT NULL FROM rm.projection")
        return {name: Control(paused) for name, paused in rows}

    async def troubles(self) -> dict[Place, Trouble]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT projection, tenant, state, reason FROM rm.trouble"
            )
        return {(which, log): Trouble(state, reason) for which, log, state, reason in rows}

    async def tell(self, place: Place, trouble: Trouble | None) -> None:
        async with self._pool.connection() as connection:
            if trouble is None:
                await connection.execute(
                    "DELETE FROM rm.trouble WHERE projection = $1 AND tenant = $2", *place
                )
            else:
                await connection.execute(_TELL, *place, trouble.state, trouble.reason)

    async def forget_erased(self) -> list[str]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch("SELECT * FROM rm.forget_erased()")
        return [identifier for (identifier,) in rows]

"""The outbox on PostgreSQL: :class:`domain.outbox.Outbox`, with the relay's own role.

What is read goes on as it is stored: no key is needed here, and none is at hand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from adapters.postgres.pools import Pool
from adapters.postgres.reading import stored
from adapters.postgres.sql import statement
from domain.checkpoints import NOTHING, Checkpoint
from domain.envelope import StoredEvent
from domain.outbox import Move, Standing

NAME = "relay"
"""Under which the relay's checkpoints stand beside those of the projections."""


class PostgresOutbox:
    """Reads all logs and moves the relay's checkpoints."""

    def __init__(self, pool: Pool, page_bytes: int) -> None:
        self._pool = pool
        self._page_bytes = page_bytes

    async def behind(self, shards: Collection[int]) -> list[Standing]:
        return await self._standings(None, sorted(shards))

    async def standings(self, logs: Sequence[UUID]) -> list[Standing]:
        return await self._standings(logs, [])

    async def _standings(
        self, logs: Sequence[UUID] | None, shards: Sequence[int]
    ) -> list[Standing]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("standings"), NAME, logs, shards)
        return [_standing(*row) for row in rows]

    async def read(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                statement("read_log"), log, after, limit, self._page_bytes
            )
        return stored(rows)

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                statement("advance"),
                NAME,
                [move.log for move in moves],
                [move.was.position for move in moves],
                [move.was.mark for move in moves],
                [move.to.position for move in moves],
                [move.to.mark for move in moves],
            )
        return {log for (log,) in rows}


def _standing(  # noqa: PLR0913, PLR0917  # the columns of a row
    log: UUID,
    tenant: str,
    head: int,
    position: int | None,
    checkpoint_mark: bytes | None,
    mark: bytes | None,
) -> Standing:
    if not position or checkpoint_mark is None:  # none yet, or taken back to the beginning
        return Standing(log, tenant, head, NOTHING, same_history=True)
    checkpoint = Checkpoint(position, checkpoint_mark)
    return Standing(log, tenant, head, checkpoint, same_history=mark == checkpoint_mark)

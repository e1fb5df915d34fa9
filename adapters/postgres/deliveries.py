"""The rows of what is due to webhooks, for all tenants: :class:`domain.webhooks.ports.Deliveries`.

A line's row is locked before anything in it is looked at, by those who settle what waits there and
by the follower who adds to it: so what is added while the last is settled is never overlooked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from adapters.postgres.pools import Connection, Pool
from adapters.postgres.sql import statement
from domain.webhooks.ports import Claim, Delivery, Line, Sought, Wanted


class PostgresDeliveries:
    """Deliveries and their lines. The pool's connections see those of every tenant."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(self, line: Line, wanted: Wanted) -> Claim | None:
        arguments = (*_key(line), wanted.now, wanted.until, wanted.lease)
        async with self._pool.connection() as connection, connection.transaction():
            taken = await connection.fetch(statement("claim_line"), *arguments)
            claims = await _claims(connection, taken, wanted)
        return claims[0] if claims else None

    async def claim_due(self, wanted: Wanted) -> list[Claim]:
        busy = [(log, webhook, used) for (log, webhook), used in wanted.busy.items()]
        arguments = (
            *(wanted.now, wanted.until, wanted.lease, wanted.lines, wanted.lines_of_webhook),
            *([each[n] for each in busy] for n in range(3)),
        )
        async with self._pool.connection() as connection, connection.transaction():
            taken = await connection.fetch(statement("claim_lines"), *arguments)
            return await _claims(connection, taken, wanted)

    async def settle(self, claim: Claim, after: Delivery, until: float) -> Claim | None:
        key = _key(after.line)
        async with self._pool.connection() as connection, connection.transaction():
            held = await connection.fetchval(statement("hold_line"), *key, claim.lease, until)
            if held is None:
                return None
            await connection.execute(statement("note_delivery"), *_noted(after))
            following = await _first(connection, [key])
            if following:
                return Claim(following[0], claim.lease, until)
            await connection.execute(statement("end_line"), *key)
            return None

    async def postpone(self, claim: Claim, after: Delivery, due_at: float) -> None:
        key = _key(after.line)
        async with self._pool.connection() as connection, connection.transaction():
            held = await connection.fetchval(statement("free_line"), *key, claim.lease, due_at)
            if held is not None:
                await connection.execute(statement("note_delivery"), *_noted(after))

    async def find(
        self, log: UUID, sought: Sought, before: int | None, limit: int
    ) -> list[Delivery]:
        asked = (sought.webhook, sought.stream, sought.state, sought.event)
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("find_deliveries"), log, *asked, before, limit)
        return [_delivery(row) for row in rows]

    async def send_again(
        self, log: UUID, webhook: str, positions: Sequence[int], now: float
    ) -> int:
        async with self._pool.connection() as connection, connection.transaction():
            rows = await connection.fetch(
                statement("send_again"), log, webhook, list(positions), now
            )
            lines = [(log, webhook, stream, now) for stream in sorted({row[0] for row in rows})]
            await connection.executemany(statement("wake_line"), lines)
        return len(rows)

    async def sweep(self, delivered_before: float, dead_before: float, limit: int) -> int:
        async with self._pool.connection() as connection:
            gone = await connection.fetch(
                statement("sweep_deliveries"), delivered_before, dead_before, limit
            )
        return len(gone)

    async def due(self, now: float) -> int:
        async with self._pool.connection() as connection:
            count: int = await connection.fetchval(statement("due_lines"), now)
        return count


def _key(line: Line) -> tuple[UUID, str, str]:
    return line.log, line.webhook, line.stream


def _noted(after: Delivery) -> tuple[object, ...]:
    return (
        *(after.line.log, after.line.webhook, after.position),
        *(after.state, after.attempts, after.first_at, after.last_at),
        *(after.status, after.error, after.settled_at),
    )


async def _claims(connection: Connection, taken: Iterable[Any], wanted: Wanted) -> list[Claim]:
    """What is first in lines that were taken; asked anew, since it may have changed till then."""
    lines = [tuple(row) for row in taken]
    return [
        Claim(delivery, wanted.lease, wanted.until)
        for delivery in (await _first(connection, lines) if lines else ())
    ]


async def _first(connection: Connection, lines: Sequence[Sequence[Any]]) -> list[Delivery]:
    columns = ([line[n] for line in lines] for n in range(3))
    rows = await connection.fetch(statement("first_deliveries"), *columns)
    return [_delivery(row) for row in rows]


def _delivery(row: Any) -> Delivery:
    log, webhook, stream, *others = row
    return Delivery(Line(log, webhook, stream), *others)

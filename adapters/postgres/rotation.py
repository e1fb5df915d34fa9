"""Master key rotation: every data key wrapped anew under the current master key.

Events are never touched. It may be cut off anywhere and started again. Nodes should be at rest: one
without the new key in its ring opens less and less, and one that still wraps under an older key
keeps the rotation from its end. Only when nothing is left under the older key is it taken off the
list of those in use, and may be thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import asyncpg

from adapters.postgres.failures import translated
from adapters.postgres.masterkeys import KeyName, MasterKeys

PAGE_KEYS = 500
"""Keys a transaction: the tenant's appends wait for its lock some milliseconds."""


async def rotate(
    connection: asyncpg.Connection[asyncpg.Record],
    masters: MasterKeys,
    random: Callable[[int], bytes],
) -> int:
    """Wrap what is under older master keys anew, as the owner; how many keys that were.

    Raises CannotStart where a key's master key was not given, and EventDamaged.
    """
    with translated():
        done = 0
        for row in await connection.fetch("SELECT id FROM es.log ORDER BY id"):
            done += await _rotate_log(connection, row["id"], masters, random)
        await _forget_older(connection, masters.current)
        return done


async def _rotate_log(
    connection: asyncpg.Connection[asyncpg.Record],
    log: UUID,
    masters: MasterKeys,
    random: Callable[[int], bytes],
) -> int:
    """Go through a log's keys once, in pages by key id."""
    done, after = 0, UUID(int=0)
    while page := await connection.fetch(
        # Without the lock: keys that are under the current master key already may be many.
        """
        SELECT key_id FROM es.subject_key
        WHERE tenant = $1 AND key_id > $4 AND wrapped IS NOT NULL AND master_key <> $2
        ORDER BY key_id LIMIT $3
        """,
        log,
        masters.current,
        PAGE_KEYS,
        after,
    ):
        ids = [row["key_id"] for row in page]
        done += await _rotate_page(connection, log, ids, masters, random)
        after = ids[-1]
    return done


async def _rotate_page(
    connection: asyncpg.Connection[asyncpg.Record],
    log: UUID,
    ids: Sequence[UUID],
    masters: MasterKeys,
    random: Callable[[int], bytes],
) -> int:
    async with connection.transaction():
        await connection.execute("SELECT FROM es.log WHERE id = $1 FOR UPDATE", log)
        rows = await connection.fetch(
            """
            SELECT key_id, subject, wrapped, master_key FROM es.subject_key
            WHERE tenant = $1 AND key_id = ANY ($3) AND wrapped IS NOT NULL AND master_key <> $2
            """,
            log,
            masters.current,
            ids,
        )
        await connection.execute(
            """
            UPDATE es.subject_key AS k SET wrapped = n.wrapped, master_key = $4
            FROM unnest($2::uuid[], $3::bytea[]) AS n (key_id, wrapped)
            WHERE k.tenant = $1 AND k.key_id = n.key_id
            """,
            log,
            [row["key_id"] for row in rows],
            _wrapped_anew(log, rows, masters, random),
            masters.current,
        )
        return len(rows)


def _wrapped_anew(
    log: UUID,
    rows: Sequence[asyncpg.Record],
    masters: MasterKeys,
    random: Callable[[int], bytes],
) -> list[bytes]:
    wrapped = []
    for key_id, subject, old, master_key in rows:
        name = KeyName(log, subject, key_id)
        wrapped.append(masters.wrap(name, masters.unwrap(name, old, master_key), random))
    return wrapped


async def _forget_older(connection: asyncpg.Connection[asyncpg.Record], current: str) -> None:
    """Enter the current key as the only one, unless a node wrapped under an older one meanwhile."""
    async with connection.transaction():
        # Once this lock is given no new key is on its way; the next statement sees all there are.
        await connection.execute("SELECT FROM es.installation FOR UPDATE")
        await connection.execute(
            """
            UPDATE es.installation SET master_keys = ARRAY[$1::text]
            WHERE NOT EXISTS (
                SELECT FROM es.subject_key WHERE wrapped IS NOT NULL AND master_key <> $1
            )
            """,
            current,
        )

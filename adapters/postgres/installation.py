"""What must hold before a database is used: schema, master keys, and which history it is.

Done once at a program's start, as the owner. Nothing here serves requests.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from adapters.postgres.failures import CannotStart
from adapters.postgres.masterkeys import MasterKeys
from adapters.postgres.migrations import Migrations, event_store, migrate, owner


class WrongMasterKey(CannotStart):
    """Data keys in the database are wrapped under a master key that was not given."""


async def prepare(url: str, masters: MasterKeys, rooms: Sequence[Migrations] = ()) -> list[str]:
    """Make the database ready for this program; the names of the migrations that were applied.

    ``url`` is the owner's, ``rooms`` the migrations of other rooms. Raises StoreUnavailable, and
    CannotStart with one sentence about what stands in the way.
    """
    async with owner(url) as connection:
        applied = await migrate(connection, [event_store(), *rooms])
        await enter_master_keys(connection, masters)
        await connection.execute("SELECT es.epoch()")
        return applied


async def enter_master_keys(
    connection: asyncpg.Connection[asyncpg.Record], masters: MasterKeys
) -> None:
    """Check that every master key in use was given, and enter the current one as in use.

    Raises WrongMasterKey.
    """
    async with connection.transaction():
        in_use: list[str] = await connection.fetchval(
            "SELECT master_keys FROM es.installation FOR UPDATE"
        )
        missing = [name for name in in_use if name not in masters.fingerprints]
        if missing:
            given = ", ".join(sorted(masters.fingerprints))
            raise WrongMasterKey(
                f"this database needs the master key {' and '.join(missing)}; given: {given}."
                " Without it nothing that people wrote can be read: restore the key's file"
            )
        if masters.current not in in_use:
            await connection.execute(
                "UPDATE es.installation SET master_keys = master_keys || $1::text", masters.current
            )


async def redraw_epoch(connection: asyncpg.Connection[asyncpg.Record]) -> str:
    """Name the history anew, as a restore must: what clients hold may be of another."""
    epoch: str = await connection.fetchval(
        "UPDATE es.installation SET epoch = es.draw_epoch() RETURNING epoch"
    )
    return epoch

"""The schema, brought up to date by whoever starts first.

Migrations are SQL files, numbered, applied in order as the owner, each in its own transaction,
recorded with a checksum, and never edited. Several rooms may have their own: each has its name.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeAlias

import asyncpg
from msgspec import Struct

from adapters.postgres.failures import CannotStart, translated
from adapters.postgres.pools import demand_durability, limit_transactions
from adapters.postgres.sql import statement

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection with the owner's rights."""

LOCK = 0x7061_726C_6579  # "parley": the advisory lock that migrations hold
OWNER_LIMIT_MS = 30_000
"""How long a statement or transaction of the owner may take, and may wait for a lock."""

LOCK_S = 10
"""Seconds that a migration waits for a table: it holds up all who come after, so it gives up."""

_LIMITS = ["statement_timeout", "lock_timeout", "transaction_timeout"]
_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


class SchemaTooNew(CannotStart):
    """The database was migrated by a newer release."""


class MigrationChanged(CannotStart):
    """A migration that was applied is not the one that this program has."""


class TableInUse(CannotStart):
    """Somebody keeps a transaction open on a table that a migration changes."""


class Migration(Struct, frozen=True):
    """One step of a room's schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What tells an edited migration apart."""
        return sha256(self.sql.encode()).hexdigest()


class Migrations(Struct, frozen=True):
    """A room's steps, numbered from 1 without a gap."""

    room: str
    steps: tuple[Migration, ...]

    @classmethod
    def of(cls, room: str, directory: Traversable) -> Migrations:
        """Those in a directory, each in a file ``0001_name.sql``."""
        found = [(_FILE.fullmatch(entry.name), entry) for entry in directory.iterdir()]
        steps = sorted(
            (
                Migration(int(match[1]), match[2], entry.read_text("utf-8"))
                for match, entry in found
                if match
            ),
            key=lambda step: step.number,
        )
        assert [step.number for step in steps] == list(range(1, len(steps) + 1)), room
        return cls(room, tuple(steps))


def event_store() -> Migrations:
    """The event store's own migrations."""
    return Migrations.of("es", files("adapters.postgres.sql").joinpath("migrations"))


@asynccontextmanager
async def owner(url: str) -> AsyncIterator[Owner]:
    """A connection as the owner, for migrations and for what operators do.

    No statement or transaction takes longer than ``OWNER_LIMIT_MS``, except a migration. Raises
    StoreUnavailable, and CannotStart where commits would not be durable.
    """
    settings = {
        "application_name": "parley owner",
        "jit": "off",
        "statement_timeout": str(OWNER_LIMIT_MS),
        "lock_timeout": str(OWNER_LIMIT_MS),
        "idle_in_transaction_session_timeout": str(OWNER_LIMIT_MS),
    }
    with translated():
        connection: Owner = await asyncpg.connect(url, timeout=10, server_settings=settings)
        try:
            await demand_durability(connection)
            await limit_transactions(connection, OWNER_LIMIT_MS)
            yield connection
        finally:
            await connection.close(timeout=2)


async def migrate(connection: Owner, rooms: Sequence[Migrations]) -> list[str]:
    """Apply what is missing, one at a time over all nodes; the names of what was applied.

    Raises SchemaTooNew and MigrationChanged before anything is applied, and TableInUse.
    """
    async with without_limits(connection), _taking_turns(connection):
        await _ensure_table(connection)
        missing = [(room.room, step) for room in rooms for step in await _missing(connection, room)]
        for name, step in missing:
            await _apply(connection, name, step)
        return [f"{name} {step.number:04} {step.name}" for name, step in missing]


@asynccontextmanager
async def without_limits(
    connection: Owner,
) -> AsyncIterator[None]:
    """For what takes its time: a migration of a large table, a copy of everything."""
    found = await connection.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY ($1)", _LIMITS
    )
    await _limit(connection, {row["name"]: "0" for row in found})
    try:
        yield
    finally:
        if not connection.is_closed():
            await _limit(connection, {row["name"]: row["setting"] for row in found})


async def _limit(connection: Owner, limits: Mapping[str, str]) -> None:
    await connection.execute(
        "SELECT set_config(n.name, n.value, false)"
        " FROM unnest($1::text[], $2::text[]) AS n (name, value)",
        list(limits),
        list(limits.values()),
    )


@asynccontextmanager
async def _taking_turns(connection: Owner) -> AsyncIterator[None]:
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def _ensure_table(connection: Owner) -> None:
    await connection.execute(statement("migration_table"))


async def _missing(connection: Owner, room: Migrations) -> list[Migration]:
    rows = await connection.fetch(
        "SELECT number, name, checksum FROM es.migration WHERE room = $1 ORDER BY number", room.room
    )
    steps = {step.number: step for step in room.steps}
    for number, name, checksum in rows:
        if number not in steps:
            raise SchemaTooNew(
                f"the database has migration {room.room} {number:04} {name}, which this program"
                f" (up to {len(steps):04}) does not know: start the newer release"
            )
        if steps[number].checksum != checksum:
            raise MigrationChanged(
                f"migration {room.room} {number:04} {name} was applied in another form than this"
                " program has: a migration is never edited"
            )
    return list(room.steps[len(rows) :])


async def _apply(connection: Owner, room: str, step: Migration) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_S * 1000:.0f}ms'")
        try:
            await connection.execute(step.sql)
        except asyncpg.LockNotAvailableError:
            raise TableInUse(
                f"migration {room} {step.number:04} {step.name} has waited {LOCK_S} s for a table"
                " that somebody keeps in a transaction, such as a backup: start again after that"
            ) from None
        await connection.execute(
            "INSERT INTO es.migration (room, number, name, checksum) VALUES ($1, $2, $3, $4)",
            room,
            step.number,
            step.name,
            step.checksum,
        )

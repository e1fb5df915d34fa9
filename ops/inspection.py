"""What a database says of itself: its schema, and the master keys that its data needs.

It is asked and never changed, for programs that only read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adapters.postgres.migrations import event_store
from ops.errors import CannotRun


@dataclass(frozen=True)
class Schema:
    """The last migration that was applied (None: not even a schema), and the last one known."""

    applied: int | None
    known: int

    @property
    def fits(self) -> bool:
        """Whether this program can work with it as it is."""
        return self.applied == self.known


async def schema_of(connection: Any) -> Schema:
    """The schema of the database at this owner's connection."""
    known = len(event_store().steps)
    if await connection.fetchval("SELECT to_regclass('es.migration')") is None:
        return Schema(None, known)
    last = "SELECT coalesce(max(number), 0) FROM es.migration WHERE room = 'es'"
    return Schema(await connection.fetchval(last), known)


async def demand_schema(connection: Any) -> None:
    """Refuse a schema that this program cannot read as it is. Raises CannotRun."""
    schema = await schema_of(connection)
    if schema.applied is None:
        raise CannotRun("There is nothing in this database yet; `parley init` makes it.")
    if schema.applied > schema.known:
        raise CannotRun(
            f"The database's schema ({schema.applied}) is newer than this program"
            f" ({schema.known}): use the newer release."
        )
    if not schema.fits:
        raise CannotRun(
            f"The database's schema ({schema.applied}) is older than this program"
            f" ({schema.known}): `parley serve` or `parley init` brings it up to date."
        )


async def missing_keys(connection: Any, given: Iterable[str]) -> list[str]:
    """The master keys that the data needs and that are not among these, by their fingerprints."""
    if await connection.fetchval("SELECT to_regclass('es.installation')") is None:
        return []
    needed: list[str] = await connection.fetchval("SELECT master_keys FROM es.installation")
    found = set(given)
    return [name for name in needed if name not in found]

"""How every projection is, in every log, for operators' commands: asked of the database alone.

What projectors have said of themselves is in it; nothing is asked of any process.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from adapters.postgres.failures import translated
from adapters.postgres.migrations import Owner
from adapters.postgres.sql import statement


class Standing(Struct, frozen=True):
    """One projection in one log. ``identifier`` may have a generation's suffix."""

    identifier: str
    tenant: str
    position: int
    head: int
    lag_s: float
    state: str | None
    reason: str | None
    parked: int


class Build(Struct, frozen=True):
    """A rebuild that is under way, or was cut off when it was last seen."""

    builder: str
    seen_s: float
    per_second: float


class Overview(Struct, frozen=True):
    """``sizes`` are bytes by identifier and schema; ``paused`` and ``builds`` go by name.

    ``own`` are the identifiers that this program has: all others are followed by others, if at all.
    """

    own: frozenset[str]
    standings: list[Standing]
    sizes: dict[tuple[str, str], int]
    paused: frozenset[str]
    builds: dict[str, Build]


async def overview(connection: Owner, identifiers: Sequence[str]) -> Overview:
    """All there is; ``identifiers`` are those that this program has."""
    with translated():
        standings = await connection.fetch(statement("standings_of_projections"), identifiers)
        sizes = await connection.fetch(statement("sizes_of_generations"))
        paused = await connection.fetch(
            "SELECT name FROM rm.projection WHERE paused_at IS NOT NULL"
        )
        builds = await connection.fetch(
            "SELECT name, builder, extract(epoch FROM now() - seen_at)::double precision,"
            " per_second FROM rm.build"
        )
    return Overview(
        frozenset(identifiers),
        [Standing(*row) for row in standings],
        {(identifier, schema): size for identifier, schema, size in sizes},
        frozenset(name for (name,) in paused),
        {name: Build(*rest) for name, *rest in builds},
    )


async def pause(connection: Owner, name: str, *, paused: bool) -> None:
    """Want a projection paused, or not."""
    with translated():
        await connection.execute(
            "INSERT INTO rm.projection (name, paused_at) VALUES ($1, CASE WHEN $2 THEN now() END)"
            " ON CONFLICT (name) DO UPDATE SET"
            " paused_at = CASE WHEN $2 THEN coalesce(rm.projection.paused_at, now()) END",
            name,
            paused,
        )


async def models(connection: Owner) -> dict[str, tuple[str, ...]]:
    """The tables of every read model that any program has made here, by its identifier."""
    with translated():
        rows = await connection.fetch("SELECT identifier, owned FROM rm.model")
    return {identifier: tuple(owned) for identifier, owned in rows}


async def forget_model(connection: Owner, identifier: str) -> None:
    """A read model of which nothing is left."""
    with translated():
        await connection.execute("DELETE FROM rm.model WHERE identifier = $1", identifier)

"""Analysts' logins: roles of the server that may read one tenant's views, and nothing else.

All on the owner's connection, within a transaction of the caller. Whose a login is stands in
``analytics.analyst``, which row-level security asks; it is no setting that an analyst could change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.postgres.migrations import Owner
from adapters.postgres.settings import PostgresSettings
from domain.errors import Refused

GROUP = "parley_analyst"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Analyst(Struct, frozen=True):
    """Whoever reads a tenant's views under this login."""

    role: str
    name: str
    created_at: datetime


async def analysts(connection: Owner, log: UUID) -> Sequence[Analyst]:
    """Those of a tenant, by name."""
    rows = await connection.fetch(
        "SELECT role, name, created_at FROM analytics.analyst WHERE log = $1 ORDER BY name", log
    )
    return [Analyst(*row) for row in rows]


async def add_analyst(
    connection: Owner, log: UUID, name: str, password: str, settings: PostgresSettings
) -> str:
    """Make a login; its role. Raises Refused for a name that is in use, or can be none."""
    if not _NAME.fullmatch(name):
        raise Refused(
            "bad_request",
            "An analyst's name has up to 32 small letters, digits and _, and begins with a letter.",
        )
    role = f"parley_{log.hex[-8:]}_{name}"
    if await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        raise Refused("exists", f"There is an analyst {name!r} here already.")
    await _execute(
        connection,
        "CREATE ROLE %I LOGIN INHERIT CONNECTION LIMIT {connections} PASSWORD %L IN ROLE %I",
        *(role, password, GROUP),
        connections=settings.analyst_connections,
    )
    for setting, value in _settings(settings).items():
        await _execute(connection, f"ALTER ROLE %I SET {setting} = %L", role, value)
    await connection.execute(
        "INSERT INTO analytics.analyst (role, log, name) VALUES ($1, $2, $3)", role, log, name
    )
    return role


async def remove_analyst(connection: Owner, log: UUID, name: str) -> None:
    """End a login, and what it is asking now. Raises Refused ``not_found``."""
    role = await connection.fetchval(
        "DELETE FROM analytics.analyst WHERE log = $1 AND name = $2 RETURNING role", log, name
    )
    if role is None:
        raise Refused("not_found", f"There is no analyst {name!r} here.")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role
    )
    await _execute(connection, "DROP OWNED BY %I", role)
    await _execute(connection, "DROP ROLE %I", role)


def _settings(settings: PostgresSettings) -> dict[str, str]:
    """What an analyst's sessions begin with. They keep a mistake small; no right rests on them."""
    return {
        "search_path": "analytics",
        "default_transaction_read_only": "on",
        "statement_timeout": str(settings.analyst_statement_ms),
        "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_ms),
    }


async def _execute(connection: Owner, command: str, *names: str, **numbers: int) -> None:
    """Run a command that takes no parameters: names and texts are quoted by the server."""
    text = command.format(**numbers)
    places = ", ".join(f"${n}::text" for n in range(2, len(names) + 2))
    await connection.execute(
        await connection.fetchval(f"SELECT format($1, {places})", text, *names)  # places
    )

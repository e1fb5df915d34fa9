"""Rows on their way into a read model's table, in the place of those with the same key.

Few go by a statement each, sent together; many by COPY into a table of this session and from there
in one statement: COPY cannot write to a table under row-level security, nor replace anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import asyncpg

from adapters.postgres.pools import Connection
from domain.ports import Table

COPIED_ROWS = 200
"""From so many rows on they are copied: below it, to make ready for that takes longer."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")
"""Of a table or a column."""

Writing: TypeAlias = "Connection | asyncpg.Connection[asyncpg.Record]"


async def put(connection: Writing, table: Table, rows: Sequence[Sequence[object]]) -> None:
    """Insert or replace rows of a table, within the connection's transaction."""
    if len(rows) < COPIED_ROWS:
        await connection.executemany(_one(table), rows)
        return
    passing = f"put_{table.name}"
    await connection.execute(_make_passing(table))
    await connection.copy_records_to_table(
        passing, schema_name="pg_temp", columns=table.columns, records=rows
    )
    await connection.execute(_all(table))


@cache
def _one(table: Table) -> str:
    """The statement for one row."""
    values = ", ".join(f"${n}" for n in range(1, len(table.columns) + 1))
    return f"{_into(table)} VALUES ({values}) {_replacing(table)}"


@cache
def _make_passing(table: Table) -> str:
    """A table of the session's own, empty."""
    name = table.name
    empty = f"SELECT {', '.join(table.columns)} FROM {name} WITH NO DATA"  # noqa: S608  # ours
    make = f"CREATE TEMP TABLE IF NOT EXISTS put_{name} ON COMMIT DELETE ROWS AS {empty}"
    return f"{make}; TRUNCATE pg_temp.put_{name}"


@cache
def _all(table: Table) -> str:
    """The statement for all that was copied."""
    columns = ", ".join(table.columns)
    passing = f"SELECT {columns} FROM pg_temp.put_{table.name}"  # noqa: S608  # names of ours
    return f"{_into(table)} {passing} {_replacing(table)}"


def _into(table: Table) -> str:
    names = (table.name, *table.columns, *table.key)
    assert all(map(NAME.fullmatch, names)), f"{names} are no names of a table and its columns"
    return f"INSERT INTO {table.name} ({', '.join(table.columns)})"


def _replacing(table: Table) -> str:
    told = [f"{name} = excluded.{name}" for name in table.columns if name not in table.key]
    doing = f"UPDATE SET {', '.join(told)}" if told else "NOTHING"
    return f"ON CONFLICT ({', '.join(table.key)}) DO {doing}"

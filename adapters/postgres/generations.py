"""Generations of read models in the database: switched, copied for one tenant, dropped.

All of it is done by the tables' owner, each in one transaction. A generation is made live by moving
tables from schema to schema: that takes milliseconds however large they are, and the statements of
running nodes, which name no schema, find the new ones. Nothing here folds anything.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

import asyncpg

from adapters.postgres.failures import translated
from adapters.postgres.migrations import Owner
from adapters.postgres.putting import NAME
from adapters.postgres.readmodels import PostgresTransaction
from domain.errors import StoreError, StoreUnavailable
from domain.ports import Transaction
from projections.generations import CURRENT, NEXT, Generation, Model, Remaking

Positions = Mapping[UUID, int]

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,54}[.][0-9]+")
_NOTED = ("es.checkpoint", "rm.parked", "rm.trouble", "rm.erasure")
"""Where a generation is noted beside its tables, by identifier and tenant."""

_IN_THE_WAY = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateSchemaError,
)
"""Somebody else was at the tables, or has just begun a log: nothing was changed."""


class TablesBusy(StoreUnavailable):
    """The tables are read by somebody who takes long, or the live ones went on: try again."""


class StoodOn(StoreError):
    """Something that is not the product's, such as an operator's view, is made over the tables."""


async def switch(  # noqa: PLR0913, PLR0917  # a switch from end to end
    connection: Owner,
    model: Model,
    raised: Generation,
    caught_up: Callable[[Positions], Awaitable[None]],
    remade: Remaking,
    locks_ms: int,
) -> None:
    """Make a generation the live one, and the live one the old one; what was old is dropped.

    ``caught_up`` is asked, while the live checkpoints are held, to bring the raised generation to
    these positions or beyond, over connections of its own: so nobody sees a view go back. All
    locks together, those of what is ``remade`` too, come within ``locks_ms``. Raises TablesBusy,
    StoodOn.
    """
    tables = len(model.owned)
    of_tables_ms = locks_ms * tables // (tables + remade.locks)  # each lock has the same part
    literals = ", ".join(f"'{name}'" for name in _names(model))
    assert _IDENTIFIER.fullmatch(model.identifier), model.identifier
    # The tables are locked from within the call to the end of the transaction. Sent together, that
    # is no longer however busy this process is.
    switching = (
        f"SELECT rm.switch('{model.identifier}', ARRAY[{literals}], '{raised.schema}',"
        f" '{raised.suffix}', {of_tables_ms:d})"
    )
    async with _moving(connection):
        await connection.execute("BEGIN")
        held = await connection.fetch(
            'SELECT tenant, "position" FROM es.checkpoint WHERE projection = $1 FOR UPDATE',
            model.identifier,
        )
        await caught_up(_by_log(held))
        await connection.execute("\n;\n".join((switching, *remade.statements, "COMMIT")))


async def replace(
    connection: Owner,
    model: Model,
    log: UUID,
    caught_up: Callable[[Positions], Awaitable[None]],
    clear: Callable[[Transaction], Awaitable[None]],
) -> None:
    """Put one log's rows of the next generation in the place of its live ones.

    ``clear`` deletes those. Readers see the one or the other; projectors of this log wait. The next
    generation's are gone after that. Raises TablesBusy.
    """
    async with _moving(connection), connection.transaction():
        held = await connection.fetch(
            'SELECT tenant, "position" FROM es.checkpoint'
            " WHERE projection = $1 AND tenant = $2 FOR UPDATE",
            model.identifier,
            log,
        )
        await caught_up(_by_log(held))
        await connection.execute(f"SET LOCAL search_path = pg_catalog, {CURRENT.schema}")
        await clear(PostgresTransaction(connection))
        for table in _names(model):
            await connection.execute(
                f"INSERT INTO {CURRENT.schema}.{table}"  # noqa: S608  # names of ours
                f" SELECT * FROM {NEXT.schema}.{table} WHERE tenant = $1",
                log,
            )
        for what in _NOTED:
            await connection.execute(
                f"DELETE FROM {what} WHERE projection = $1 AND tenant = $2",  # noqa: S608  # ours
                model.identifier,
                log,
            )
        for what in ("es.checkpoint", "rm.parked"):
            await connection.execute(
                f"UPDATE {what} SET projection = $1"  # noqa: S608  # names of ours
                " WHERE projection = $2 AND tenant = $3",
                model.identifier,
                model.identifier + NEXT.suffix,
                log,
            )
        await _forget(connection, model, NEXT, log)
        await connection.execute("SELECT rm.count_generation($1)", model.identifier)


async def forget(connection: Owner, model: Model, generation: Generation, log: UUID) -> None:
    """Throw away what a generation has of one log."""
    with translated():
        async with connection.transaction():
            await _forget(connection, model, generation, log)


async def _forget(connection: Owner, model: Model, generation: Generation, log: UUID) -> None:
    for table in _names(model):
        await connection.execute(
            f"DELETE FROM {generation.schema}.{table} WHERE tenant = $1",  # noqa: S608  # ours
            log,
        )
    for what in _NOTED:
        await connection.execute(
            f"DELETE FROM {what} WHERE projection = $1 AND tenant = $2",  # noqa: S608  # ours
            model.identifier + generation.suffix,
            log,
        )


async def drop(connection: Owner, model: Model, generation: Generation) -> None:
    """Throw away a generation: its tables, checkpoints and parked events. Raises StoodOn."""
    with translated(), _ours_alone():
        async with connection.transaction():
            await _drop(connection, model, generation)


async def exists(connection: Owner, model: Model, generation: Generation) -> bool:
    """Whether the tables of this generation are there."""
    with translated():
        found = await connection.fetch(
            "SELECT to_regclass($1 || '.' || n) IS NOT NULL AS there FROM unnest($2::text[]) AS n",
            generation.schema,
            list(model.owned),
        )
    return bool(found) and all(row["there"] for row in found)


@asynccontextmanager
async def _moving(connection: Owner) -> AsyncIterator[None]:
    """What gives up where others are in the way, and leaves no transaction. Raises TablesBusy."""
    try:
        with translated(), _ours_alone():
            try:
                yield
            except _IN_THE_WAY as error:
                raise TablesBusy(f"others are at the tables ({type(error).__name__})") from None
    finally:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK")


@contextmanager
def _ours_alone() -> Iterator[None]:
    """Where tables can only be dropped with what others have made over them. Raises StoodOn."""
    try:
        yield
    except asyncpg.DependentObjectsStillExistError:
        raise StoodOn(
            "views of somebody's own are over what is to be dropped: drop those first"
        ) from None


async def _drop(connection: Owner, model: Model, generation: Generation) -> None:
    for table in _names(model):
        await connection.execute(f"DROP TABLE IF EXISTS {generation.schema}.{table}")
    for what in _NOTED:
        await connection.execute(
            f"DELETE FROM {what} WHERE projection = $1",  # noqa: S608  # names of ours
            model.identifier + generation.suffix,
        )


def _by_log(rows: Sequence[asyncpg.Record]) -> dict[UUID, int]:
    return {row["tenant"]: row["position"] for row in rows}


def _names(model: Model) -> Sequence[str]:
    assert all(map(NAME.fullmatch, model.owned)), f"{model.owned} are no names of tables"
    return model.owned

"""Rows are put into a table under row-level security, however many they are."""

from __future__ import annotations

from uuid import UUID

import pytest

from adapters.postgres.putting import COPIED_ROWS
from domain.ports import Table
from tests.fixtures.postgres import OpenPostgres, Owner

LOG = UUID("0192f0aa-0000-7000-8000-00000000000a")
NOTE = Table("note_1", ("tenant", "id", "words", "body"), ("tenant", "id"))
SEEN = Table("seen_1", ("tenant", "id"), ("tenant", "id"))


@pytest.fixture
async def tables(owner: Owner) -> None:
    """Two tables of a read model, one of nothing but a key."""
    await owner.execute(
        "CREATE SCHEMA IF NOT EXISTS rm; GRANT USAGE ON SCHEMA rm TO parley_node, parley_projector"
    )
    for table in ("note_1", "seen_1"):
        rest = ", words text[] NOT NULL, body jsonb" if table == "note_1" else ""
        await owner.execute(
            f"CREATE TABLE rm.{table} (tenant uuid, id text{rest}, PRIMARY KEY (tenant, id));"
            f" SELECT es.protect('rm.{table}'); GRANT SELECT ON rm.{table} TO parley_node;"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON rm.{table} TO parley_projector"
        )


@pytest.mark.parametrize("count", [1, COPIED_ROWS - 1, COPIED_ROWS, 3 * COPIED_ROWS])
async def test_rows_are_put_in_the_place_of_those_with_the_same_key(
    open_postgres: OpenPostgres, owner: Owner, tables: None, count: int
) -> None:
    """Whether there are few or many; twice in one transaction, and again in another."""
    models = open_postgres().read_models

    def rows(body: str, first: int = 0) -> list[tuple[object, ...]]:
        return [(LOG, str(n), [f"w{n}", 'a "b"'], body) for n in range(first, first + count)]

    async with models.projecting(LOG) as transaction:
        await transaction.put(NOTE, rows('{"n": 1}'))
        await transaction.put(NOTE, rows('{"n": 2}', first=1))
    async with models.projecting(LOG) as transaction:
        await transaction.put(NOTE, rows('{"n": 3}', first=2))
    found = await owner.fetch("SELECT id, words, body ->> 'n' AS n FROM rm.note_1")
    assert {(row["id"], row["n"]) for row in found} == {
        ("0", "1"),
        ("1", "2"),
        *((str(n), "3") for n in range(2, count + 2)),
    }
    assert ["w0", 'a "b"'] in [row["words"] for row in found]


async def test_a_row_of_nothing_but_its_key_may_be_there_already(
    open_postgres: OpenPostgres, owner: Owner, tables: None
) -> None:
    """There is nothing to replace in it."""
    models = open_postgres().read_models
    for _ in range(2):
        async with models.projecting(LOG) as transaction:
            await transaction.put(SEEN, [(LOG, "a")])
    assert await owner.fetchval("SELECT count(*) FROM rm.seen_1") == 1


async def test_what_was_put_is_rolled_back_with_its_transaction(
    open_postgres: OpenPostgres, owner: Owner, tables: None
) -> None:
    """And the rows on their way do not come back with the next."""
    models = open_postgres().read_models
    rows = [(LOG, str(n)) for n in range(COPIED_ROWS)]
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # it is raised in the transaction
        async with models.projecting(LOG) as transaction:
            await transaction.put(SEEN, rows)
            raise ZeroDivisionError
    async with models.projecting(LOG) as transaction:
        await transaction.put(SEEN, [(LOG, f"new {n}") for n in range(COPIED_ROWS)])
    assert await owner.fetchval("SELECT count(*) FROM rm.seen_1") == COPIED_ROWS

"""Snapshots as rows: what somebody with the database can see of them, change, and get by it."""

from __future__ import annotations

from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from domain.ports import Snapshot
from tests.doubles.appends import OTHER, STREAM, SUBJECT, append, part, said
from tests.fixtures.postgres import OpenPostgres, Owner

LOG = UUID(int=77)
SECRET = b"what somebody is called"


@pytest.fixture
async def kept(postgres: PostgresDatabase) -> Snapshot:
    """A snapshot of a stream of two events, in a log that has another such stream."""
    await postgres.store.create_log(LOG, "demo")
    streams = (STREAM, STREAM, OTHER, OTHER)
    commands = [append(n, part(said(), stream=stream)) for n, stream in enumerate(streams)]
    await postgres.store.append_batch(LOG, commands)
    _, event = await postgres.store.read_stream(LOG, STREAM, 0, 2)
    snapshot = Snapshot(STREAM, 2, event.hash, 1, SUBJECT, SECRET)
    await postgres.snapshots.keep_snapshot(LOG, snapshot)
    return snapshot


async def test_another_node_finds_it(kept: Snapshot, open_postgres: OpenPostgres) -> None:
    """One whose keys are not at hand yet, too."""
    assert await open_postgres().snapshots.find_snapshot(LOG, STREAM, 1) == kept


async def test_nothing_of_it_stands_in_clear(kept: Snapshot, owner: Owner) -> None:
    """The state is ciphertext, and tells by its length only how large it is."""
    row = await owner.fetchrow("SELECT * FROM es.snapshot")
    assert row is not None
    assert SECRET not in row["state"]
    assert len(row["state"]) == len(SECRET) + 1 + 12 + 16


HASH_OF = "(SELECT hash FROM es.event WHERE stream = '{}' AND version = {})"
CHANGES = (
    "state = set_byte(state, 20, get_byte(state, 20) # 1)",
    "state = set_byte(state, 0, 2)",
    "state = ''",
    "form = 2",
    f"version = 1, hash = {HASH_OF.format(STREAM, 1)}",
    f"stream = '{OTHER}'",
    f"stream = '{OTHER}', hash = {HASH_OF.format(OTHER, 2)}",
    "key_id = gen_random_uuid()",
)


async def test_a_row_that_was_changed_is_none(
    kept: Snapshot, postgres: PostgresDatabase, owner: Owner
) -> None:
    """Whatever it is made to say it was made of: it is found by nobody, and nothing fails."""
    for change in CHANGES:
        await owner.execute("DELETE FROM es.snapshot")
        await postgres.snapshots.keep_snapshot(LOG, kept)
        assert await owner.execute(f"UPDATE es.snapshot SET {change}") == "UPDATE 1"
        for stream in (STREAM, OTHER):
            for form in (1, 2):
                found = await postgres.snapshots.find_snapshot(LOG, stream, form)
                assert found is None, change


async def test_one_of_another_history_is_none(
    kept: Snapshot, postgres: PostgresDatabase, owner: Owner
) -> None:
    """Where another event stands at its version, as after a restore that lost something."""
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER event_is_append_only")
    await owner.execute(f"UPDATE es.event SET hash = sha256('x') WHERE stream = '{STREAM}'")
    assert await postgres.snapshots.find_snapshot(LOG, STREAM, 1) is None


async def test_an_erasure_leaves_no_row(
    kept: Snapshot, postgres: PostgresDatabase, owner: Owner
) -> None:
    """Not even the ciphertext stays, and another tenant's erasure takes nothing here."""
    other = UUID(int=78)
    await postgres.store.create_log(other, "other")
    await postgres.store.append_batch(other, [append(1)])
    await postgres.store.destroy_key(other, SUBJECT)
    assert await owner.fetchval("SELECT count(*) FROM es.snapshot") == 1
    await postgres.store.destroy_key(LOG, SUBJECT)
    assert await owner.fetchval("SELECT count(*) FROM es.snapshot") == 0

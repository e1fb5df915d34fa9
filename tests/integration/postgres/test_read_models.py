"""Transactions of read models: all or nothing, fenced by the checkpoint; labels under keys."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.settings import PostgresSettings
from domain.errors import BatchRefused, StoreUnavailable
from projections.ports import NOTHING, Checkpoint
from tests.doubles.appends import append, uuid
from tests.fixtures.postgres import OpenPostgres, Owner

LOG = uuid(900)
FIRST = Checkpoint(5, b"mark-five")
SECOND = Checkpoint(9, b"mark-nine")
STEPS = 30
"""Turns of the event loop in which a read is through, and more."""


@pytest.fixture
async def log(postgres: PostgresDatabase, owner: Owner) -> UUID:
    """A log, and a read model's table."""
    await postgres.store.create_log(LOG, "demo")
    await owner.execute("CREATE TABLE public.seen (tenant uuid, text text)")
    await owner.execute("SELECT es.protect('public.seen')")
    await owner.execute("GRANT SELECT ON public.seen TO parley_node")
    await owner.execute("GRANT ALL ON public.seen TO parley_projector")
    return LOG


async def _move(database: PostgresDatabase, was: Checkpoint, to: Checkpoint) -> bool:
    async with database.read_models.projecting(LOG) as transaction:
        return await transaction.move_checkpoint("seen", LOG, was, to)


async def _seen(database: PostgresDatabase, log: UUID) -> list[str]:
    async with database.read_models.reading(log) as transaction:
        return [str(row["text"]) for row in await transaction.fetch("SELECT * FROM public.seen")]


async def test_a_checkpoint_moves_from_where_it_stands(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """From nothing to the first, and on; each is read back."""
    models = postgres.read_models
    assert await models.checkpoint("seen", log) == NOTHING
    assert await _move(postgres, NOTHING, FIRST)
    assert await _move(postgres, FIRST, SECOND)
    assert await models.checkpoint("seen", log) == SECOND
    assert await models.checkpoints("seen") == {log: SECOND}
    assert await models.checkpoints("other") == {}


@pytest.mark.parametrize(
    "stale",
    [
        pytest.param(NOTHING, id="begun by another"),
        pytest.param(Checkpoint(4, FIRST.mark), id="another position"),
        pytest.param(Checkpoint(5, b"another"), id="another history"),
    ],
)
async def test_a_stale_projector_is_fenced(
    postgres: PostgresDatabase, log: UUID, stale: Checkpoint
) -> None:
    """A checkpoint that does not stand there is not moved."""
    await _move(postgres, NOTHING, FIRST)
    assert not await _move(postgres, stale, SECOND)
    assert await postgres.read_models.checkpoint("seen", log) == FIRST


async def test_a_checkpoint_that_never_was_cannot_be_moved_on(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """Where a projection never ran, only nothing is what was."""
    assert not await _move(postgres, FIRST, SECOND)


async def test_two_projectors_at_once(open_postgres: OpenPostgres, log: UUID) -> None:
    """The second waits for the first one's commit and is then fenced."""
    one, other = open_postgres(), open_postgres()
    await _move(one, NOTHING, FIRST)
    async with one.read_models.projecting(log) as transaction:
        assert await transaction.move_checkpoint("seen", log, FIRST, SECOND)
        # Not committed yet: the other still reads where it stood.
        assert await other.read_models.checkpoint("seen", log) == FIRST
    assert not await _move(other, FIRST, Checkpoint(7, b"mark-seven"))


async def test_rows_and_checkpoint_move_together(postgres: PostgresDatabase, log: UUID) -> None:
    """Both are there after the transaction, neither after an error in it."""
    insert = "INSERT INTO public.seen VALUES ($1, $2)"
    async with postgres.read_models.projecting(log) as transaction:
        await transaction.execute_many(insert, [(log, "a"), (log, "b")])
        await transaction.move_checkpoint("seen", log, NOTHING, FIRST)

    async def fail() -> None:
        async with postgres.read_models.projecting(log) as transaction:
            await transaction.execute(insert, log, "c")
            await transaction.move_checkpoint("seen", log, FIRST, SECOND)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await _seen(postgres, log) == ["a", "b"]
    assert await postgres.read_models.checkpoint("seen", log) == FIRST


async def test_a_failure_that_was_passed_over_is_no_commit(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """PostgreSQL answers COMMIT of a failed transaction by a rollback: that is told, not hidden."""

    async def pass_over() -> None:
        async with postgres.read_models.projecting(log) as transaction:
            await transaction.execute("INSERT INTO public.seen VALUES ($1, 'lost')", log)
            with pytest.raises(BatchRefused):
                await transaction.execute("SELECT 1 / 0")

    with pytest.raises(StoreUnavailable):
        await pass_over()
    assert await _seen(postgres, log) == []


async def test_a_reader_sees_its_tenant_only(postgres: PostgresDatabase, log: UUID) -> None:
    """A query without a WHERE gives one tenant's rows, on a connection that has served another."""
    other = uuid(901)
    async with postgres.read_models.projecting(log) as transaction:
        rows = [(log, "ours"), (other, "theirs")]
        await transaction.execute_many("INSERT INTO public.seen VALUES ($1, $2)", rows)
    assert await _seen(postgres, log) == ["ours"]
    assert await _seen(postgres, other) == ["theirs"]


async def test_a_label_opens_in_its_column_until_the_erasure(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """Content labels come back, elsewhere they are None, and after the erasure everywhere."""
    cipher = postgres.cipher
    await postgres.store.append_batch(log, [append(1)])
    plain = [("visitor-1", b"Ada"), ("visitor-2", b"Eve")]
    encrypted = await cipher.encrypt(log, "names", plain)
    labels = [
        (subject, label) for (subject, _), label in zip(plain, encrypted, strict=True) if label
    ]
    assert await cipher.decrypt(log, "names", labels) == [b"Ada", b"Eve"]
    assert await cipher.decrypt(log, "mails", labels) == [None, None]
    swapped = [("visitor-2", labels[0][1])]
    assert await cipher.decrypt(log, "names", swapped) == [None]
    await postgres.store.destroy_key(log, "visitor-1")
    assert await cipher.decrypt(log, "names", labels) == [None, b"Eve"]
    assert await cipher.encrypt(log, "names", plain[:1]) == [None]


async def test_a_blind_digest_finds_equal_texts_only(
    open_postgres: OpenPostgres, postgres: PostgresDatabase, log: UUID
) -> None:
    """Equal on every node for the same purpose and tenant, and for nothing else."""
    other = uuid(901)
    await postgres.store.create_log(other, "other")
    digests = await postgres.cipher.digests(log, "mail", ["a@b.example", "c@d.example"])
    assert len(set(digests)) == 2
    assert await open_postgres().cipher.digests(log, "mail", ["a@b.example"]) == digests[:1]
    assert await postgres.cipher.digests(log, "word", ["a@b.example"]) != digests[:1]
    assert await postgres.cipher.digests(other, "mail", ["a@b.example"]) != digests[:1]


async def test_opening_a_label_makes_no_key(
    postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """A label of a subject that has no key is one that cannot be opened."""
    assert await postgres.cipher.decrypt(log, "names", [("visitor-7", b"label")]) == [None]
    assert await owner.fetchval("SELECT count(*) FROM es.subject_key") == 0


async def test_keys_in_memory_need_no_connection(open_postgres: OpenPostgres, log: UUID) -> None:
    """With every reading connection taken, labels under known keys are encrypted and opened."""
    settings = PostgresSettings(read_connections=1, acquire_timeout_s=1.0)
    database = open_postgres(settings=settings)
    (label,) = await database.cipher.encrypt(log, "names", [("visitor-1", b"Ada")])
    assert label is not None
    async with database.read_models.reading(log):
        assert await database.cipher.decrypt(log, "names", [("visitor-1", label)]) == [b"Ada"]
        assert await database.cipher.encrypt(log, "names", [("visitor-1", b"Ada")]) != [None]


async def test_a_transaction_has_an_end(open_postgres: OpenPostgres, log: UUID) -> None:
    """One that its owner forgot is cut off: nothing of it happens, and its connection is free."""
    settings = PostgresSettings(projector_connections=1, transaction_timeout_ms=200)
    database = open_postgres(settings=settings)

    async def forget() -> None:
        async with database.read_models.projecting(log) as transaction:
            await transaction.execute("INSERT INTO public.seen VALUES ($1, 'lost')", log)
            await asyncio.Event().wait()

    with pytest.raises(StoreUnavailable):
        await forget()
    assert await _seen(database, log) == []
    assert await _move(database, NOTHING, FIRST)


async def test_who_is_cancelled_at_any_await_leaves_no_transaction(
    postgres: PostgresDatabase, log: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    """Each one is, as where a client goes away in the middle of an export: to roll back as well."""
    assert await _seen(postgres, log) == []
    for steps in range(STEPS):
        task = asyncio.create_task(_seen(postgres, log))
        for _ in range(steps):
            await asyncio.sleep(0)
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert await _seen(postgres, log) == []
    assert "active transaction" not in caplog.text


async def test_the_server_ends_old_transactions_too(
    postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """Also those of a node that stands still, where PostgreSQL can."""
    if owner.get_server_version().major < 17:
        pytest.skip("PostgreSQL before 17 has no limit for transactions")
    async with postgres.read_models.reading(log) as transaction:
        (row,) = await transaction.fetch("SELECT current_setting('transaction_timeout') AS limit")
    assert row["limit"] == "30s"

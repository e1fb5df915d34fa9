"""Master keys, subject keys and what they protect: rotation, loss, tampering, erasure."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from asyncpg.connection import LoggedQuery

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.installation import WrongMasterKey, prepare, redraw_epoch
from adapters.postgres.masterkeys import MasterKeys
from adapters.postgres.rotation import rotate
from adapters.postgres.settings import PostgresSettings
from domain.agent.events import AgentCreated
from domain.append import Append, Appended, Known
from domain.envelope import Actor, NewEvent
from domain.errors import BatchRefused, StoreUnavailable
from domain.group_commit import GroupCommit
from tests.doubles.appends import STREAM, append, part, said, uuid
from tests.doubles.clock import ManualClock
from tests.fixtures.postgres import MASTERS, OpenPostgres, Owner, SystemIds, owner_of
from tests.integration.postgres.catalog import objects
from tests.integration.postgres.parked import locked

LOG = uuid(900)
OLD, NEW = b"the master key of tests: 32 byte", b"another master key of 32 bytes.."
BOTH = MasterKeys([NEW, OLD])
SENTINEL = "Zaphod"


@pytest.fixture
async def log(postgres: PostgresDatabase) -> UUID:
    """A log with an event each of three subjects."""
    await postgres.store.create_log(LOG, "demo")
    await postgres.store.append_batch(
        LOG, [append(n, part(said(subject=f"visitor-{n}"))) for n in range(3)]
    )
    return LOG


async def _texts(database: PostgresDatabase) -> list[str]:
    return [event.data.body.text for event in await database.store.read_log(LOG, 0, 100)]


async def test_another_master_key_is_refused(postgres_url: str, log: UUID) -> None:
    """A start without the key that the data is under ends with a sentence that says which."""
    with pytest.raises(WrongMasterKey, match=MASTERS.current):
        await prepare(postgres_url, MasterKeys([NEW]))
    await prepare(postgres_url, MASTERS)


async def test_rotation_wraps_every_key_anew(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Afterwards the new key alone opens everything, the old one nothing; events are untouched."""
    await open_postgres().store.destroy_key(log, "visitor-2")
    before = await owner.fetch("SELECT * FROM es.event ORDER BY position")
    await prepare(postgres_url, BOTH)
    assert await rotate(owner, BOTH, SystemIds().random) == 2
    assert await owner.fetch("SELECT * FROM es.event ORDER BY position") == before
    await prepare(postgres_url, MasterKeys([NEW]))
    rotated = open_postgres(masters=MasterKeys([NEW]))
    data = [event.data for event in await rotated.store.read_log(log, 0, 100)]
    assert [one is None for one in data] == [False, False, True]
    with pytest.raises(WrongMasterKey):
        await prepare(postgres_url, MASTERS)


async def test_both_keys_serve_during_a_rotation(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Between entering the new key and the rotation's end neither key may be missing."""
    await prepare(postgres_url, BOTH)
    node = open_postgres(masters=BOTH)
    await node.store.append_batch(log, [append(9, part(said(subject="visitor-9")))])
    assert await _texts(node) == ["hello"] * 4
    for alone in (NEW, OLD):
        with pytest.raises(WrongMasterKey):
            await prepare(postgres_url, MasterKeys([alone]))
    assert await rotate(owner, BOTH, SystemIds().random) == 3


async def test_a_rotation_that_was_cut_off_goes_on(
    postgres_url: str, owner: Owner, log: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off after its first page, it says that the old key is still needed, and then ends."""
    monkeypatch.setattr("adapters.postgres.rotation.PAGE_KEYS", 1)
    await prepare(postgres_url, BOTH)
    drawn = 0

    def random(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        if drawn == 2:
            raise KeyboardInterrupt
        return SystemIds().random(count)

    with pytest.raises(KeyboardInterrupt):
        await rotate(owner, BOTH, random)
    with pytest.raises(WrongMasterKey):
        await prepare(postgres_url, MasterKeys([NEW]))
    assert await rotate(owner, BOTH, SystemIds().random) == 2
    await prepare(postgres_url, MasterKeys([NEW]))


async def test_a_rotation_goes_through_the_keys_once(
    postgres_url: str, owner: Owner, log: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page begins behind the one before: what is done is not looked through again."""
    monkeypatch.setattr("adapters.postgres.rotation.PAGE_KEYS", 1)
    await prepare(postgres_url, BOTH)
    looks: list[UUID] = []

    def note(query: LoggedQuery) -> None:
        if "LIMIT" in query.query:
            looks.append(query.args[3])

    with owner.query_logger(note):
        assert await rotate(owner, BOTH, SystemIds().random) == 3
    keys = await owner.fetch("SELECT key_id FROM es.subject_key ORDER BY key_id")
    assert looks == [UUID(int=0), *(row["key_id"] for row in keys)]


async def test_a_rotation_takes_its_turn_with_appends(
    postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Keys are wrapped anew under the log's lock, so an erasure that came before stays one."""
    await prepare(postgres_url, BOTH)
    async with owner_of(postgres_url) as another:
        async with locked(postgres_url, log):
            rotation = asyncio.create_task(rotate(another, BOTH, SystemIds().random))
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not await owner.fetchval(waits):  # noqa: ASYNC110  # the server tells nobody
                await asyncio.sleep(0.01)
            await owner.execute(
                "UPDATE es.subject_key SET wrapped = NULL, destroyed_at = now()"
                " WHERE subject = 'visitor-0'"
            )
        assert await rotation == 2


async def test_a_node_that_missed_a_rotation_makes_no_keys(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """With the old key alone it neither adds keys that would be lost nor loses commands."""
    await prepare(postgres_url, BOTH)
    await rotate(owner, BOTH, SystemIds().random)
    new = append(30, part(said(subject="visitor-30")))
    with pytest.raises(StoreUnavailable):
        await postgres.store.append_batch(log, [new])
    with pytest.raises(StoreUnavailable):
        await postgres.cipher.encrypt(log, "names", [("visitor-31", b"Ada")])
    postgres.keys.forget(log, "visitor-1")
    with pytest.raises(StoreUnavailable, match=BOTH.current):
        await postgres.store.append_batch(log, [append(31)])
    assert await owner.fetchval("SELECT count(*) FROM es.subject_key") == 3


async def test_no_nonce_is_used_twice(postgres: PostgresDatabase, owner: Owner, log: UUID) -> None:
    """Not in a command, a batch, in two, nor alone: with two texts under one, both are open."""
    for first in (10, 20):
        batch = [append(first + n, part(said("a"), said("b"))) for n in range(3)]
        await postgres.store.append_batch(LOG, batch)
        await postgres.store.append_batch(LOG, [append(first + 5)])
    nonces = await owner.fetch("SELECT substring(data FROM 3 FOR 12) FROM es.event")
    assert len(set(nonces)) == len(nonces) == 17


async def test_one_damaged_key_fails_its_own_commands_only(
    open_postgres: OpenPostgres, owner: Owner, log: UUID
) -> None:
    """The group commit finds the command under it by halving; all others are written."""
    await owner.execute(
        "UPDATE es.subject_key SET wrapped = sha256(wrapped) WHERE subject = 'visitor-1'"
    )
    group = GroupCommit(open_postgres().store, lambda _: None)
    commands = [append(40 + n, part(said(subject=f"visitor-{n}"))) for n in range(3)]
    answers = await asyncio.gather(
        *(group.submit(log, command) for command in commands), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Appended, BatchRefused, Appended]


async def test_a_wrapped_key_of_another_subject_does_not_open(
    open_postgres: OpenPostgres, owner: Owner, log: UUID
) -> None:
    """Whoever writes the database cannot give one subject's key to another."""
    await owner.execute(
        """
        UPDATE es.subject_key SET wrapped = (
            SELECT wrapped FROM es.subject_key WHERE subject = 'visitor-1'
        ) WHERE subject = 'visitor-2'
        """
    )
    events = await open_postgres().store.read_log(log, 0, 100)
    assert [event.damaged for event in events] == [False, False, True]


@pytest.mark.parametrize(
    "column",
    [
        "type = 'note.added'",
        "event_id = gen_random_uuid()",
        "metadata = '\\x80'",
        "data = '\\x'",
        "data = '\\xff' || data",
    ],
)
async def test_an_event_that_was_changed_is_damaged(
    open_postgres: OpenPostgres,
    owner: Owner,
    log: UUID,
    caplog: pytest.LogCaptureFixture,
    column: str,
) -> None:
    """It comes without data, and not as erased; those around it are read; one alarm is given."""
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER event_is_append_only")
    await owner.execute(f"UPDATE es.event SET {column} WHERE position = 2")
    store = open_postgres().store
    for _ in range(2):
        events = await store.read_log(log, 0, 100)
        assert [event.damaged for event in events] == [False, True, False]
        assert [event.data is None for event in events] == [False, True, False]
    (alarm,) = (record for record in caplog.records if "alarm" in record.message)
    assert alarm.message.startswith(f"alarm: event 2 of log {log} is damaged")


async def test_an_event_without_its_key_row_is_damaged(
    open_postgres: OpenPostgres, owner: Owner, log: UUID
) -> None:
    """A lost key is not an erasure, and is not passed over as one."""
    await owner.execute("ALTER TABLE es.subject_key DISABLE TRIGGER keys_stay")
    await owner.execute("DELETE FROM es.subject_key WHERE subject = 'visitor-1'")
    events = await open_postgres().store.read_log(log, 0, 100)
    assert [event.damaged for event in events] == [False, True, False]


async def test_a_command_whose_event_is_damaged_is_known_all_the_same(
    open_postgres: OpenPostgres, owner: Owner, log: UUID
) -> None:
    """Sent again it gets its place, as one of an erased subject does; nothing new is written."""
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER event_is_append_only")
    await owner.execute("UPDATE es.event SET data = '' WHERE position = 2")
    again = append(1, part(said(subject="visitor-1")))
    (answer,) = await open_postgres().store.append_batch(log, [again])
    assert isinstance(answer, Known)
    assert (answer.last.position, answer.last.damaged, answer.same) == (2, True, True)


async def test_an_erasure_elsewhere_is_felt_when_the_key_gets_old(
    open_postgres: OpenPostgres, log: UUID
) -> None:
    """A key in memory serves reading for its time only; forgetting it does so at once."""
    clock = ManualClock()
    settings = PostgresSettings(key_cache_age_s=60.0)
    reader, other = open_postgres(clock=clock, settings=settings), open_postgres()
    assert await _texts(reader) == ["hello"] * 3
    await other.store.destroy_key(log, "visitor-0")
    await other.store.destroy_key(log, "visitor-1")
    reader.keys.forget(log, "visitor-1")
    first, second, _ = await reader.store.read_log(log, 0, 100)
    assert first.data is not None
    assert second.data is None
    await clock.advance(61.0)
    first, *_ = await reader.store.read_log(log, 0, 100)
    assert first.data is None


async def test_few_keys_in_memory_are_enough(open_postgres: OpenPostgres, log: UUID) -> None:
    """With room for one key everything can still be read and written."""
    small = open_postgres(settings=PostgresSettings(key_cache_size=1))
    assert await _texts(small) == ["hello"] * 3
    await small.store.append_batch(
        log, [append(20 + n, part(said(subject=f"visitor-{n}"))) for n in range(3)]
    )
    assert await _texts(small) == ["hello"] * 6


async def test_nothing_personal_is_in_plaintext(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """What people wrote and how they are called is in no column of any table, in no encoding."""
    name = SENTINEL + " Beeblebrox"
    written = Append(
        command=uuid(60),
        actor=Actor("visitor", "visitor-1", name),
        content=SENTINEL.encode(),
        parts=(
            part(said(f"I am {SENTINEL}"), said(SENTINEL * 400)),
            part(NewEvent(AgentCreated(f"{SENTINEL}@example.com", name, "agent", "h"), "agent-1")),
        ),
    )
    await postgres.store.append_batch(log, [written])
    await postgres.cipher.encrypt(log, "sessions.name", [("visitor-1", name.encode())])
    tables = [
        one.removeprefix("table ")
        for one, body in (await objects(postgres_url)).items()
        if one.startswith("table ") and body.startswith("r ")
    ]
    assert "es.event" in tables
    for table in tables:
        for row in await owner.fetch(f"SELECT * FROM {table}"):
            stored = b" ".join(
                value if isinstance(value, bytes) else str(value).encode() for value in row
            )
            assert SENTINEL.encode() not in stored, table
    (event,) = await postgres.store.read_stream(log, STREAM, 3, 1)
    assert event.actor.name == name


async def test_the_epoch_is_drawn_anew_on_another_server(
    postgres: PostgresDatabase, owner: Owner
) -> None:
    """It stays while server and timeline are those stored beside it, and only then."""
    epoch = await postgres.store.epoch()
    assert await postgres.store.epoch() == epoch
    assert len(bytes.fromhex(epoch)) == 8
    for change in ("system_identifier = system_identifier + 1", "timeline = timeline + 1"):
        await owner.execute(f"UPDATE es.installation SET {change}")
        drawn = await postgres.store.epoch()
        assert drawn != epoch
        assert await postgres.store.epoch() == drawn
        epoch = drawn
    assert await redraw_epoch(owner) == await postgres.store.epoch() != epoch

"""The chain shows every change of a stored event, at its position."""

from __future__ import annotations

from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.verification import Kept, open_verifier
from domain.chain import Link, genesis, next_hash
from domain.conversation.events import ConversationClosed
from domain.envelope import NewEvent
from domain.event_types import REGISTRY
from domain.ports import LogHead
from tests.doubles.appends import OTHER, append, part, said, uuid
from tests.fixtures.postgres import OpenPostgres, Owner
from tests.unit.golden.chain import LOG as VECTOR_LOG
from tests.unit.golden.chain import VECTORS, link_of

LOG = uuid(900)


@pytest.fixture
async def log(postgres: PostgresDatabase, owner: Owner) -> UUID:
    """Six events, and a superuser who has turned the triggers off."""
    await postgres.store.create_log(LOG, "demo")
    for n in range(3):
        await postgres.store.append_batch(
            LOG, [append(n, part(said()), part(said(), stream=OTHER))]
        )
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER event_is_append_only")
    return LOG


async def test_an_untouched_log_is_whole(postgres: PostgresDatabase, log: UUID) -> None:
    """The verdict has the last event's position and hash."""
    verdict = await postgres.verifier.verify_chain(log)
    (head,) = await postgres.store.heads([log])
    assert verdict.ok
    assert (verdict.head, verdict.hash) == (head.position, head.hash) == (6, head.hash)


async def test_an_empty_log_is_whole(postgres: PostgresDatabase, log: UUID) -> None:
    """It stands at 0, with the hash of its id."""
    await postgres.store.create_log(uuid(901), "empty")
    verdict = await postgres.verifier.verify_chain(uuid(901))
    assert (verdict.ok, verdict.head, verdict.hash) == (True, 0, genesis(uuid(901)))


@pytest.mark.parametrize(
    "change",
    [
        "stream = 'elsewhere'",
        "version = 99",
        "type = 'note.added'",
        "schema_version = 2",
        "event_id = gen_random_uuid()",
        "actor_role = 'agent'",
        "actor_id = 'somebody'",
        "key_id = gen_random_uuid()",
        "metadata = '\\x80'",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "data = data || '\\x00'",
        "hash = sha256(hash)",
    ],
)
async def test_every_change_is_found(
    postgres: PostgresDatabase, owner: Owner, log: UUID, change: str
) -> None:
    """A change of any column that is hashed, or of the hash, is found where it was made."""
    await owner.execute(f"UPDATE es.event SET {change} WHERE position = 4")
    verdict = await postgres.verifier.verify_chain(log)
    assert (verdict.ok, verdict.broken_at, verdict.head) == (False, 4, 3)


@pytest.mark.parametrize("decided", [1, 2])
async def test_a_wrong_decided_is_found(
    postgres: PostgresDatabase, owner: Owner, log: UUID, decided: int
) -> None:
    """Expectations rest on it and no hash covers it: it must be the last deciding version."""
    await owner.execute(f"UPDATE es.event SET decided = {decided} WHERE position = 4")
    verdict = await postgres.verifier.verify_chain(log)
    assert (verdict.ok, verdict.broken_at, verdict.head) == (False, 4, 3)
    assert "deciding" in verdict.reason


async def test_a_deciding_event_is_known_as_one(postgres: PostgresDatabase, log: UUID) -> None:
    """Of a type that decides the version is the event's own, and goes on to those behind it."""
    closed = NewEvent(ConversationClosed(), "visitor-1")
    await postgres.store.append_batch(log, [append(10, part(closed, said()))])
    assert (await postgres.verifier.verify_chain(log)).ok


@pytest.mark.parametrize("versions", [(1, 3), (2,), (1, 1)])
async def test_a_gap_in_a_stream_is_found(
    postgres: PostgresDatabase, owner: Owner, log: UUID, versions: tuple[int, ...]
) -> None:
    """Whoever computes the chain anew can leave out a version, but not unseen."""
    await owner.execute("ALTER TABLE es.event DROP CONSTRAINT event_tenant_stream_version_key")
    for version in versions:
        await _forge(owner, await _head(postgres), version)
    verdict = await postgres.verifier.verify_chain(log)
    assert (verdict.ok, verdict.broken_at) == (False, 6 + len(versions))
    assert "does not follow" in verdict.reason


async def test_streams_are_followed_across_pages(
    open_postgres: OpenPostgres, owner: Owner, log: UUID
) -> None:
    """However small the pages are, what stood before each is known."""
    small = open_postgres(settings=PostgresSettings(page_bytes=1))
    assert [len(rows) async for rows in small.verifier.walk(log)] == [1] * 6
    assert (await small.verifier.verify_chain(log)).ok
    await owner.execute("UPDATE es.event SET decided = 1 WHERE position = 5")
    assert (await small.verifier.verify_chain(log)).broken_at == 5


async def test_no_key_is_needed(postgres_url: str, postgres: PostgresDatabase, log: UUID) -> None:
    """Whoever has lost the master key can still prove that the log is whole."""
    async with open_verifier(postgres_url, REGISTRY) as verifier:
        found = await verifier.head("demo")
        assert found == await _head(postgres)
        assert (await verifier.verify_chain(found.log)).head == found.position == 6
        assert await verifier.head("nobody") is None


async def _head(postgres: PostgresDatabase) -> LogHead:
    (head,) = await postgres.store.heads([LOG])
    return head


async def _forge(owner: Owner, head: LogHead, version: int) -> None:
    """Write an event of a stream of its own as the log's next, with the hash that it must have."""
    link = Link(
        log=LOG,
        position=head.position + 1,
        stream="conversation-forged",
        version=version,
        type="message.posted",
        schema_version=1,
        event_id=uuid(7000 + head.position),
        actor_role="visitor",
        actor_id="x",
        recorded_at=4_000_000_000_000_000 + head.position,
        key_id=uuid(78),
        metadata=b"",
        data=b"",
    )
    at = "timestamptz 'epoch' + $7::bigint * interval '1 microsecond'"
    await owner.execute(
        f"INSERT INTO es.event VALUES ($1, $2, $3, $4, 0, $5, 1, $6, 'visitor', 'x', $8, '', {at},"
        " '', $9)",
        LOG,
        link.position,
        link.stream,
        version,
        link.type,
        link.event_id,
        link.recorded_at,
        link.key_id,
        next_hash(head.hash, link),
    )


async def test_a_missing_event_is_found(
    postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """A deleted row is a hole, even where the later ones are moved up."""
    await owner.execute("DELETE FROM es.event WHERE position = 4")
    assert (await postgres.verifier.verify_chain(log)).broken_at == 4
    await owner.execute("UPDATE es.event SET position = position - 1 WHERE position = 5")
    assert (await postgres.verifier.verify_chain(log)).broken_at == 4


async def test_swapped_events_are_found(
    postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """Two events that changed places are found at the first."""
    for before, after in ((2, 99), (5, 2), (99, 5)):
        await owner.execute("UPDATE es.event SET position = $2 WHERE position = $1", before, after)
    assert (await postgres.verifier.verify_chain(log)).broken_at == 2


async def test_a_cut_off_end_needs_a_hash_from_elsewhere(
    postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """A shortened log is a valid one, unless somebody kept a later hash."""
    (head,) = await postgres.store.heads([log])
    await owner.execute("DELETE FROM es.event WHERE position > 4")
    assert (await postgres.verifier.verify_chain(log)).ok
    verdict = await postgres.verifier.verify_chain(log, [Kept(head.position, head.hash)])
    assert (verdict.broken_at, verdict.head) == (5, 4)


async def test_another_history_needs_a_hash_from_elsewhere(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """A log that does not have the kept hash is told apart, and one that has it is not."""
    event = (await postgres.store.read_log(log, 2, 1))[0]
    assert (await postgres.verifier.verify_chain(log, [Kept(3, event.hash)])).ok
    verdict = await postgres.verifier.verify_chain(log, [Kept(3, b"\0" * 32)])
    assert verdict.broken_at == 3


async def test_a_walk_goes_on_from_where_it_stood(postgres: PostgresDatabase, log: UUID) -> None:
    """Pages come in order from any position, each by a read of its own."""
    pages = [
        [row.position for row in rows]
        async for rows in postgres.verifier.walk(log, from_position=2, page_events=2)
    ]
    assert pages == [[2, 3], [4, 5], [6]]


async def test_erased_events_are_verified_too(postgres: PostgresDatabase, log: UUID) -> None:
    """The chain is over what is stored, so it outlives the keys."""
    await postgres.store.destroy_key(log, "visitor-1")
    assert (await postgres.verifier.verify_chain(log)).ok


async def test_sql_and_python_hash_alike(owner: Owner) -> None:
    """``es.next_hash`` gives the golden vectors, to the byte."""
    assert (await owner.fetchval("SELECT es.genesis($1)", VECTOR_LOG)).hex() == VECTORS["genesis"]
    previous = bytes.fromhex(VECTORS["genesis"])
    for event in VECTORS["events"]:
        link = link_of(event)
        values = [getattr(link, name) for name in link.__struct_fields__]
        places = ", ".join(f"${n + 1}" for n in range(len(values) + 1))
        previous = await owner.fetchval(f"SELECT es.next_hash({places})", previous, *values)
        assert previous.hex() == event["hash"]

"""Appends of several nodes at once, and appends that are cut off on the way."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.settings import PostgresSettings
from domain import chain
from domain.append import (
    Answer,
    Appended,
    Conflict,
    Known,
    LookupFailed,
    SubjectErased,
    at_version,
)
from domain.chain import genesis
from domain.envelope import Slice
from domain.errors import BatchRefused, StoreUnavailable
from domain.event_types import REGISTRY
from domain.group_commit import GroupCommit
from domain.ids import event_id
from domain.registry import Registry
from tests.doubles.appends import OTHER, STREAM, VISITOR, append, events_of, part, said, uuid
from tests.doubles.clock import ManualClock
from tests.fixtures.postgres import OpenPostgres, Owner
from tests.integration.postgres.parked import before_its_commit, locked, waiting

LOG = uuid(900)
FUTURE_US = 4_000_000_000_000_000  # in the year 2096


@pytest.fixture
async def log(postgres: PostgresDatabase) -> UUID:
    """An empty log."""
    await postgres.store.create_log(LOG, "demo")
    return LOG


async def test_a_reader_never_passes_a_writer(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """While a write is not committed nobody else gets a later position, so no reader can skip."""
    async with before_its_commit(postgres_url, postgres, log, [append(1)]):
        later = asyncio.create_task(postgres.store.append_batch(log, [append(2)]))
        await waiting(owner, 1)
        assert await postgres.store.read_log(log, 0, 10) == []
    (event,) = events_of((await later)[0])
    assert event.position == 2
    assert [one.position for one in await postgres.store.read_log(log, 0, 10)] == [1, 2]


async def test_who_waited_sees_what_was_committed_meanwhile(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """An expectation is judged after the wait for the lock: no stale snapshot."""
    async with before_its_commit(postgres_url, postgres, log, [append(1)]):
        batch = [append(2, part(said(), expect=at_version(0))), append(1)]
        later = asyncio.create_task(postgres.store.append_batch(log, batch))
        await waiting(owner, 1)
    stale, repeated = await later
    assert isinstance(stale, Conflict)
    assert isinstance(repeated, Known)


async def test_a_database_may_not_choose_the_isolation(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """A default of the database that would show stale rows after the wait has no effect."""
    name = postgres_url.rpartition("/")[2]
    await owner.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    await postgres.close()
    await test_who_waited_sees_what_was_committed_meanwhile(postgres, postgres_url, owner, log)


async def test_logs_do_not_wait_for_each_other(
    postgres: PostgresDatabase, postgres_url: str, log: UUID
) -> None:
    """One tenant's held lock does not keep another's append."""
    other = uuid(901)
    await postgres.store.create_log(other, "other")
    async with locked(postgres_url, log):
        assert isinstance((await postgres.store.append_batch(other, [append(1)]))[0], Appended)


async def test_nodes_that_hammer_one_log(open_postgres: OpenPostgres) -> None:
    """Four nodes at once: positions and versions contiguous, every append once, the chain whole."""
    nodes = [open_postgres() for _ in range(4)]
    await nodes[0].store.create_log(LOG, "demo")

    async def hammer(node: PostgresDatabase, start: int) -> None:
        for first in range(start, start + 100, 10):
            batch = [
                append(n, part(said(), stream=f"conversation-{n % 3}"), part(said(), stream=OTHER))
                for n in range(first, first + 10)
            ]
            answers = await node.store.append_batch(LOG, batch)
            assert all(isinstance(answer, Appended) for answer in answers)

    await asyncio.gather(*(hammer(node, 1000 * n) for n, node in enumerate(nodes)))
    events = await nodes[0].store.read_log(LOG, 0, 10_000)
    assert [event.position for event in events] == list(range(1, 801))
    for stream in {event.stream for event in events}:
        versions = [event.version for event in events if event.stream == stream]
        assert versions == list(range(1, len(versions) + 1))
    assert len({event.key_id for event in events}) == 1
    assert all(one.recorded_at < two.recorded_at for one, two in pairwise(events))
    assert (await nodes[0].verifier.verify_chain(LOG)).ok


async def test_a_killed_append_leaves_nothing(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Its server process dies on the way: unavailable, no row, and the same batch goes in later."""
    batch = [append(1), append(2)]
    async with locked(postgres_url, log):
        cut_off = asyncio.create_task(postgres.store.append_batch(log, batch))
        (pid,) = await waiting(owner, 1)
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(StoreUnavailable):
            await cut_off
    assert await postgres.store.read_log(log, 0, 10) == []
    assert await owner.fetchval("SELECT count(*) FROM es.subject_key") == 0
    answers = await postgres.store.append_batch(log, batch)
    assert [type(answer) for answer in answers] == [Appended, Appended]


async def test_a_lock_that_is_not_given_is_not_waited_for_long(
    open_postgres: OpenPostgres, postgres_url: str, log: UUID
) -> None:
    """A node that stands still holding a tenant gives the others StoreUnavailable, not a hang."""
    impatient = open_postgres(settings=PostgresSettings(lock_timeout_ms=50))
    async with locked(postgres_url, log):
        with pytest.raises(StoreUnavailable, match="55P03"):
            await impatient.store.append_batch(log, [append(1)])
    assert isinstance((await impatient.store.append_batch(log, [append(1)]))[0], Appended)


async def test_locked_tenants_do_not_keep_the_others(
    open_postgres: OpenPostgres, postgres_url: str, log: UUID
) -> None:
    """With more logs locked than there are connections, another tenant's appends go on."""
    settings = PostgresSettings(append_connections=1, lock_timeout_ms=50, lock_attempts=1_000)
    store = open_postgres(settings=settings).store
    free = uuid(77)
    await store.create_log(free, "free")
    async with locked(postgres_url, log):
        stuck = asyncio.create_task(store.append_batch(log, [append(1)]))
        for number in range(5):
            (answer,) = await store.append_batch(free, [append(number)])
            assert isinstance(answer, Appended)
        assert not stuck.done()
    assert isinstance((await stuck)[0], Appended)


async def test_more_appends_than_connections_wait_their_turn_only_so_long(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """With every connection of the pool in use a further append is told so, not kept."""
    settings = PostgresSettings(append_connections=1, acquire_timeout_s=0.5, lock_timeout_ms=10_000)
    small = open_postgres(settings=settings)
    async with locked(postgres_url, log):
        first = asyncio.create_task(small.store.append_batch(log, [append(1)]))
        await waiting(owner, 1)
        with pytest.raises(StoreUnavailable):
            await small.store.append_batch(log, [append(2)])
    assert isinstance((await first)[0], Appended)


async def test_reading_does_not_keep_appends(
    open_postgres: OpenPostgres, postgres: PostgresDatabase, log: UUID
) -> None:
    """With every reading connection taken, appends go on."""
    one_reader = open_postgres(settings=PostgresSettings(read_connections=1))
    async with one_reader.read_models.reading(log):
        assert isinstance((await one_reader.store.append_batch(log, [append(1)]))[0], Appended)


async def test_an_abandoned_append_frees_its_connection(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """A caller that is cancelled while its append waits leaves a connection that works."""
    small = open_postgres(settings=PostgresSettings(append_connections=1))
    async with locked(postgres_url, log):
        abandoned = asyncio.create_task(small.store.append_batch(log, [append(1)]))
        await waiting(owner, 1)
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned
    assert isinstance((await small.store.append_batch(log, [append(2)]))[0], Appended)


async def test_time_goes_on_though_the_clock_went_back(
    postgres: PostgresDatabase,
    owner: Owner,
    log: UUID,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After an event from the future the next ones are a microsecond on, and an alarm is given."""
    await _write_from_the_future(owner)
    answers = await postgres.store.append_batch(log, [append(1), append(2)])
    times = [event.recorded_at for answer in answers for event in events_of(answer)]
    assert times == [FUTURE_US + 1, FUTURE_US + 2]
    assert (await postgres.verifier.verify_chain(log)).ok
    await postgres.store.append_batch(log, [append(3)])
    assert len([one for one in caplog.records if "off this node's clock" in one.message]) == 1


async def test_a_wrong_clock_is_told_once(
    open_postgres: OpenPostgres, log: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    """A node whose clock is years behind the database's says so, and once."""
    behind = open_postgres(clock=ManualClock())
    await behind.store.append_batch(log, [append(1)])
    await behind.store.append_batch(log, [append(2)])
    assert len([one for one in caplog.records if "off this node's clock" in one.message]) == 1


async def _write_from_the_future(owner: Owner) -> None:
    """A first event of ``LOG``, as a server with a wrong clock would have written it."""
    link = chain.Link(
        log=LOG,
        position=1,
        stream=OTHER,
        version=1,
        type="message.posted",
        schema_version=1,
        event_id=event_id(LOG, VISITOR.role, VISITOR.id, uuid(77), 0),
        actor_role="visitor",
        actor_id="x",
        recorded_at=FUTURE_US,
        key_id=uuid(78),
        metadata=b"",
        data=b"",
    )
    await owner.execute(
        """
        INSERT INTO es.event VALUES (
            $1, 1, $2, 1, 0, 'message.posted', 1, $3, 'visitor', 'x', $4, '',
            timestamptz 'epoch' + $5::bigint * interval '1 microsecond', '', $6
        )
        """,
        LOG,
        OTHER,
        link.event_id,
        link.key_id,
        FUTURE_US,
        chain.next_hash(genesis(LOG), link),
    )


async def test_a_database_that_stops_being_durable_is_as_good_as_away(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """A connection where a commit could be lost is not used, and the reason is told."""
    name = postgres_url.rpartition("/")[2]
    await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(StoreUnavailable, match="set synchronous_commit = on"):
        await open_postgres().store.append_batch(log, [append(1)])


async def test_an_unknown_log_is_refused(postgres: PostgresDatabase) -> None:
    """Nothing is written to a log that was never begun, and trying again would not help."""
    with pytest.raises(BatchRefused):
        await postgres.store.append_batch(uuid(999), [append(1)])


async def test_a_key_made_by_two_at_once_is_one(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Two nodes that both offer a subject's first key: one key stands, and both events open."""
    nodes = open_postgres(), open_postgres()
    async with locked(postgres_url, log):
        tasks = [
            asyncio.create_task(node.store.append_batch(log, [append(n), append(n + 10)]))
            for n, node in enumerate(nodes)
        ]
        await waiting(owner, 2)
    answers = [answer for task in tasks for answer in await task]
    assert len({events_of(answer)[0].key_id for answer in answers}) == 1
    for node in (*nodes, open_postgres()):
        texts = [event.data.body.text for event in await node.store.read_log(log, 0, 10)]
        assert texts == ["hello"] * 4


async def test_an_erasure_on_another_node_is_felt_at_once(
    open_postgres: OpenPostgres, log: UUID
) -> None:
    """A node that has the key in memory cannot add to an erased subject; its batch mates can."""
    here, there = open_postgres(), open_postgres()
    mate = part(said(subject="visitor-2"), stream=OTHER)
    await here.store.append_batch(log, [append(1), append(2, mate)])
    await there.store.destroy_key(log, "visitor-1")
    answers = await here.store.append_batch(log, [append(3), append(4, mate), append(1)])
    assert [type(answer) for answer in answers] == [SubjectErased, Appended, Known]
    assert [event.data is None for event in await here.store.read_log(log, 0, 10)] == [
        True,
        False,
        False,
    ]


async def test_a_batch_is_one_range_whatever_happens_to_its_keys(
    open_postgres: OpenPostgres, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """A batch encrypted anew is still written in one piece, in its order: a slice has no hole."""
    first, second = open_postgres(), open_postgres()
    mixed = [
        append(10, part(said(subject="visitor-1"))),
        append(11, part(said(subject="visitor-2"), stream=OTHER)),
        append(12, part(said(subject="visitor-1"), stream=OTHER)),
    ]
    async with locked(postgres_url, log):
        other = asyncio.create_task(first.store.append_batch(log, [append(1)]))
        await waiting(owner, 1)
        task = asyncio.create_task(second.store.append_batch(log, mixed))
        await waiting(owner, 2)
    assert isinstance((await other)[0], Appended)
    positions = [event.position for answer in await task for event in events_of(answer)]
    assert positions == list(range(positions[0], positions[0] + 3))


async def test_a_stream_is_found_among_many(postgres: PostgresDatabase, log: UUID) -> None:
    """Heads come from the index of the stream asked for, not from the log's end."""
    for n in range(5):
        streams = [part(said(), stream=f"conversation-{n}-{k}") for k in range(16)]
        await postgres.store.append_batch(log, [append(n, *streams)])
    await postgres.store.append_batch(log, [append(50)])
    heads = await postgres.store.stream_heads(
        log, [("conversation-2-3", 1), (STREAM, 1), (None, 0)]
    )
    assert [head.number for head in heads] == [1, 1, 81]


@pytest.mark.parametrize(("failures", "answer"), [(1, Known), (2, LookupFailed)])
async def test_a_look_up_that_fails_takes_nothing_from_what_was_committed(
    postgres: PostgresDatabase,
    log: UUID,
    monkeypatch: pytest.MonkeyPatch,
    failures: int,
    answer: type[Answer],
) -> None:
    """It is tried twice, and the command that it is for fails alone: the others are published."""
    await postgres.store.append_batch(log, [append(1)])
    look_up, left = postgres.store._look_up, failures

    async def flaky(*arguments: Any) -> list[Known]:
        nonlocal left
        if left:
            left -= 1
            raise StoreUnavailable("away for a moment")
        return await look_up(*arguments)

    monkeypatch.setattr(postgres.store, "_look_up", flaky)
    slices: list[Slice] = []
    group = GroupCommit(postgres.store, slices.append)
    answers = await asyncio.gather(*(group.submit(log, append(n)) for n in (2, 1, 3)))
    assert [type(one) for one in answers] == [Appended, answer, Appended]
    assert [event.position for one in slices for event in one.events] == [2, 3]


async def test_a_command_that_a_newer_program_wrote_is_known(
    open_postgres: OpenPostgres, log: UUID
) -> None:
    """What it says cannot be read here, but where it stands can be told; its mates go in."""
    newer = [
        replace(one, schema_version=2, upcasters={1: dict}) if one.name == "message.posted" else one
        for one in REGISTRY
    ]
    await open_postgres(registry=Registry(newer)).store.append_batch(log, [append(1)])
    known, appended = await open_postgres().store.append_batch(log, [append(1), append(2)])
    assert isinstance(known, Known)
    assert (known.last.position, known.last.data, known.same) == (1, None, True)
    assert isinstance(appended, Appended)


async def test_a_page_is_bounded_as_it_is_read(open_postgres: OpenPostgres, log: UUID) -> None:
    """What is small as stored, because it compresses well, does not make pages large in memory."""
    postgres = open_postgres(settings=PostgresSettings(page_bytes=20_000)).store
    texts = tuple(said("x" * 5_000) for _ in range(10))
    await postgres.append_batch(log, [append(1, part(*texts))])
    pages, after = [], 0
    while page := await postgres.read_log(log, after, 100):
        pages.append(len(page))
        after = page[-1].position
    assert sum(pages) == 10
    assert max(pages) <= 4

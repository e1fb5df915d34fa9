"""History that is written in bulk is what the other ways would have written, or nothing at all."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from adapters.postgres.bulk import BulkAppender
from adapters.postgres.bulk_batch import NONCES_DRAWN
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.pools import NODE
from domain.append import Append, Appended, Dated, Known, at_version
from domain.envelope import RecordedEvent
from domain.errors import BatchRefused
from tests.doubles.appends import OTHER, STREAM, append, closed, known, part, said, uuid
from tests.fixtures.postgres import OpenPostgres, Owner
from tests.integration.postgres.parked import before_its_commit, waiting

LOG, TWIN = uuid(700), uuid(701)
THEN = 1_600_000_000_000_000
"""Some time in the past, in microseconds."""


@pytest.fixture
async def log(postgres: PostgresDatabase) -> UUID:
    """An empty log, beside another one."""
    await postgres.store.create_log(LOG, "past")
    await postgres.store.create_log(TWIN, "twin")
    return LOG


def _history() -> list[Append]:
    """Commands on two streams of two subjects, some of several parts."""
    theirs = part(said("other", "visitor-2"), stream=OTHER, expect=at_version(0))
    return [
        append(1, part(said("a"), closed(), expect=at_version(0))),
        append(2, theirs),
        append(
            3,
            part(closed("visitor-2"), stream=OTHER, expect=at_version(1)),
            part(said("long " * 1_000), expect=at_version(2)),
        ),
        append(4, part(said("b"), expect=at_version(3))),
    ]


def _dated(commands: list[Append], since: int = THEN) -> list[Dated]:
    return [Dated(command, since + 1_000 * n) for n, command in enumerate(commands)]


async def _write(postgres: PostgresDatabase, *batches: list[Dated]) -> int:
    """Write these to the log; the last position that is committed."""
    async with postgres.bulk(LOG) as bulk:
        for batch in batches:
            await bulk.append(batch)
        await bulk.flush()
        return bulk.committed


def _comparable(event: RecordedEvent) -> RecordedEvent:
    """What does not differ from log to log: all but times, keys, ids made of the log's, hashes."""
    return replace(event, log=LOG, id=LOG, recorded_at=0, key_id=LOG, hash=b"")


async def test_bulk_writes_what_append_writes(postgres: PostgresDatabase, log: UUID) -> None:
    """Positions, versions, decisions, metadata and contents are those of ``es.append``."""
    history = _dated(_history())
    committed = await _write(postgres, history[:2], history[2:])
    await postgres.store.append_batch(TWIN, _history())
    written = await postgres.store.read_log(log, 0, 100)
    twin = await postgres.store.read_log(TWIN, 0, 100)
    assert [_comparable(event) for event in written] == [_comparable(event) for event in twin]
    assert committed == len(written) == 6
    keys = {(one.key_id, other.key_id) for one, other in zip(written, twin, strict=True)}
    assert len(keys) == len({key for key, _ in keys}) == 2  # each subject's own, as there


async def test_events_have_the_times_that_are_given(postgres: PostgresDatabase, log: UUID) -> None:
    """To the microsecond; a command's further events each one later."""
    await _write(postgres, _dated(_history()))
    times = [event.recorded_at - THEN for event in await postgres.store.read_log(log, 0, 100)]
    assert times == [0, 1, 1_000, 2_000, 2_001, 3_000]


async def test_the_chain_holds_and_the_log_goes_on(
    postgres: PostgresDatabase, open_postgres: OpenPostgres, log: UUID
) -> None:
    """Another node appends to it, knows its commands again, and the chain is whole."""
    history = _dated(_history())
    await _write(postgres, history[:2], history[2:])
    node = open_postgres().store
    again, more = await node.append_batch(log, [append(4), append(5)])
    assert known(again).last.version == 4
    assert isinstance(more, Appended)
    assert more.events[0].version == 5
    verdict = await postgres.verifier.verify_chain(log)
    assert (verdict.ok, verdict.head) == (True, 7)


async def test_the_digest_of_a_command_is_kept(postgres: PostgresDatabase, log: UUID) -> None:
    """The same id with another content is told apart afterwards, as with any command."""
    await _write(postgres, _dated(_history()))
    answers = await postgres.store.append_batch(
        log, [append(4), replace(append(4), content=b"another")]
    )
    assert [answer.same for answer in answers if isinstance(answer, Known)] == [True, False]


async def test_more_events_than_nonces_are_drawn_at_once(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """A batch that outlasts one draw of nonces, so that none is used twice."""
    count = NONCES_DRAWN + 10
    commands = [append(n, part(said(), expect=at_version(n))) for n in range(count)]
    await _write(postgres, _dated(commands))
    async with postgres.store._reads.connection() as connection:
        rows = await connection.fetch("SELECT o.data FROM es.read_log($1, 0, 9999, 9999999) o", log)
    assert len({bytes(row["data"][2:14]) for row in rows}) == count


LATER = THEN + 1_000_000
FUTURE = int((time.time() + 3_600) * 1e6)


def _one(number: int, at: int = LATER, stream: str = "new", version: int = 0) -> Dated:
    """A further command with one event."""
    return Dated(append(number, part(said(), stream=stream, expect=at_version(version))), at)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([_one(10, stream=STREAM, version=3)], f"the stream {STREAM} has another version"),
        ([_one(10, stream=STREAM)], f"the stream {STREAM} has another version"),
        ([_one(10, version=1)], "the stream new has another version"),
        ([_one(10), _one(11, LATER, "newer")], "the time of event 8 is not after"),
        ([_one(10, THEN + 3_000)], "the time of event 7 is not after"),
        ([_one(10, FUTURE)], "lies in the future"),
    ],
    ids=["an old version", "no stream", "a version too many", "same time", "past", "future"],
)
async def test_what_cannot_have_been_is_refused(
    postgres: PostgresDatabase, log: UUID, batch: list[Dated], words: str
) -> None:
    """Wrong versions and impossible times, in a sentence; what was there before stays."""
    with pytest.raises(BatchRefused, match=words):
        await _write(postgres, _dated(_history()), batch)
    assert (await postgres.store.heads([log]))[0].position == 6


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([Dated(append(1), THEN)], "at a version"),
        ([_one(1), _one(2, LATER + 1)], "does not continue"),
        ([Dated(append(1, part(expect=at_version(0))), THEN)], "1 to 16 events"),
        ([Dated(append(1, part(*[said()] * 17, expect=at_version(0))), THEN)], "1 to 16 events"),
    ],
    ids=["another expectation", "the same version twice", "no event", "too many events"],
)
async def test_what_is_no_history_is_not_sent(
    postgres: PostgresDatabase, log: UUID, batch: list[Dated], words: str
) -> None:
    """It is refused before the store is asked."""
    with pytest.raises(BatchRefused, match=words):
        await _write(postgres, batch)
    assert await postgres.store.read_log(log, 0, 10) == []


async def test_a_log_that_goes_on_meanwhile_is_refused(
    postgres: PostgresDatabase, log: UUID
) -> None:
    """Somebody else has appended: the history's places would be others."""
    async with postgres.bulk(log) as bulk:
        await postgres.store.append_batch(log, [append(1)])
        await bulk.append([_one(2)])
        with pytest.raises(BatchRefused, match="the log is at position 1, not at 0"):
            await bulk.flush()


async def test_who_waited_sees_what_was_committed_meanwhile(
    postgres: PostgresDatabase, postgres_url: str, owner: Owner, log: UUID
) -> None:
    """Somebody is just appending: it waits for that, and judges by what there is then."""
    theirs = [
        Dated(append(n, part(said("a", "visitor-2"), stream=OTHER, expect=at_version(n))), THEN + n)
        for n in range(2)
    ]
    await _write(postgres, theirs[:1])  # whoever offered a key would wait for that, too
    async with postgres.bulk(log) as bulk:
        async with before_its_commit(postgres_url, postgres, log, [append(5)]):
            await bulk.append(theirs[1:])
            await waiting(owner, 1)
        with pytest.raises(BatchRefused, match="the log is at position 2, not at 1"):
            await bulk.flush()


async def test_one_writes_history_at_a_time(
    postgres: PostgresDatabase, open_postgres: OpenPostgres, log: UUID
) -> None:
    """Another waits, goes on from where the first has ended, or is refused in the end."""
    second = open_postgres()
    async with postgres.bulk(log) as bulk:
        await bulk.append([_one(1)])
        with pytest.raises(BatchRefused, match="another is writing"):
            async with second.bulk(log, patience_s=0):
                raise AssertionError("two at a time")
        await bulk.flush()
    async with second.bulk(log) as bulk:
        assert bulk.committed == 1


async def test_a_log_that_is_not_there_is_refused(postgres: PostgresDatabase) -> None:
    """The bulk way makes no log."""
    with pytest.raises(BatchRefused, match="there is no log"):
        await _write(postgres, [_one(1)])


async def test_nothing_comes_under_a_destroyed_key(
    postgres: PostgresDatabase, open_postgres: OpenPostgres, log: UUID
) -> None:
    """Neither where that is known, nor where another node destroyed it meanwhile."""
    await _write(postgres, [_one(1)])
    await open_postgres().store.destroy_key(log, "visitor-1")
    with pytest.raises(BatchRefused, match="is not live"):
        await _write(postgres, [_one(2, LATER + 1, version=1)])
    with pytest.raises(BatchRefused, match="destroyed"):
        await _write(open_postgres(), [_one(3, LATER + 2, version=1)])
    assert (await postgres.store.heads([log]))[0].position == 1


async def test_an_erasure_comes_after_what_was_appended(
    postgres: PostgresDatabase, log: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key is destroyed behind the batch that is on its way under it, however long that takes."""
    send = BulkAppender._send

    async def late(self: BulkAppender, *sent: Any) -> None:
        await asyncio.sleep(0.2)
        await send(self, *sent)

    monkeypatch.setattr(BulkAppender, "_send", late)
    async with postgres.bulk(log) as bulk:
        await bulk.append([_one(1)])
        await bulk.destroy_key("visitor-1")
    (event,) = await postgres.store.read_log(log, 0, 10)
    assert (event.data, event.damaged) == (None, False)


async def test_no_serving_role_may_say_when_something_happened(owner: Owner) -> None:
    """A node that could write with another time could forge the past."""
    await owner.execute(f"SET ROLE {NODE}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute(
            "SELECT es.append_bulk($1, 0, '{}', '{}', '{}', '', '{}', '{}', '{}', '{}', '{}', '{}',"
            " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            LOG,
        )

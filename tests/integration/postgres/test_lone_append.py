"""The short way of a command that comes alone: one call, and the same outcome as in a batch."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.sql import statement
from domain.append import (
    ANY,
    EXISTS,
    NO_STREAM,
    Answer,
    Append,
    Appended,
    Conflict,
    Expectation,
    Known,
    Part,
    SubjectErased,
    at_version,
    undecided_since,
)
from tests.doubles.appends import (
    OTHER,
    append,
    closed,
    events_of,
    part,
    said,
    uuid,
)
from tests.fixtures.postgres import OpenPostgres, Owner
from tests.integration.postgres.parked import locked, waiting

LOG = uuid(900)

ABSENT: tuple[Part, ...] = ()
PLAIN = (part(said(), said()),)
DECIDED = (part(said(), closed()),)
SINCE = (part(said(), closed(), said()),)
STREAMS = [ABSENT, PLAIN, DECIDED, SINCE]
EXPECTATIONS = [
    *(NO_STREAM, EXISTS, at_version(0), at_version(2), at_version(3)),
    *(undecided_since(0), undecided_since(1), undecided_since(2), undecided_since(4)),
]


@pytest.fixture
async def log(postgres: PostgresDatabase) -> UUID:
    """A log with one event, of a stream that the tests do not use."""
    await _begin(postgres, LOG)
    return LOG


async def _begin(postgres: PostgresDatabase, log: UUID) -> None:
    await postgres.store.create_log(log, f"tenant-{log}")
    await postgres.store.append_batch(log, [append(1, part(said(), stream="begun"))])


async def _alone(postgres: PostgresDatabase, command: Append, log: UUID = LOG) -> Answer:
    (answer,) = await postgres.store.append_batch(log, [command])
    return answer


async def _asked(postgres: PostgresDatabase, *batch: Append) -> list[str]:
    """What PostgreSQL was asked on the connection for appends, which is the one in reach."""
    asked: list[str] = []
    async with postgres._appends.connection() as connection:
        connection.add_query_logger(lambda record: asked.append(record.query))
    await postgres.store.append_batch(LOG, batch)
    await asyncio.sleep(0)  # asyncpg tells its loggers in the loop's next turn
    return asked


async def test_it_is_one_call(postgres: PostgresDatabase, log: UUID) -> None:
    """An event that comes alone takes one statement, also where others' streams were read."""
    one = append(2, part(expect=NO_STREAM, stream=OTHER), part(said(), expect=NO_STREAM))
    assert await _asked(postgres, one) == [statement("append_one")]


async def test_several_events_are_one_call(postgres: PostgresDatabase, log: UUID) -> None:
    """What is no lone event goes into the batch's call at once."""
    assert await _asked(postgres, append(2, part(said(), said()))) == [statement("append")]


@pytest.mark.parametrize("reading", [False, True], ids=["own", "read"])
@pytest.mark.parametrize("before", STREAMS, ids=["absent", "plain", "decided", "since"])
async def test_it_is_judged_as_in_a_batch(
    postgres: PostgresDatabase, before: tuple[Part, ...], reading: bool
) -> None:
    """Every expectation on every kind of stream comes out the same, place included."""
    beside = append(4, part(said(), stream="beside"))
    for n, expect in enumerate(EXPECTATIONS):
        parts = part(expect=expect), part(closed(), stream=OTHER)
        command = append(3, *parts) if reading else append(3, part(closed(), expect=expect))
        alone = await _judged(postgres, uuid(1000 + n), before, command)
        assert alone == await _judged(postgres, uuid(2000 + n), before, command, beside), expect


async def _judged(
    postgres: PostgresDatabase, log: UUID, before: tuple[Part, ...], *batch: Append
) -> object:
    """What a batch's first command comes to in a log of its own: its places, or the refusal."""
    await _begin(postgres, log)
    if before:
        await postgres.store.append_batch(log, [append(2, *before)])
    answer = (await postgres.store.append_batch(log, batch))[0]
    if not isinstance(answer, Appended):
        return answer
    return [(event.position, event.version, event.decided) for event in answer.events]


@pytest.mark.parametrize("expect", [ANY, NO_STREAM], ids=["holds still", "holds no more"])
async def test_a_repeat_gets_its_first_answer(
    postgres: PostgresDatabase, log: UUID, expect: Expectation
) -> None:
    """The id is looked up, and before the expectation."""
    command = append(2, part(said(), expect=expect))
    (event,) = events_of(await _alone(postgres, command))
    assert await _alone(postgres, command) == Known(event, same=True)


async def test_the_chain_goes_on_in_both_ways(postgres: PostgresDatabase, log: UUID) -> None:
    """Lone events and batches by turns leave one chain, positions and versions without a hole."""
    for n in range(2, 8):
        await _alone(postgres, append(10 * n))
        await postgres.store.append_batch(log, [append(10 * n + 1), append(10 * n + 2)])
    events = await postgres.store.read_log(log, 1, 100)
    assert [event.version for event in events] == list(range(1, 19))
    assert [event.position for event in events] == list(range(2, 20))
    assert (await postgres.verifier.verify_chain(log)).ok


async def test_it_returns_what_is_stored(postgres: PostgresDatabase, log: UUID) -> None:
    """What is answered is what is read back, by a node that has nothing in memory."""
    parts = part(said(), closed()), part(said(), stream=OTHER)
    await postgres.store.append_batch(log, [append(2, *parts)])
    for n, event in enumerate((said("wörter"), closed(), said())):
        answered = events_of(await _alone(postgres, append(3 + n, part(event))))
        assert await postgres.store.read_log(log, 4 + n, 10) == list(answered)


async def test_it_waits_for_the_lock_and_then_looks(
    open_postgres: OpenPostgres, postgres: PostgresDatabase, owner: Owner, log: UUID
) -> None:
    """Two that were decided on the same version, one after the other: the second conflicts."""
    url, nodes = postgres._appends._url, (postgres, open_postgres())
    await nodes[1].store.append_batch(log, [append(2, part(said(), stream=OTHER))])
    async with locked(url, log):
        both = [
            asyncio.create_task(_alone(node, append(3 + n, part(said(), expect=at_version(0)))))
            for n, node in enumerate(nodes)
        ]
        await waiting(owner, 2)
    answers = await asyncio.gather(*both)
    assert {type(answer) for answer in answers} == {Appended, Conflict}


async def test_a_key_that_was_destroyed_elsewhere_is_noticed(
    open_postgres: OpenPostgres, postgres: PostgresDatabase, log: UUID
) -> None:
    """A node that still has the key in memory writes nothing under it."""
    await open_postgres().store.destroy_key(log, said().subject)
    assert await _alone(postgres, append(2)) == SubjectErased()
    assert len(await postgres.store.read_log(log, 0, 10)) == 1


async def test_time_goes_on(postgres: PostgresDatabase, owner: Owner, log: UUID) -> None:
    """Where the last event is of a later time than now, the next is a microsecond on."""
    await _age(owner, "interval '1 hour'")
    (last,) = await postgres.store.read_log(log, 0, 10)
    (event,) = events_of(await _alone(postgres, append(2)))
    assert event.recorded_at == last.recorded_at + 1


async def _age(owner: Owner, by: str) -> None:
    """Move the log's events into the future, as a server with a wrong clock would have them."""
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER USER")
    await owner.execute(f"UPDATE es.event SET recorded_at = recorded_at + {by}")
    await owner.execute("ALTER TABLE es.event ENABLE TRIGGER USER")

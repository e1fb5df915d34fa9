"""The outbox: what is behind, what is read, and checkpoints that move once."""

from __future__ import annotations

from random import Random

import pytest

from adapters.postgres.database import PostgresDatabase
from domain.checkpoints import NOTHING, Checkpoint
from domain.history import History
from domain.outbox import Move, Outbox
from domain.ports import EventStore
from domain.shards import ALL_SHARDS, shard_of
from tests.doubles.appends import append, uuid
from tests.doubles.connected_store import Connections
from tests.doubles.memory_outbox import MemoryOutbox
from tests.doubles.memory_store import MemoryEventStore
from tests.simulation.following import LinkedOutbox
from tests.simulation.store import Link, LinkedStore

OURS, THEIRS, IDLE = uuid(501), uuid(502), uuid(503)


Both = tuple[EventStore, Outbox]


@pytest.fixture
def memory(memory_store: MemoryEventStore) -> Both:
    """The simulated ones."""
    return memory_store, MemoryOutbox(memory_store)


@pytest.fixture
async def linked(memory_store: MemoryEventStore) -> Both:
    """The simulated ones, as the simulation's nodes have them."""
    link = Link(Random(1))
    store = LinkedStore(memory_store, link, Connections(memory_store, History()))
    return store, LinkedOutbox(store, link, {})


@pytest.fixture
def real(postgres: PostgresDatabase) -> Both:
    """The real ones."""
    return postgres.store, postgres.outbox


@pytest.fixture(params=["memory", "linked", "real"])
def pair(request: pytest.FixtureRequest) -> Both:
    """A store and its outbox; each test runs once for every implementation."""
    found: Both = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def both(pair: Both) -> Both:
    """The same, with two logs that have events, and one that has none."""
    store, _ = pair
    for log, name in ((OURS, "ours"), (THEIRS, "theirs"), (IDLE, "idle")):
        await store.create_log(log, name)
    await store.append_batch(OURS, [append(1), append(2), append(3)])
    await store.append_batch(THEIRS, [append(4)])
    return pair


async def test_logs_that_have_grown_are_behind(both: Both) -> None:
    """Those of the shards asked for, without the ones at rest, with name, head and checkpoint."""
    _, outbox = both
    behind = {each.log: each for each in await outbox.behind(ALL_SHARDS)}
    assert set(behind) == {OURS, THEIRS}
    assert (behind[OURS].tenant, behind[OURS].head) == ("ours", 3)
    assert behind[OURS].checkpoint == NOTHING
    (mine,) = await outbox.behind({shard_of(OURS)})
    assert mine.log == OURS


async def test_what_is_read_is_what_is_stored(both: Both) -> None:
    """In order and without a hole; opened again, it is what the store itself reads."""
    store, outbox = both
    rows = await outbox.read(OURS, 1, 10)
    assert [row.position for row in rows] == [2, 3]
    assert await store.open(OURS, rows) == await store.read_log(OURS, 1, 10)


async def test_what_is_read_is_that_logs_own(both: Both) -> None:
    """Whoever publishes all logs is held by no row-level security: the question names the log."""
    store, outbox = both
    for log, name in ((OURS, "ours"), (THEIRS, "theirs")):
        rows = await outbox.read(log, 0, 10)
        (head,) = await store.heads([log])
        assert head.tenant == name
        assert [row.hash for row in rows] == [
            event.hash for event in await store.read_log(log, 0, 10)
        ]
        assert rows[-1].hash == head.hash


async def test_a_checkpoint_moves_once(both: Both) -> None:
    """Of two relays that have seen the same checkpoint one moves it; the other is fenced."""
    _, outbox = both
    rows = await outbox.read(OURS, 0, 10)
    two, three = (Checkpoint(row.position, row.hash[:8]) for row in rows[1:])
    assert await outbox.advance([Move(OURS, NOTHING, two)]) == {OURS}
    assert await outbox.advance([Move(OURS, NOTHING, three)]) == set()
    assert await outbox.advance([Move(OURS, two, three)]) == {OURS}
    assert await outbox.advance([Move(OURS, two, three)]) == set()
    assert [each.log for each in await outbox.behind(ALL_SHARDS)] == [THEIRS]
    (standing,) = await outbox.standings([OURS])
    assert standing.checkpoint == three
    assert standing.same_history


async def test_a_checkpoint_of_another_history_is_told(both: Both) -> None:
    """A log at the same position with another mark is behind, and not of the same history."""
    _, outbox = both
    await outbox.advance([Move(OURS, NOTHING, Checkpoint(3, b"another!"))])
    behind = {each.log: each for each in await outbox.behind(ALL_SHARDS)}
    assert not behind[OURS].same_history
    await outbox.advance([Move(THEIRS, NOTHING, Checkpoint(9, b"further!"))])
    behind = {each.log: each for each in await outbox.behind(ALL_SHARDS)}
    assert (behind[THEIRS].same_history, behind[THEIRS].head) == (False, 1)


async def test_a_checkpoint_at_the_beginning_is_as_good_as_none(both: Both) -> None:
    """What was taken back to the beginning says nothing of a history, and moves once from there."""
    _, outbox = both
    rows = await outbox.read(OURS, 0, 10)
    two, three = (Checkpoint(row.position, row.hash[:8]) for row in rows[1:])
    await outbox.advance([Move(OURS, NOTHING, three)])
    assert await outbox.advance([Move(OURS, three, NOTHING)]) == {OURS}
    (standing,) = await outbox.standings([OURS])
    assert (standing.checkpoint, standing.same_history) == (NOTHING, True)
    assert OURS in {each.log for each in await outbox.behind(ALL_SHARDS)}
    assert await outbox.advance([Move(OURS, NOTHING, two)]) == {OURS}
    assert await outbox.advance([Move(OURS, NOTHING, three)]) == set()
    (standing,) = await outbox.standings([OURS])
    assert standing.checkpoint == two

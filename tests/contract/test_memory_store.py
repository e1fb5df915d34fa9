"""What the simulated store has beyond the port: faults on demand, a chain to be checked."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from domain.append import Appended
from domain.chain import Link, genesis, next_hash
from domain.envelope import RecordedEvent
from domain.errors import BatchRefused, StoreUnavailable
from domain.event_types import REGISTRY
from domain.moments import Asked
from tests.doubles.appends import VISITOR, append, known, part, said, uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore

LOG = uuid(900)


@pytest.fixture
async def log(memory_store: MemoryEventStore) -> UUID:
    """An empty log in the simulated store."""
    await memory_store.create_log(LOG, "demo")
    return LOG


async def test_a_lost_request_changes_nothing(memory_store: MemoryEventStore, log: UUID) -> None:
    """The append fails once; nothing was written, and given again it is appended."""
    memory_store.lose_requests = 1
    with pytest.raises(StoreUnavailable):
        await memory_store.append_batch(log, [append(1)])
    (answer,) = await memory_store.append_batch(log, [append(1)])
    assert isinstance(answer, Appended)


async def test_a_lost_answer_is_a_commit(memory_store: MemoryEventStore, log: UUID) -> None:
    """The append fails once; yet it is in the log, and given again it is known."""
    memory_store.lose_answers = 1
    with pytest.raises(StoreUnavailable):
        await memory_store.append_batch(log, [append(1)])
    assert known((await memory_store.append_batch(log, [append(1)]))[0]).same


async def test_poison_is_refused(memory_store: MemoryEventStore, log: UUID) -> None:
    """A batch with a poisoned command is refused as a whole, and any other is taken."""
    memory_store.poison = {uuid(2)}
    with pytest.raises(BatchRefused):
        await memory_store.append_batch(log, [append(1), append(2)])
    (answer,) = await memory_store.append_batch(log, [append(1)])
    assert isinstance(answer, Appended)


async def test_away_is_away_for_everything(memory_store: MemoryEventStore, log: UUID) -> None:
    """While it is away every method of the port says so."""
    memory_store.away = True
    for call in (
        memory_store.append_batch(log, [append(1)]),
        memory_store.recheck(log, VISITOR, uuid(1), b"", []),
        memory_store.read_log(log, 0, 1),
        memory_store.read_stream(log, "conversation-1", 0, 1),
        memory_store.heads(),
        memory_store.stream_heads(log, []),
        memory_store.moment(log, Asked(position=1)),
        memory_store.find_log("demo"),
        memory_store.create_log(uuid(901), "second"),
        memory_store.epoch(),
    ):
        with pytest.raises(StoreUnavailable):
            await call


async def test_time_goes_on_when_the_clock_goes_back() -> None:
    """``recorded_at`` is the clock's, but never at or before the last one's."""
    clock = ManualClock(now=1_000.0)
    store = MemoryEventStore(clock, SeededIds(clock))
    await store.create_log(LOG, "demo")
    await store.append_batch(LOG, [append(1)])
    clock.set_wall(10.0)
    await store.append_batch(LOG, [append(2)])
    await clock.advance(2_000.0)
    await store.append_batch(LOG, [append(3)])
    times = [event.recorded_at for event in await store.read_log(LOG, 0, 10)]
    assert times == [1_000_000_000, 1_000_000_001, 2_010_000_000]


async def test_the_chain_holds(memory_store: MemoryEventStore, log: UUID) -> None:
    """Every hash can be computed from the one before and the event, as ``domain.chain`` has it."""
    await memory_store.append_batch(log, [append(1, part(said("a"), said("b"))), append(2)])
    previous = genesis(log)
    for event in await memory_store.read_log(log, 0, 10):
        previous = next_hash(previous, _link(event))
        assert event.hash == previous


def _link(event: RecordedEvent) -> Link:
    return Link(
        event.log,
        event.position,
        event.stream,
        event.version,
        event.type,
        event.schema_version,
        event.id,
        event.actor.role,
        event.actor.id,
        event.recorded_at,
        event.key_id,
        msgspec.msgpack.Encoder(order="deterministic", uuid_format="bytes").encode(event.metadata),
        REGISTRY.encode(event.data),
    )


async def test_one_seed_gives_one_history() -> None:
    """Two runs with the same seed write the same log, to the last hash."""
    histories = []
    for _ in range(2):
        clock = ManualClock()
        store = MemoryEventStore(clock, SeededIds(clock, seed=7))
        await store.create_log(LOG, "demo")
        await store.append_batch(LOG, [append(1), append(2)])
        histories.append((await store.epoch(), await store.read_log(LOG, 0, 10)))
    assert histories[0] == histories[1]

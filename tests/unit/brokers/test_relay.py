"""The relay: what anybody commits goes to the broker in order, surely, from a checkpoint on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from domain import figures
from domain.checkpoints import Checkpoint
from domain.errors import UnknownEvent
from domain.outbox import Move
from domain.telemetry import RELAY
from tests.doubles.clock import settle
from tests.doubles.telemetry import Kept
from tests.unit.brokers.relay_world import LOG, OTHER, SMALL, World, two_logs


@pytest.fixture
async def world() -> World:
    """A world with two logs."""
    return await two_logs()


async def test_a_log_goes_out_from_its_beginning_in_order(world: World) -> None:
    """What was committed before any relay ran is published too, in slices of the size set."""
    await world.commit(7)
    async with world.running():
        await world.clock.advance(0.1)
    assert world.published() == [1, 2, 3, 4, 5, 6, 7]
    assert [len(each.events) for each in world.broker.slices] == [2, 2, 2, 1]
    assert {each.tenant for each in world.broker.slices} == {"one"}


async def test_a_signal_wakes_it_at_once(world: World) -> None:
    """No time has to pass between a commit and its slice."""
    async with world.running():
        await world.commit(signal=True)
        await settle()
        assert world.published() == [1]
        await world.commit(2, signal=True)
        await settle()
    assert world.published() == [1, 2, 3]


async def test_what_nobody_signals_is_found_by_looking(world: World) -> None:
    """A lost signal costs a second."""
    async with world.running():
        await world.commit(3)
        await settle()
        assert world.published() == []
        await world.clock.advance(1.0)
    assert world.published() == [1, 2, 3]


async def test_it_goes_on_at_its_checkpoint(world: World) -> None:
    """After an orderly end the next one publishes only what is new."""
    await world.commit(5)
    async with world.running():
        await world.clock.advance(0.1)
    assert world.checkpoint() == 5
    await world.commit(2)
    async with world.running(world.another()):
        await world.clock.advance(0.1)
    assert world.published() == [1, 2, 3, 4, 5, 6, 7]


async def test_after_a_crash_slices_come_twice_and_none_is_missing(world: World) -> None:
    """Killed before it saved anything, the next one begins where the checkpoint is."""
    await world.commit(4)
    async with world.running() as task:
        await settle()
        world.store.away = True  # so that it cannot save while it ends, as if it were killed
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    world.store.away = False
    assert (world.published(), world.checkpoint()) == ([1, 2, 3, 4], 0)
    async with world.running(world.another()):
        await world.clock.advance(0.1)
    assert world.published() == [1, 2, 3, 4, 1, 2, 3, 4]


async def test_the_checkpoint_is_the_contiguous_confirmed_prefix(world: World) -> None:
    """A slice that is refused holds the checkpoint, though those behind it were confirmed."""
    await world.commit(6)
    world.broker.refused = {4}
    async with world.running():
        await settle()
        assert world.published() == [1, 2, 5, 6]
        world.broker.away = True
        await world.clock.advance(1.0)
        assert world.checkpoint() == 2
        world.broker.away = False
        await world.clock.advance(2.0)
    assert world.published() == [1, 2, 5, 6, 3, 4, 5, 6]
    assert world.checkpoint() == 6


async def test_no_more_than_a_window_is_unconfirmed(world: World) -> None:
    """A broker that confirms nothing is not given everything."""
    await world.commit(20)
    world.broker.confirming.clear()
    async with world.running():
        await settle()
        assert world.broker.unconfirmed == 3
        world.broker.confirming.set()
        for _ in range(10):
            await settle()
    assert world.published() == [*range(1, 21)]


async def test_at_most_so_many_logs_at_a_time() -> None:
    """With one turn the other log waits until the first is confirmed."""
    world = await two_logs(replace(SMALL, concurrency=1))
    for log in (LOG, OTHER):
        await world.commit(log=log)
    world.broker.confirming.clear()
    async with world.running():
        await settle()
        assert world.broker.unconfirmed == 1
        world.broker.confirming.set()
        for _ in range(10):
            await settle()
    assert world.published() == world.published(OTHER) == [1]


async def test_while_the_broker_is_away_nothing_is_lost(world: World) -> None:
    """What was committed meanwhile goes out when it is back, in order."""
    world.broker.away = True
    async with world.running():
        for _ in range(5):
            await world.commit(2, signal=True)
            await world.clock.advance(1.0)
        world.broker.away = False
        await world.clock.advance(1.0)
    assert world.published() == [*range(1, 11)]


async def test_while_the_broker_is_away_the_store_is_hardly_read(world: World) -> None:
    """A slice at each look finds out whether it is back; then there is a whole window again."""
    await world.commit(20)
    world.broker.away = True
    async with world.running():
        reads = world.outbox.reads
        await world.clock.advance(10.0)
        assert world.outbox.reads <= reads + 10
        world.broker.away = False
        world.broker.confirming.clear()
        await world.clock.advance(1.0)
        assert world.broker.unconfirmed == 1
        world.broker.confirming.set()
        await settle()
        assert world.published() == [*range(1, 21)]
        await world.commit(20)
        world.broker.confirming.clear()
        await world.clock.advance(1.0)
        assert world.broker.unconfirmed == 3


async def test_while_the_store_is_away_it_waits(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once, and goes on by itself."""
    async with world.running():
        await world.commit(2, signal=True)
        world.store.away = True
        await world.clock.advance(30.0)
        world.store.away = False
        await world.commit(1)
        await world.clock.advance(6.0)
    assert world.published() == [1, 2, 3]
    assert caplog.text.count("the store is away") == 1


@pytest.mark.parametrize("failure", [UnknownEvent("from the future"), ZeroDivisionError()])
async def test_a_log_that_cannot_be_read_holds_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    """It is alarmed once, a fault of our own too, and goes on when it can be read."""
    world.outbox.unreadable, world.outbox.failure = frozenset({LOG}), failure
    async with world.running():
        await world.commit(2, signal=True)
        await world.commit(2, OTHER, signal=True)
        await world.clock.advance(3.0)
        assert (world.published(), world.published(OTHER)) == ([], [1, 2])
        world.outbox.unreadable = frozenset()
        await world.clock.advance(1.0)
    assert world.published() == [1, 2]
    alarm = f"alarm: log {LOG} cannot be relayed: {type(failure).__name__}"
    assert caplog.text.count(alarm) == 1


async def test_logs_at_rest_cost_no_reading_and_no_memory(world: World) -> None:
    """Once published, a log is neither read nor kept in mind until it grows again."""
    await world.commit(4)
    async with world.running():
        await world.clock.advance(12.0)
        reads = world.outbox.reads
        await world.clock.advance(60.0)
        assert world.outbox.reads == reads
        assert not world.relay._logs.confirmed()
        await world.commit(1, signal=True)
    assert world.published() == [1, 2, 3, 4, 5]


async def test_a_signal_that_lies_makes_it_read_once(world: World) -> None:
    """A head that does not exist is forgotten as soon as the store was asked."""
    async with world.running():
        await world.commit(1, signal=True)
        reads = world.outbox.reads
        world.broker.signal(LOG, 10**9)
        await world.clock.advance(5.0)
        assert world.outbox.reads <= reads + 1
        await world.commit(1, signal=True)
        assert world.relay._logs._publishing.lag.events == 0
    assert world.published() == [1, 2]


async def test_of_two_relays_one_moves_the_checkpoint(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The one that lost its shard unawares is fenced: slices come twice, none goes back."""
    await world.commit(3)
    async with world.running():
        await settle()
        (mark,) = [each.events[-1].hash[:8] for each in world.broker.slices if each.upto == 3]
        was = world.outbox.checkpoints.get(LOG)
        assert was is None, "nothing is saved yet"
        await world.outbox.advance([Move(LOG, Checkpoint(0, b""), Checkpoint(3, mark))])
        await world.clock.advance(1.0)
        assert "has moved" in caplog.text
        await world.commit(2, signal=True)
        await world.clock.advance(2.0)
    assert world.checkpoint() == 5
    assert world.published() == [1, 2, 3, 4, 5]


async def test_another_history_is_published_anew(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A checkpoint whose mark is not the log's says nothing: everything is published again."""
    await world.commit(3)
    world.outbox.checkpoints[LOG] = Checkpoint(2, b"anothers")
    async with world.running():
        await world.clock.advance(1.0)
    assert world.published() == [1, 2, 3]
    assert "another history" in caplog.text
    assert world.checkpoint() == 3


async def test_a_log_that_went_back_is_published_anew_by_the_next_look_but_one(
    world: World,
) -> None:
    """A restore under a running relay: what is written after it is not waited for."""
    await world.commit(5)
    async with world.running():
        await world.clock.advance(2.0)
        restored = await two_logs()
        await restored.commit(2)
        world.outbox.become(restored.store)
        await world.clock.advance(2.0)
    assert world.published() == [1, 2, 3, 4, 5, 1, 2]
    assert world.checkpoint() == 2


async def test_another_history_s_checkpoint_stays_until_its_own_is_confirmed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """With the broker away nothing is confirmed, and nothing is saved; it is alarmed once."""
    await world.commit(3)
    world.outbox.checkpoints[LOG] = strange = Checkpoint(2, b"anothers")
    world.broker.away = True
    async with world.running():
        await world.clock.advance(5.0)
        assert world.outbox.checkpoints[LOG] == strange
        world.broker.away = False
        await world.clock.advance(2.0)
    assert world.published() == [1, 2, 3]
    assert world.checkpoint() == 3
    assert caplog.text.count("another history") == 1


async def test_what_is_confirmed_while_it_asks_is_no_other_history(world: World) -> None:
    """The answer is older than that; the log stays under way, and nothing is published twice."""
    await world.commit(1)
    async with world.running():
        await world.clock.advance(1.0)
        await world.commit(1)
        world.outbox.answering.clear()
        await world.clock.advance(1.0)
        await world.commit(1, signal=True)
        assert world.published() == [1, 2, 3]
        world.outbox.answering.set()
        await world.commit(1, signal=True)
        await world.clock.advance(2.0)
    assert world.published() == [1, 2, 3, 4]


async def test_a_checkpoint_whose_answer_was_lost_has_moved(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """It was the relay itself that moved it; nothing is published twice."""
    async with world.running():
        await world.commit(2, signal=True)
        world.outbox.lose_answers = 1
        await world.clock.advance(2.0)
        await world.commit(2, signal=True)
    assert world.published() == [1, 2, 3, 4]
    assert world.checkpoint() == 4
    away, moved = caplog.messages
    assert "the store is away" in away
    assert "has moved" in moved


async def test_a_beacon_tells_what_has_moved_lately(world: World) -> None:
    """Each second, of the last ten; and also when nothing has."""
    async with world.running():
        await world.commit(2, signal=True)
        await world.clock.advance(1.0)
        assert world.broker.beacons[-1] == [(LOG, 2)]
        await world.clock.advance(12.0)
        assert world.broker.beacons[-1] == []
        assert len(world.broker.beacons) >= 13


async def test_its_work_is_seen(world: World) -> None:
    """How far it is behind, what became of its slices, and a span for each traced event."""
    kept = Kept(world.clock)
    world.broker.refused = {2}
    async with world.running(world.another(kept.telemetry)):
        await world.commit(3, trace="00-aa-bb-01", signal=True)
        assert kept.measures.seen(figures.RELAY_LAG_EVENTS) == {(): 3}
        await world.clock.advance(1.0)
        assert kept.measures.seen(figures.RELAY_LAG_EVENTS) == {(): 0}
    assert kept.measures.counted(figures.RELAY_SLICES) == {
        ("published",): 4,
        ("confirmed",): 3,
        ("failed",): 1,
    }
    spans = kept.tracer.named(RELAY)
    assert {span.parent for span in spans} == {"00-aa-bb-01"}
    assert [span.ended for span in spans] == [1] * len(spans)
    assert {span.error for span in spans} == {None, "broker_away"}
    assert world.broker.contexts[-1] in {span.context for span in spans}

"""Relays that share the logs by shards: each log is one's, and goes on where that one stopped."""

from __future__ import annotations

import pytest

from domain import figures
from domain.shards import ALL_SHARDS, shard_of
from tests.doubles.clock import settle
from tests.doubles.telemetry import Kept
from tests.unit.brokers.relay_world import LOG, OTHER, World, two_logs


@pytest.fixture
async def world() -> World:
    """A world with two logs."""
    return await two_logs()


async def test_only_its_own_shards_are_published(world: World) -> None:
    """What another relay has is left alone, signalled or not."""
    world.shards.owned = world.shards.due = frozenset({shard_of(OTHER)})
    async with world.running():
        await world.commit(2, signal=True)
        await world.commit(2, OTHER, signal=True)
        await world.clock.advance(3.0)
    assert (world.published(), world.published(OTHER)) == ([], [1, 2])


async def test_a_shard_is_given_up_when_its_checkpoints_are_saved(world: World) -> None:
    """Whoever gets it begins where this one has stopped."""
    async with world.running():
        await world.commit(3, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        await world.clock.advance(1.0)
        assert world.shards.given_up == {shard_of(LOG)}
        assert world.checkpoint() == 3
        await world.commit(2, signal=True)
        await world.clock.advance(2.0)
    assert world.published() == [1, 2, 3]


async def test_what_is_given_up_is_not_begun_anew_meanwhile(world: World) -> None:
    """A signal that comes while its checkpoints are saved is the next one's."""
    async with world.running():
        await world.commit(3, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        world.outbox.answering.clear()
        await world.clock.advance(1.0)
        assert world.shards.owned == ALL_SHARDS
        await world.commit(2, signal=True)
        world.outbox.answering.set()
        await settle()
        assert world.shards.given_up == {shard_of(LOG)}
    assert world.published() == [1, 2, 3]


async def test_what_is_heard_of_before_a_shard_is_given_up_is_the_next_ones(world: World) -> None:
    """It was this relay's when the signal came, and no longer when that is taken up."""
    async with world.running():
        world.shards.answering.clear()
        await world.clock.advance(1.0)
        await world.commit(2, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        world.shards.answering.set()
        await settle()
        assert world.shards.given_up == {shard_of(LOG)}
    assert world.published() == []


async def test_a_shard_that_could_not_be_given_up_is_worked_on_as_before(world: World) -> None:
    """The store goes away in the middle of it, and when it is back nobody else is there."""
    async with world.running():
        await world.commit(3, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        world.outbox.lose_moves = 1
        await world.clock.advance(1.0)
        world.shards.due = ALL_SHARDS
        await world.commit(2)
        await world.clock.advance(2.0)
        assert not world.shards.given_up
        assert world.published() == [1, 2, 3, 4, 5]


async def test_a_shard_that_comes_back_after_its_session_is_worked_on(world: World) -> None:
    """The session ends in the middle of giving up, and a new one gets the same shards."""
    async with world.running():
        await world.commit(3, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        world.shards.lose_sessions = 1
        await world.clock.advance(1.0)
        world.shards.due = ALL_SHARDS
        await world.commit(2)
        await world.clock.advance(2.0)
        assert world.published() == [1, 2, 3, 4, 5]


async def test_what_was_on_its_way_when_giving_up_failed_is_published(world: World) -> None:
    """Its work was ended, and begins again; then nothing is left to be done."""
    async with world.running():
        await world.commit(1, OTHER, signal=True)
        world.broker.confirming.clear()
        await world.commit(3, signal=True)
        world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        world.outbox.lose_moves = 1
        await world.clock.advance(1.0)
        world.shards.due = ALL_SHARDS
        world.broker.confirming.set()
        await world.clock.advance(2.0)
        assert world.published() == [1, 2, 3]
        assert world.checkpoint() == 3
        await world.clock.advance(12.0)
        assert not world.relay._logs.confirmed()


async def test_logs_of_shards_that_went_with_the_session_are_forgotten(world: World) -> None:
    """Nobody names them as lost; whoever has them says how far behind they are."""
    kept = Kept(world.clock)
    world.broker.away = True
    async with world.running(world.another(kept.telemetry)):
        await world.commit(3, signal=True)
        assert kept.measures.seen(figures.RELAY_LAG_EVENTS) == {(): 3}
        world.shards.owned = world.shards.due = ALL_SHARDS - {shard_of(LOG)}
        await world.clock.advance(1.0)
        assert kept.measures.seen(figures.RELAY_LAG_EVENTS) == {(): 0}
        world.broker.away = False
        await world.clock.advance(2.0)
    assert world.published() == []

"""Relays that share the logs by shards: each log is one's, and goes on where that one stopped."""

from __future__ import annotations

import pytest

from domain.shards import ALL_SHARDS, shard_of
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

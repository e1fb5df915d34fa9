"""Looking after the database: what is told is what was found last, and the asking costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from domain.ports import LogHead
from ops.watch import FRESH_S, LOOK_S, STALE_S, DatabaseWatch
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore


class CountingStore(MemoryEventStore):
    """A store that counts how often its heads are asked for."""

    asked = 0

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        self.asked += 1
        return await super().heads(logs)


async def test_asking_reads_nothing() -> None:
    """However often somebody asks, the store is looked at once a second."""
    clock = ManualClock()
    store = CountingStore(clock, SeededIds(clock))
    watch = DatabaseWatch(store, clock)
    assert watch.illness == "not asked yet"
    looking = asyncio.create_task(watch.run())
    await settle()
    assert [watch.illness for _ in range(50)] == [None] * 50
    assert store.asked == 1
    store.away = True
    await clock.advance(LOOK_S)
    assert watch.illness
    assert not watch.well
    store.away = False
    await clock.advance(LOOK_S)
    assert watch.well
    assert store.asked == 3
    looking.cancel()


async def test_all_who_ask_share_a_look() -> None:
    """A hundred at once are one query; the next is asked when that has grown old."""
    clock = ManualClock()
    store = CountingStore(clock, SeededIds(clock))
    watch = DatabaseWatch(store, clock)
    for asked in (1, 1, 2):
        found = await asyncio.gather(*(watch.fresh() for _ in range(100)))
        assert (found, store.asked) == ([None] * 100, asked)
        if asked == 1:
            await clock.advance(FRESH_S * 0.6)
    store.away = True
    await clock.advance(FRESH_S)
    assert await watch.fresh()


async def test_what_was_found_grows_old() -> None:
    """A watch that looks no more says nothing good."""
    clock = ManualClock()
    watch = DatabaseWatch(MemoryEventStore(clock, SeededIds(clock)), clock)
    await watch.probe()
    assert watch.well
    await clock.advance(STALE_S + 1)
    assert not watch.well

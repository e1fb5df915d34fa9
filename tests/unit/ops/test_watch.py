"""Looking after the database: what is told is what was found last, and the asking costs nothing."""

from __future__ import annotations

import asyncio

from domain.history import Change, History
from ops.watch import FRESH_S, LOOK_S, STALE_S, DatabaseWatch
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore


class CountingStore(MemoryEventStore):
    """A store that counts how often its epoch is asked for, and may have another."""

    asked = 0
    another = ""

    async def epoch(self) -> str:
        self.asked += 1
        return self.another or await super().epoch()


def telling(told: list[Change]) -> History:
    """A history whose changes are written down."""
    history = History()
    history.on_change(told.append)
    return history


async def test_asking_reads_nothing() -> None:
    """However often somebody asks, the store is looked at once a second."""
    clock = ManualClock()
    store = CountingStore(clock, SeededIds(clock))
    watch = DatabaseWatch(store, clock, History())
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
    watch = DatabaseWatch(store, clock, History())
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
    watch = DatabaseWatch(MemoryEventStore(clock, SeededIds(clock)), clock, History())
    await watch.probe()
    assert watch.well
    await clock.advance(STALE_S + 1)
    assert not watch.well


async def test_another_history_is_told_once() -> None:
    """Another epoch than before is told at the next look; the first one and an absence are not."""
    clock = ManualClock()
    store = CountingStore(clock, SeededIds(clock))
    told: list[Change] = []
    watch = DatabaseWatch(store, clock, telling(told))
    await watch.probe()
    store.away = True
    await watch.probe()
    store.away = False
    await watch.probe()
    assert told == []
    store.another = "another"
    await watch.probe()
    await watch.probe()
    assert told == [Change.HISTORY]


async def test_who_is_told_the_epoch_is_told_it_of_a_node_that_knows() -> None:
    """A client that says hello between two looks brings the news: before it has its answer."""
    clock = ManualClock()
    store = CountingStore(clock, SeededIds(clock))
    told: list[Change] = []
    watch = DatabaseWatch(store, clock, telling(told))
    await watch.probe()
    assert (await watch.epoch(), told) == (await MemoryEventStore.epoch(store), [])
    store.another = "another"
    assert (await watch.epoch(), told) == ("another", [Change.HISTORY])
    await watch.probe()
    assert told == [Change.HISTORY]

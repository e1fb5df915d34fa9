"""The contracts of time and chance, run against the real ones and those of the simulation."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from domain.ports import Clock, Ids
from ops.system import SystemClock, SystemIds
from tests.doubles.clock import ManualClock, SeededIds, settle

_manual = ManualClock()
clocks = pytest.mark.parametrize("clock", [_manual, SystemClock()], ids=["manual", "system"])
all_ids = pytest.mark.parametrize(
    "ids", [SeededIds(_manual), SystemIds()], ids=["seeded", "system"]
)


@clocks
async def test_sleep_ends(clock: Clock) -> None:
    """A sleep ends once its time has passed, by the monotonic clock."""
    before = clock.monotonic()
    sleep = asyncio.create_task(clock.sleep(0.01))
    if isinstance(clock, ManualClock):
        await clock.advance(0.01)
    await sleep
    assert clock.monotonic() >= before + 0.009


@clocks
def test_the_monotonic_clock_never_goes_back(clock: Clock) -> None:
    """Each reading is at least the one before."""
    readings = [clock.monotonic() for _ in range(1000)]
    assert all(earlier <= later for earlier, later in pairwise(readings))


@all_ids
def test_ids_are_time_ordered_uuids(ids: Ids) -> None:
    """Fresh ids are UUIDv7, never twice the same, and those of a later millisecond sort later."""
    drawn = [ids.uuid() for _ in range(1000)]
    assert {one.version for one in drawn} == {7}
    assert len(set(drawn)) == 1000
    times = [one.bytes[:6] for one in drawn]
    assert times == sorted(times)


@all_ids
def test_chance_has_the_size_asked(ids: Ids) -> None:
    """So many bytes, other ones each time; numbers from 0 up to but not including 1."""
    assert [len(ids.random(count)) for count in (0, 1, 32)] == [0, 1, 32]
    assert ids.random(16) != ids.random(16)
    numbers = [ids.uniform() for _ in range(1000)]
    assert 0 <= min(numbers) < max(numbers) < 1


async def test_the_manual_clock_wakes_in_order() -> None:
    """Sleepers wake by their deadlines, each at its own time, whoever lay down first."""
    clock, woken = ManualClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))
        if seconds == 1:
            await sleeper(0.5)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2, 10)]
    await clock.advance(3)
    assert woken == [(1, 1.0), (0.5, 1.5), (2, 2.0), (3, 3.0)]
    assert clock.next_deadline == 10
    tasks[3].cancel()
    await settle()
    assert clock.next_deadline is None


async def test_the_wall_clock_may_jump() -> None:
    """A changed time of day wakes nobody and moves no deadline."""
    clock = ManualClock()
    sleep = asyncio.create_task(clock.sleep(5))
    await settle()
    clock.set_wall(10_000_000_000)
    await clock.advance(4)
    assert not sleep.done()
    assert clock.now() == 10_000_000_004
    await clock.advance(1)
    assert sleep.done()


def test_a_seed_gives_the_same_chance() -> None:
    """Two of one seed draw alike, two of different seeds do not."""

    def draws(seed: int) -> list[object]:
        ids = SeededIds(ManualClock(), seed)
        return [ids.uuid(), ids.random(8), ids.uniform()]

    assert draws(1) == draws(1) != draws(2)

"""The builder: several projections in one pass, each event once, whatever dies where."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from domain.checkpoints import Checkpoint
from domain.envelope import MARK_BYTES
from projections.building import Builder, Page
from projections.engine import Engine
from tests.doubles.appends import uuid
from tests.unit.projections.memory_models import Counting, MemoryReadModels
from tests.unit.projections.test_engine import Killer, World

LOG = uuid(1)
PAGE = 3


class MemoryPages:
    """:class:`~projections.building.Pages` over the simulated store. ``read`` is what was asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.read: list[tuple[int, int, frozenset[str] | None]] = []

    async def page(
        self, log: UUID, after: int, upto: int, types: frozenset[str] | None
    ) -> Page | None:
        self.read.append((after, upto, types))
        events = await self.world.store.read_log(log, after, upto - after)
        if not events:
            return None
        last = events[-1]
        wanted = [event for event in events if types is None or event.type in types]
        return Page(wanted, Checkpoint(last.position, last.hash[:MARK_BYTES]))


class Built:
    """Two projections that count, over tables of their own, and a builder of both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.models = [MemoryReadModels(), MemoryReadModels()]
        self.pages = MemoryPages(world)
        self.projections = [Counting(each) for each in self.models]
        for projection, name in zip(self.projections, ("one", "two"), strict=True):
            projection.name = name

    def builder(self) -> Builder:
        """As a process that has just begun has it."""
        engines = [
            Engine(self.world.store, models, projection, self.world.clock, generation="+next")
            for models, projection in zip(self.models, self.projections, strict=True)
        ]
        return Builder(self.pages, engines, self.world.clock)

    async def build(self, limits: dict[str, int] | None = None) -> None:
        """Build all, in small pages."""
        await self.builder().build(LOG, limits or {}, PAGE)

    def pause(self, killer: Killer) -> None:
        """Come by here at every await."""
        for models in self.models:
            models.pause = killer
        self.world.store._pause = killer

    @property
    def counted(self) -> list[int]:
        """Events that each has counted or parked."""
        return [
            sum(models.tables.counts.get(LOG, {}).values()) + len(models.tables.parked)
            for models in self.models
        ]

    @property
    def stands(self) -> list[int]:
        """Where each is."""
        return [at.position for models in self.models for at in models.tables.checkpoints.values()]


async def begin() -> Built:
    """A log of ten events, of which one is poison."""
    world = World()
    await world.store.create_log(LOG, "demo")
    await world.write(*range(1, 6))
    built = Built(world)
    built.projections[1].poison = frozenset({6})
    return built


async def test_one_pass_is_for_all() -> None:
    """Each page is read once, up to the head, under the generation's own checkpoints."""
    built = await begin()
    await built.build()
    assert built.counted == [10, 10]
    assert [after for after, _, _ in built.pages.read] == [0, 3, 6, 9, 10]
    names = [key for models in built.models for key, _ in models.tables.checkpoints]
    assert names == ["one.1+next", "two.1+next"]


async def test_what_nobody_wants_is_only_counted() -> None:
    """Pages are asked for with the types of all; the checkpoint passes the rest."""
    built = await begin()
    built.projections[0].types = frozenset({"page.viewed"})
    built.projections[1].types = frozenset({"conversation.closed"})
    await built.build()
    assert (built.counted, built.stands) == ([0, 0], [10, 10])
    assert built.pages.read[0][2] == frozenset({"page.viewed", "conversation.closed"})


async def test_a_limit_is_not_passed() -> None:
    """One with effects waits where its live tables are; the others go on."""
    built = await begin()
    await built.build({"one.1+next": 4})
    assert built.stands == [4, 10]
    await built.build({"one.1+next": 5})
    assert built.stands == [5, 10]
    await built.build()
    assert built.counted == [10, 10]


async def test_killed_between_any_two_awaits_it_counts_nothing_twice() -> None:
    """A kill at every await there is, then a new process: each event counted or parked once."""
    at, alive = 0, True
    while alive:
        at += 1
        built = await begin()
        killer = Killer(at)
        built.pause(killer)
        task = asyncio.create_task(built.build())
        await asyncio.gather(task, return_exceptions=True)
        alive = killer.left <= 0
        built.pause(Killer(0))
        assert built.counted == [*built.stands, 0, 0][:2]
        await built.build()
        assert (built.counted, built.stands) == ([10, 10], [10, 10]), f"await {at}"
    assert at > 40


@pytest.mark.parametrize("times", [2, 7])
async def test_killed_again_and_again_it_arrives(times: int) -> None:
    """Every process gets some awaits further, and is killed; what is done is done for good."""
    built, deaths = await begin(), 0
    while built.stands != [10, 10]:
        built.pause(Killer(times * 7 + deaths))
        task = asyncio.create_task(built.build())
        await asyncio.gather(task, return_exceptions=True)
        deaths += 1
    assert built.counted == [10, 10]
    assert deaths > 1


async def test_two_builders_fence_each_other() -> None:
    """One whose command was killed may still run beside the next: together they count once."""
    built = await begin()

    async def others_first() -> None:
        await asyncio.sleep(0)

    for models in built.models:
        models.pause = others_first
    await asyncio.gather(*(built.build() for _ in range(3)))
    assert (built.counted, built.stands) == ([10, 10], [10, 10])


async def test_it_rests_after_each_page() -> None:
    """The pace is told how long a page took, and decides when the next one comes."""
    built = await begin()
    rests: list[float] = []

    class Slow:
        async def rest(self, worked_s: float) -> None:
            rests.append(worked_s)

    await Builder(built.pages, built.builder()._engines, built.world.clock, Slow()).build(
        LOG, {}, PAGE
    )
    assert rests == [0.0] * 4

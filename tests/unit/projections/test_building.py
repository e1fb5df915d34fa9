"""The builder: several projections in one pass, each event once, whatever dies where."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domain.checkpoints import Checkpoint
from domain.envelope import MARK_BYTES
from projections.building import Builder, Page
from projections.engine import Engine
from projections.recent import RecentEvents
from tests.doubles.appends import uuid
from tests.unit.projections.memory_models import Counting, MemoryReadModels
from tests.unit.projections.test_engine import Killer, World

LOG = uuid(1)
PAGE = 3
HEAD = 10


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
        self.recent = RecentEvents()
        self.models = [MemoryReadModels(), MemoryReadModels()]
        self.pages = MemoryPages(world)
        self.projections = [Counting(each) for each in self.models]
        for projection, name in zip(self.projections, ("one", "two"), strict=True):
            projection.name = name

    def builder(self) -> Builder:
        """As a process that has just begun has it."""
        engines = [
            Engine(
                *(self.world.store, models, projection, self.world.clock),
                generation="+next",
                recent=self.recent,
            )
            for models, projection in zip(self.models, self.projections, strict=True)
        ]
        return Builder(self.pages, engines, self.world.clock)

    async def build(self, limits: dict[str, int] | None = None) -> None:
        """Build all, in small pages."""
        await self.builder().build(LOG, HEAD, limits or {}, PAGE)

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
    assert [after for after, _, _ in built.pages.read] == [0, 3, 6, 9]
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


async def test_who_was_fenced_goes_on_where_the_other_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another folds a little while this one reads, and is seen no more: nothing is left out."""
    built = await begin()
    read = built.pages.page

    async def behind_another(*asked: Any) -> Page | None:
        monkeypatch.undo()
        await built.build({"one.1+next": 2, "two.1+next": 2})
        return await read(*asked)

    monkeypatch.setattr(built.pages, "page", behind_another)
    await built.build()
    assert (built.counted, built.stands) == ([10, 10], [10, 10])


async def test_pages_of_another_size_count_nothing_twice() -> None:
    """What an earlier process left in the middle of a page is a border of it."""
    built = await begin()
    await built.build({"one.1+next": 4, "two.1+next": 7})
    await built.builder().build(LOG, HEAD, {}, 10)
    assert (built.counted, built.stands) == ([10, 10], [10, 10])


async def test_it_rests_after_each_page() -> None:
    """The pace is told how long a page took, and decides when the next one comes."""
    built = await begin()
    rests: list[float] = []

    class Slow:
        async def rest(self, log: UUID, worked_s: float) -> None:
            assert log == LOG
            rests.append(worked_s)

    engines = built.builder()._engines
    builder = Builder(built.pages, engines, built.world.clock, Slow())
    await builder.build(LOG, HEAD, {}, PAGE)
    assert rests == [0.0] * 4
    hurried = builder.only({"one.1+next"}, hurried=True)
    await built.world.write(6)
    await hurried.build(LOG, HEAD + 2, {}, PAGE)
    assert (built.stands, len(rests)) == ([HEAD + 2, HEAD], 4)


async def test_a_log_that_grows_at_every_read_is_done_all_the_same() -> None:
    """It is built up to where it was to be built; what came meanwhile is the next one's."""
    built, number = await begin(), 5
    read = built.pages.page

    async def growing(
        log: UUID, after: int, upto: int, types: frozenset[str] | None
    ) -> Page | None:
        nonlocal number
        assert number < 99, "it never ends"
        number += 1
        await built.world.write(number)
        return await read(log, after, upto, types)

    built.pages.page = growing  # type: ignore[method-assign]  # a log that is written to steadily
    await built.build()
    assert (built.counted, built.stands) == ([HEAD, HEAD], [HEAD, HEAD])
    assert len(await built.world.store.read_log(LOG, HEAD, 99)) > 0


async def test_rows_of_a_log_that_is_left_are_let_go() -> None:
    """A process that builds many logs holds the rows of none but the one that it is at."""
    built = await begin()
    builder = built.builder()
    await builder.build(LOG, HEAD, {}, PAGE)
    assert [engine._kept for engine in builder._engines] == [{}, {}]


async def test_a_page_of_another_history_is_not_folded() -> None:
    """A restore between the read and the write: it begins again, and asks whose history it is."""
    built = await begin()
    read, restored = built.pages.page, False

    async def page(log: UUID, after: int, upto: int, types: frozenset[str] | None) -> Page | None:
        nonlocal restored
        found = await read(log, after, upto, types)
        if after == PAGE and not restored:
            restored = True
            built.recent.forget()  # as the history's listeners do
        return found

    built.pages.page = page  # type: ignore[method-assign]  # a restore in the middle
    await built.build()
    assert [after for after, _, _ in built.pages.read] == [0, 3, 3, 6, 9]
    assert [models.asked for models in built.models] == [2, 2]
    assert built.counted == [HEAD, HEAD]

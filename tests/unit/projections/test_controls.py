"""Operators and projectors: pausing, what a projector says of itself, turns of bounded length."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain import figures
from domain.errors import StoreUnavailable
from domain.shards import AllShards, Shards
from projections.controls import Control, Place, Trouble
from projections.engine import TURN_S, Engine
from projections.projector import Projector, ProjectorSettings
from tests.doubles.appends import uuid
from tests.unit.projections.memory_models import Counting, Counts, MemoryReadModels
from tests.unit.projections.test_projector import LOG, OneShard, World

PLACE = ("counting.1", LOG)


class MemoryControls:
    """:class:`~projections.controls.Controls` in memory."""

    def __init__(self) -> None:
        self.wanted: dict[str, Control] = {}
        self.told: dict[Place, Trouble] = {}
        self.tellings = 0
        self.kept_erased = list[str]()
        self.away = False

    async def controls(self) -> dict[str, Control]:
        return self.wanted

    async def troubles(self) -> dict[Place, Trouble]:
        return dict(self.told)

    async def tell(self, place: Place, trouble: Trouble | None) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.tellings += 1
        if trouble is None:
            del self.told[place]
        else:
            self.told[place] = trouble

    async def forget_erased(self) -> list[str]:
        found, self.kept_erased = self.kept_erased, []
        return found


class Controlled(World):
    """A world whose projector does as operators say."""

    def __init__(self) -> None:
        super().__init__()
        self.controls = MemoryControls()
        self.projector = self.sharing(AllShards())

    def sharing(self, shards: Shards) -> Projector:
        """One that does as operators say in the logs of these shards."""
        return Projector(
            *(self.store, [self._engine], self.broker, self.clock),
            telemetry=self.kept.telemetry,
            controls=self.controls,
            shards=shards,
        )

    @property
    def _engine(self) -> Engine:
        return Engine(self.store, self.models, self.projection, self.clock)


@pytest.fixture
async def world() -> Controlled:
    """A world with a log."""
    found = Controlled()
    await found.store.create_log(LOG, "one")
    return found


async def test_a_paused_projection_keeps_its_place(world: Controlled) -> None:
    """Neither signals nor looks wake it; it says so, shows its lag, and then goes on from there."""
    async with world.running():
        await world.write(signal=True)
        await world.clock.advance(1.0)
        world.controls.wanted = {"counting": Control(paused=True)}
        await world.clock.advance(1.0)
        for _ in range(3):
            await world.write(signal=True)
        await world.clock.advance(5.0)
        assert world.counted() == 1
        seen = world.kept.measures.seen
        assert seen(figures.PROJECTOR_LOGS)["counting", "paused"] == 1
        assert seen(figures.PROJECTOR_LAG_EVENTS) == {("counting",): 3}
        world.controls.wanted = {}
        await world.clock.advance(1.5)
        assert world.counted() == 4
        assert seen(figures.PROJECTOR_LOGS)["counting", "paused"] == 0


async def test_why_it_stands_is_told_once(world: Controlled) -> None:
    """An event of a newer program: state and reason, for whoever looks into the database."""
    world.store.unknown = frozenset({2})
    async with world.running():
        for _ in range(3):
            await world.write(signal=True)
            await world.clock.advance(1.0)
        reason = "this program does not know the event type 'future.thing'"
        assert world.controls.told == {PLACE: Trouble("stopped", reason)}
        assert world.controls.tellings == 1


async def test_what_an_earlier_process_said_is_taken_back(world: Controlled) -> None:
    """Its successor, which can go on, says so; where the store is away, later."""
    world.controls.told[PLACE] = Trouble("failing", "ZeroDivisionError")
    world.controls.away = True
    async with world.running():
        await world.write(signal=True)
        await world.clock.advance(1.0)
        assert world.controls.told
        world.controls.away = False
        await world.write(signal=True)
        await world.clock.advance(1.0)
        assert not world.controls.told


async def test_whoever_has_a_log_takes_back_what_was_told_of_it(world: Controlled) -> None:
    """Through a handover, and where nothing is left to fold; who gave it up says nothing more."""
    mine, others = OneShard(), OneShard()
    owned, others.owned = others.owned, frozenset()
    world.store.unknown = frozenset({2})
    async with world.running(world.sharing(mine)), world.running(world.sharing(others)):
        await world.write(signal=True)
        await world.write(signal=True)
        await world.clock.advance(1.0)
        assert world.controls.told[PLACE].state == "stopped"
        world.store.unknown = frozenset()
        mine.lost, mine.owned, others.owned = owned, frozenset(), owned
        await world.clock.advance(1.0)
        assert not world.controls.told
        world.controls.told[PLACE] = Trouble("failing", "who died before it was taken back")
        mine.owned, others.owned = owned, frozenset()
        await world.clock.advance(1.0)
        assert not world.controls.told
        assert world.counted() == 2


async def test_what_keeps_erased_words_is_thrown_away(world: Controlled) -> None:
    """At the start, and a minute later what was left then, whatever happens in between."""
    world.controls.kept_erased = ["counting.1+old"]
    async with world.running():
        assert not world.controls.kept_erased
        world.controls.kept_erased = ["counting.1+next"]
        await world.clock.advance(ProjectorSettings().sweep_s - 1)
        assert world.controls.kept_erased
        await world.clock.advance(1.0)
        assert not world.controls.kept_erased


async def test_a_log_that_is_far_behind_is_left_for_a_turn_of_others() -> None:
    """A turn ends in the middle of full pages, and goes on after those that wait for theirs."""
    world = World()
    for number in (1, 2):
        await world.store.create_log(uuid(number), str(number))
        for _ in range(40):
            await world.write(uuid(number))
    order: list[UUID] = []

    class Slow(Counting):
        async def load(self, log: UUID, *rest: object) -> Counts:
            order.append(log)
            await world.clock.sleep(TURN_S / 4)
            return await super().load(log, *rest)  # type: ignore[arg-type]  # as they came

    models = MemoryReadModels()
    engine = Engine(world.store, models, Slow(models), world.clock, page_events=2)
    projector = Projector(
        *(world.store, [engine], world.broker, world.clock), ProjectorSettings(concurrency=1)
    )
    async with world.running(projector):
        for _ in range(200):
            await world.clock.advance(0.1)
    assert [sum(models.tables.counts[uuid(number)].values()) for number in (1, 2)] == [40, 40]
    assert order.index(uuid(2)) <= 6

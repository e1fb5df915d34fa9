"""What a rebuild is made of, in the command's process and in its workers alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.ports import Clock, EventStore
from ops.catalogue import projections_of
from ops.core import Core
from ops.errors import CannotRun
from ops.patience import TRIES, insisting
from ops.rebuilding.progress import Watched
from ops.settings import Settings
from projections.building import Builder, BuildSettings
from projections.engine import Engine
from projections.generations import Generation, Model, has_effects, model_of
from projections.projection import Given, Projection, identifier
from projections.recent import RecentEvents


@dataclass(frozen=True)
class Building:
    """Projections over the tables of one generation, and what folds into them."""

    core: Core
    generation: Generation
    projections: Sequence[Projection[Any]]
    builder: Builder
    page_events: int
    tries: int = TRIES

    @property
    def models(self) -> list[Model]:
        """What is built."""
        return [model_of(each) for each in self.projections]

    async def build(self, log: UUID, upto: int, progressed: Any = lambda: None) -> None:
        """Fold a log up to there, as far as may be. Raises UnknownEvent, StoreUnavailable.

        StoreUnavailable after some tries: each goes on from the checkpoints of the one before.
        """
        async for attempt in insisting(self.tries):
            with attempt:
                limits = await self._limits(log)
                await self.builder.build(log, upto, limits, self.page_events, progressed)

    def watched(self, heads: Mapping[UUID, int]) -> Watched:
        """How far it is on the way to these heads."""
        limited = [model_of(each) for each in self.projections if has_effects(each)]
        return Watched(self.core, self.models, limited, self.generation, heads)

    async def build_all(self, heads: Mapping[UUID, int]) -> None:
        """Fold those of these logs that are not so far yet."""
        for log, left in (await self.watched(heads).left()).items():
            if left > 0:
                await self.build(log, heads[log])

    def among(self, names: Sequence[str], *, hurried: bool = False) -> Building:
        """Only these: the others may be switched already, or be another process's.

        ``hurried``: while readers wait, so nothing is tried twice.
        """
        projections = [each for each in self.projections if each.name in names]
        which = {identifier(each) + self.generation.suffix for each in projections}
        builder = self.builder.only(which, hurried=hurried)
        tries = 1 if hurried else self.tries
        return replace(self, projections=projections, builder=builder, tries=tries)

    async def _limits(self, log: UUID) -> Mapping[str, int]:
        """How far those may come that have effects: where their live tables are."""
        models = self.core.database.read_models
        return {
            identifier(each) + self.generation.suffix: (
                await models.checkpoint(identifier(each), log)
            ).position
            for each in self.projections
            if has_effects(each)
        }


def building_of(
    core: Core, settings: Settings, names: Sequence[str], generation: Generation
) -> Building:
    """These projections over one generation. Raises CannotRun where one does not exist."""
    database, clock, build = core.database, core.clock, settings.build
    models = database.generation(generation.schema)
    given = Given(models, database.cipher, clock, acts=False)
    projections = chosen(projections_of(settings, given), names)
    recent = RecentEvents()  # it keeps none here, but counts histories
    database.history.on_change(lambda _: recent.forget())
    engines = [
        Engine(database.store, models, each, clock, generation=generation.suffix, recent=recent)
        for each in projections
    ]
    pace = Considerate(database.store, clock, build)
    builder = Builder(database.pages(build.page_bytes), engines, clock, pace)
    return Building(core, generation, projections, builder, build.page_events)


def chosen(found: Sequence[Projection[Any]], names: Sequence[str]) -> list[Projection[Any]]:
    """Those of these names. Raises CannotRun for a name that none has."""
    by_name = {each.name: each for each in found}
    for name in names:
        if name not in by_name:
            known = ", ".join(by_name)
            raise CannotRun(f"There is no projection {name!r}; there are {known}.")
    return [each for each in found if each.name in names]


class Considerate:
    """A pace that leaves the machine to whoever chats.

    A part of the time, and more when the database is slow, which a small query of its own tells:
    it finds the row of the log's head.
    """

    def __init__(self, store: EventStore, clock: Clock, settings: BuildSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def rest(self, log: UUID, worked_s: float) -> None:
        settings, clock = self._settings, self._clock
        await clock.sleep(worked_s / settings.share - worked_s)
        ends = clock.monotonic() + settings.yield_s
        while (begun := clock.monotonic()) < ends:
            await self._store.heads([log])
            took = clock.monotonic() - begun
            if took < settings.slow_s:
                return
            await clock.sleep(took)

"""What a rebuild is made of, in the command's process and in its workers alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.ports import Clock
from ops.catalogue import projections_of
from ops.core import Core
from ops.errors import CannotRun
from ops.settings import Settings
from projections.building import Builder, BuildSettings, Pace
from projections.engine import Engine
from projections.generations import Generation, Model, has_effects, model_of
from projections.projection import Given, Projection, identifier


@dataclass(frozen=True)
class Building:
    """Projections over the tables of one generation, and what folds into them."""

    core: Core
    generation: Generation
    projections: Sequence[Projection[Any]]
    builder: Builder
    page_events: int

    @property
    def models(self) -> list[Model]:
        """What is built."""
        return [model_of(each) for each in self.projections]

    async def build(self, log: UUID, progressed: Any = lambda: None) -> None:
        """Fold a log as far as may be. Raises UnknownEvent, StoreUnavailable."""
        await self.builder.build(log, await self._limits(log), self.page_events, progressed)

    def alone(self, model: Model) -> Building:
        """Only one of the projections: the others may be switched already."""
        which = model.identifier + self.generation.suffix
        projections = [each for each in self.projections if model_of(each) == model]
        return replace(self, projections=projections, builder=self.builder.only(which))

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
    core: Core,
    settings: Settings,
    names: Sequence[str],
    generation: Generation,
    pace: Pace | None = None,
) -> Building:
    """These projections over one generation. Raises CannotRun where one does not exist."""
    database, clock, build = core.database, core.clock, settings.build
    models = database.generation(generation.schema)
    given = Given(models, database.cipher, clock, acts=False)
    projections = chosen(projections_of(settings, given), names)
    engines = [
        Engine(database.store, models, each, clock, generation=generation.suffix)
        for each in projections
    ]
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

    A part of the time, and more when the database is slow, which a small query of its own tells.
    """

    def __init__(self, core: Core, settings: BuildSettings) -> None:
        self._core = core
        self._clock: Clock = core.clock
        self._settings = settings

    async def rest(self, worked_s: float) -> None:
        settings, clock = self._settings, self._clock
        await clock.sleep(worked_s / settings.share - worked_s)
        ends = clock.monotonic() + settings.yield_s
        while (begun := clock.monotonic()) < ends:
            await self._core.database.store.heads([])
            took = clock.monotonic() - begun
            if took < settings.slow_s:
                return
            await clock.sleep(took)

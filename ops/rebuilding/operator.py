"""What an operator asks of projections besides a rebuild."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from adapters.postgres import generations, overview
from adapters.postgres.builds import Builds, ParkedEvent
from adapters.postgres.migrations import owner
from adapters.postgres.overview import Overview
from adapters.postgres.readmodels import PostgresTransaction
from ops.asking import log_of
from ops.catalogue import projections_of
from ops.core import Core
from ops.errors import CannotRun
from ops.rebuilding.parts import chosen
from ops.settings import Settings
from projections.analysts.views import make_views
from projections.generations import CURRENT, NEXT, OLD, Model, model_of
from projections.projection import Given, Projection, create_tables, identifier, name_of


class ProjectionOperator:
    """The operator's commands on the projections of a core."""

    def __init__(self, core: Core, settings: Settings) -> None:
        self._core = core
        given = Given(core.database.read_models, core.database.cipher, core.clock, acts=False)
        self._projections = projections_of(settings, given)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of this program, and the operator's own."""
        return tuple(each.name for each in self._projections)

    async def overview(self) -> Overview:
        """How all of them are."""
        async with self._owner() as connection:
            return await overview.overview(connection, [*map(identifier, self._projections)])

    async def pause(self, name: str, *, paused: bool) -> None:
        """Want a projection paused, or not; projectors see it at their next look."""
        self._named(name)
        async with self._owner() as connection:
            await overview.pause(connection, name, paused=paused)

    async def parked(self, name: str, tenant: str | None) -> list[ParkedEvent]:
        """What a projection has parked."""
        log = None if tenant is None else await log_of(self._core, tenant)
        async with self._owner() as connection:
            return await Builds(connection).parked(identifier(self._named(name)), log)

    async def demand_parked(self, name: str, tenant: str, position: int) -> None:
        """Refuse to replay what is not parked. Raises CannotRun."""
        found = await self.parked(name, tenant)
        if position not in {each.position for each in found}:
            raise CannotRun(f"Position {position} of {tenant} is not parked by {name}.")

    async def drop(self, name: str) -> list[str]:
        """Throw away what is beside the live tables, or a version that is nobody's; what it was."""
        async with self._owner() as connection:
            if name in self.names:
                return await self._drop_beside(connection, model_of(self._named(name)))
            left = await overview.models(connection)
            if name not in left:
                known = ", ".join(sorted({*self.names, *left} - self._own))
                raise CannotRun(f"There is no projection {name!r}; there are {known}.")
            if name in self._own:
                beside = f"`parley projection drop {name_of(name)}` throws away what is beside it"
                raise CannotRun(f"{name} is live; {beside}.")
            return await self._drop_all(connection, Model(name, left[name]))

    @property
    def _own(self) -> set[str]:
        return {*map(identifier, self._projections)}

    async def _drop_beside(self, connection: Any, model: Model) -> list[str]:
        """The generation before, and an unfinished build, unless somebody is at it."""
        name = name_of(model.identifier)
        other = await Builds(connection).hold(name, "a command that drops it")
        if other is not None:
            raise CannotRun(f"Projection {name} is being rebuilt, by {other}.")
        dropped = []
        for generation, words in ((OLD, "the older generation"), (NEXT, "an unfinished build")):
            if await generations.exists(connection, model, generation):
                await generations.drop(connection, model, generation)
                dropped.append(f"dropped {words} of {model.identifier}")
        await Builds(connection).end([name])
        return dropped

    async def _drop_all(self, connection: Any, model: Model) -> list[str]:
        async with connection.transaction():  # the views may be over its tables: see who came last
            transaction = PostgresTransaction(connection)
            await create_tables(transaction, self._projections)
            await make_views(transaction)
        for generation in (CURRENT, NEXT, OLD):
            await generations.drop(connection, model, generation)
        await overview.forget_model(connection, model.identifier)
        return [f"dropped {model.identifier}"]

    def _named(self, name: str) -> Projection[Any]:
        return chosen(self._projections, [name])[0]

    @contextlib.asynccontextmanager
    async def _owner(self) -> AsyncIterator[Any]:
        """The owner's connection, where projections have run before. Raises CannotRun."""
        async with owner(self._core.url) as connection:
            if await connection.fetchval("SELECT to_regclass('rm.model')") is None:
                raise CannotRun("No projection has run here yet; `parley serve` runs them.")
            yield connection

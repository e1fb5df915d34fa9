"""A rebuild from end to end: one at a time of a projection, resumed wherever it was cut off.

Tables, workers that fold, indexes, the switch. Nothing here is needed by who goes on after a kill:
what is done stands in checkpoints.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast
from uuid import UUID

from adapters.postgres import generations
from adapters.postgres.builds import Builds
from adapters.postgres.generations import Positions, TablesBusy
from adapters.postgres.migrations import owner, without_limits
from adapters.postgres.readmodels import PostgresTransaction
from ops.asking import log_of
from ops.catalogue import projections_of
from ops.core import Core
from ops.errors import CannotRun
from ops.rebuilding.parts import Building, building_of
from ops.rebuilding.progress import Say, Watched
from ops.rebuilding.worker import Order
from ops.rebuilding.workers import fold_all, working
from ops.settings import Settings
from projections.analysts import views as analysts_views
from projections.generations import NEXT, OLD, Model, make_tables
from projections.projection import Given, Projection, create_tables

LOOK_S = 0.5
"""Seconds between two looks at how far a rebuild is."""

LONGEST_PAUSE_S = 5.0
"""Between two attempts at a switch: whoever reads the tables for long does so for seconds."""

CATCH_UP_S = 2.0
"""Seconds for which live checkpoints are held while the next generation reaches them; projectors
wait that long, and readers do not."""

UndoneOf = "There is nothing to go back to: projection {} has no older generation."


class Rebuild:
    """A rebuild of some projections on a core whose database is ready."""

    def __init__(self, core: Core, settings: Settings, names: Sequence[str]) -> None:
        self._core = core
        self._settings = settings
        self._names = tuple(names)

    async def run(self, say: Say = lambda _: None) -> None:
        """Build the next generation and make it the live one.

        Raises CannotRun, StoreUnavailable, UnknownEvent; then nothing was switched, and what was
        folded is gone on from the next time.
        """
        async with self._alone() as connection:
            building = building_of(self._core, self._settings, self._names, NEXT)
            await self._make(connection, building, whole=False)
            await self._fold(building, say)
            await self._make(connection, building, whole=True)
            await self._switch(connection, building)

    async def undo(self) -> None:
        """Make the generation before the live one again, brought to where that is."""
        async with self._alone() as connection:
            building = building_of(self._core, self._settings, self._names, OLD)
            for model in building.models:
                if not await generations.exists(connection, model, OLD):
                    raise CannotRun(UndoneOf.format(model.identifier))
            for log in await self._logs():
                await building.build(log)
            await self._switch(connection, building)

    async def run_for(self, tenant: str, mended: int | None = None) -> None:
        """Fold one tenant's log anew and put its rows in the place of the live ones.

        ``mended`` is a position that was parked and must not be again: else nothing is changed.
        Raises CannotRun.
        """
        async with self._alone() as connection:
            building = building_of(self._core, self._settings, self._names, NEXT)
            log = await log_of(self._core, tenant)
            await self._make(connection, building, whole=True)
            for model in building.models:
                await generations.forget(connection, model, NEXT, log)
            await building.build(log)
            if mended is not None:
                await self._demand_mended(connection, building, log, mended)
            for model, projection in zip(building.models, building.projections, strict=True):
                clear = partial(projection.clear, log=log)
                caught_up = self._catching_up(building.alone(model))
                await self._patiently(
                    partial(generations.replace, connection, model, log, caught_up, clear)
                )
                await self._leave_no_empty(connection, model)

    async def _leave_no_empty(self, connection: Any, model: Model) -> None:
        """Drop the next generation, unless there is a build of all that is to be gone on with."""
        models = self._core.database.read_models
        if not await models.checkpoints(model.identifier + NEXT.suffix):
            await generations.drop(connection, model, NEXT)

    async def _demand_mended(
        self, connection: Any, building: Building, log: UUID, position: int
    ) -> None:
        for model in building.models:
            parked = await Builds(connection).parked(model.identifier + NEXT.suffix, log)
            error = next((each.error for each in parked if each.position == position), None)
            if error is not None:
                raise CannotRun(
                    f"Position {position} cannot be folded by {model.identifier} still ({error});"
                    " nothing was changed."
                )

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[Any]:
        """The owner's connection, with the right to rebuild these projections."""
        async with owner(self._core.url) as connection:
            builds = Builds(connection)
            async with connection.transaction():
                await create_tables(PostgresTransaction(cast("Any", connection)), self._live())
            for name in sorted(self._names):
                other = await builds.hold(name, _who())
                if other is not None:
                    raise CannotRun(f"Projection {name} is being rebuilt already, by {other}.")
            try:
                yield connection
            finally:
                if not connection.is_closed():
                    await builds.end(self._names)

    def _live(self) -> list[Projection[Any]]:
        """All projections over the live tables: views are over those of several."""
        database = self._core.database
        return projections_of(
            self._settings, Given(database.read_models, database.cipher, self._core.clock)
        )

    async def _make(self, connection: Any, building: Building, *, whole: bool) -> None:
        """Tables for the build; ``whole``: with the indexes that only readers need."""
        async with without_limits(connection), connection.transaction():
            transaction = PostgresTransaction(connection)
            await make_tables(transaction, building.projections, building.generation, whole=whole)

    async def _fold(self, building: Building, say: Say) -> None:
        """Fold all logs, by workers where there is enough to do."""
        heads = {head.log: head.position for head in await self._core.database.store.heads()}
        watched = Watched(self._core, building.models, building.generation, heads)
        behind = [
            log for log, left in (await watched.left()).items() if left > building.page_events
        ]
        count = min(len(behind), self._settings.build.workers)
        order = Order(self._settings, self._core.url, self._names)
        async with self._seen(watched, say), working(order, count) as workers:
            await fold_all(workers, behind)
            for log in heads:
                await building.build(log)

    @contextlib.asynccontextmanager
    async def _seen(self, watched: Watched, say: Say) -> AsyncIterator[None]:
        """Tell how far it is while it goes on, here and to whoever asks the database."""

        async def look() -> None:
            async with owner(self._core.url) as connection:
                while True:
                    await asyncio.sleep(LOOK_S)
                    found = await watched.look()
                    await Builds(connection).tell(self._names, found.per_second)
                    say(found)

        looking = asyncio.create_task(look())
        try:
            yield
            say(await watched.look())
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _switch(self, connection: Any, building: Building) -> None:
        for model in building.models:
            caught_up = self._catching_up(building.alone(model))
            await self._patiently(
                partial(
                    generations.switch,
                    connection,
                    model,
                    building.generation,
                    caught_up,
                    analysts_views.remaking(model.owned),
                    self._settings.build.locks_ms,
                )
            )

    def _catching_up(self, building: Building) -> Callable[[Positions], Awaitable[None]]:
        async def caught_up(positions: Positions) -> None:
            try:
                async with asyncio.timeout(CATCH_UP_S):
                    for log in positions:
                        await building.build(log)
            except TimeoutError:
                raise TablesBusy("the logs grow faster than they are folded") from None

        return caught_up

    async def _patiently(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Try until nobody is in the way. Raises CannotRun after ``switch_s``."""
        clock, pause_s = self._core.clock, 0.05
        ends = clock.monotonic() + self._settings.build.switch_s
        while True:
            try:
                return await attempt()
            except TablesBusy as error:
                if clock.monotonic() >= ends:
                    raise CannotRun(
                        f"The switch did not come about: {error}. All is built; give the command"
                        " again, and only the switch is left to do."
                    ) from None
            await clock.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    async def _logs(self) -> list[UUID]:
        return [head.log for head in await self._core.database.store.heads()]


def _who() -> str:
    """This process, as other operators find it."""
    return f"process {os.getpid()} on {socket.gethostname()}"

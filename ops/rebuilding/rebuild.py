"""A rebuild from end to end: one at a time of a projection, resumed wherever it was cut off.

Tables, workers that fold, indexes, the switch. Nothing here is needed by who goes on after a kill:
what is done stands in checkpoints.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, cast
from uuid import UUID

from adapters.postgres import generations
from adapters.postgres.builds import Builds
from adapters.postgres.migrations import owner, without_limits
from adapters.postgres.readmodels import PostgresTransaction
from domain.errors import StoreUnavailable, described
from ops.asking import log_of
from ops.catalogue import projections_of
from ops.core import Core
from ops.errors import CannotRun
from ops.rebuilding.parts import Building, building_of
from ops.rebuilding.pieces import pieces
from ops.rebuilding.progress import Progress, Say
from ops.rebuilding.switching import Switching, heads_of
from ops.rebuilding.worker import Order
from ops.rebuilding.workers import fold_all, working
from ops.settings import Settings
from projections.generations import NEXT, OLD, Model, make_tables
from projections.projection import Given, Projection, create_tables

_logger = logging.getLogger("parley.rebuilding")

LOOK_S = 0.5
"""Seconds between two looks at how far a rebuild is."""

Look = Callable[[], Awaitable[Progress | None]]
"""How far it is; None: there is nothing to count now, but it goes on."""

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
            few = sum((await self._left(building)).values()) <= building.page_events
            await self._make(connection, building, whole=few)
            await self._fold(building, say)
            async with self._seen(_nothing):
                await self._make(connection, building, whole=True)
                await Switching(self._core, self._settings, connection).switch(building)

    async def undo(self, say: Say = lambda _: None) -> None:
        """Make the generation before the live one again, brought to where that is."""
        async with self._alone() as connection:
            building = building_of(self._core, self._settings, self._names, OLD)
            for model in building.models:
                if not await generations.exists(connection, model, OLD):
                    raise CannotRun(UndoneOf.format(model.identifier))
            await self._fold(building, say)
            async with self._seen(_nothing):
                await Switching(self._core, self._settings, connection).switch(building)

    async def run_for(
        self, tenant: str, mended: int | None = None, say: Say = lambda _: None
    ) -> None:
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
            heads = await heads_of(self._core, [log])
            watched = building.watched(heads)
            async with self._seen(watched.look, say):
                await building.build_all(heads)
            if mended is not None:
                await self._demand_mended(connection, building, log, mended)
            async with self._seen(_nothing):
                await Switching(self._core, self._settings, connection).replace(building, log)
            for model in building.models:
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
        """Fold all logs to their heads of now, by workers where there is enough to do."""
        heads = await heads_of(self._core)
        watched = building.watched(heads)
        left = {log: events for log, events in (await watched.left()).items() if events > 0}
        enough = sum(left.values()) > building.page_events
        workers = self._settings.build.workers if enough else 0
        shared = pieces(building.projections, left, heads, workers)
        order = Order(self._settings, self._core.url, self._names, building.generation)
        async with (
            self._seen(watched.look, say),
            working(order, min(workers, len(shared))) as found,
        ):
            await fold_all(found, shared)
            await building.build_all(await heads_of(self._core))

    async def _left(self, building: Building) -> dict[UUID, int]:
        return await building.watched(await heads_of(self._core)).left()

    @contextlib.asynccontextmanager
    async def _seen(self, look: Look, say: Say = lambda _: None) -> AsyncIterator[None]:
        """Tell how far it is while it goes on, here and to whoever asks the database."""

        async def tell() -> None:
            async with owner(self._core.url) as connection:
                while True:
                    await asyncio.sleep(LOOK_S)
                    found = await look()
                    await Builds(connection).tell(self._names, found.per_second if found else 0)
                    if found:
                        say(found)

        async def keep_telling() -> None:
            while True:
                try:
                    await tell()
                except StoreUnavailable as error:
                    _logger.warning("how far the rebuild is cannot be told now: %s", error)
                    await asyncio.sleep(LOOK_S)

        telling = asyncio.create_task(keep_telling())
        try:
            yield
            if found := await look():
                say(found)
        finally:
            telling.cancel()
            (ended,) = await asyncio.gather(telling, return_exceptions=True)
            if isinstance(ended, Exception):
                _logger.error("nobody was told how far the rebuild was: %s", described(ended))


async def _nothing() -> None:
    """Indexes and the switch: see :data:`Look`."""


def _who() -> str:
    """This process, as other operators find it."""
    return f"process {os.getpid()} on {socket.gethostname()}"

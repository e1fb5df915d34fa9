"""The end of a rebuild: what was built takes the place of what is live, when nobody is in the way.

Whoever holds the live checkpoints holds up projectors. So what is left to fold is folded before
they are held, and again what came meanwhile while they are, up to them and no further.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from adapters.postgres import generations
from adapters.postgres.failures import LockTaken
from adapters.postgres.generations import Positions, TablesBusy
from domain.errors import TookTooLong
from ops.core import Core
from ops.errors import CannotRun
from ops.rebuilding.parts import Building
from ops.settings import Settings
from projections.analysts import views as analysts_views
from projections.generations import OLD, Model
from projections.projection import name_of

LONGEST_PAUSE_S = 5.0
"""Between two attempts at a switch: whoever reads the tables for long does so for seconds."""

CATCH_UP_S = 2.0
"""Seconds for which live checkpoints are held while the next generation reaches them. Readers do
not wait; projectors are told that a lock is taken, and try again."""

_BUSY = (TablesBusy, LockTaken)


class Switching:
    """Switches on the owner's connection, by whoever may rebuild these projections."""

    def __init__(self, core: Core, settings: Settings, connection: Any) -> None:
        self._core = core
        self._settings = settings
        self._connection = connection

    async def switch(self, building: Building) -> None:
        """Make a generation the live one, one model at a time. Raises CannotRun."""
        models = building.models
        for done, model in enumerate(models):
            left = models[done:]
            sentence = partial(_left_to_switch, left, undone=building.generation == OLD)
            await self._patiently(partial(self._switch, building, model), sentence)

    async def _switch(self, building: Building, model: Model) -> None:
        names = [name_of(model.identifier)]
        await building.among(names).build_all(await heads_of(self._core))
        await generations.switch(
            self._connection,
            model,
            building.generation,
            self._catching_up(building.among(names, hurried=True)),
            analysts_views.remaking(model.owned),
            self._settings.build.locks_ms,
        )

    async def replace(self, building: Building, log: UUID) -> None:
        """Put one log's rows in the place of its live ones. Raises CannotRun."""
        for model, projection in zip(building.models, building.projections, strict=True):
            alone = building.among([projection.name], hurried=True)
            caught_up = self._catching_up(alone)
            clear = partial(projection.clear, log=log)
            replace = partial(generations.replace, self._connection, model, log, caught_up, clear)
            await self._patiently(replace, lambda: "Give the command again.")

    def _catching_up(self, building: Building) -> Callable[[Positions], Awaitable[None]]:
        async def caught_up(positions: Positions) -> None:
            try:
                async with asyncio.timeout(CATCH_UP_S):
                    await building.build_all(positions)
            except (TimeoutError, TookTooLong):
                raise TablesBusy("the logs grow faster than they are folded") from None

        return caught_up

    async def _patiently(
        self, attempt: Callable[[], Awaitable[None]], advice: Callable[[], str]
    ) -> None:
        """Try until nobody is in the way. Raises CannotRun after ``switch_s``."""
        clock, pause_s = self._core.clock, 0.05
        ends = clock.monotonic() + self._settings.build.switch_s
        while True:
            try:
                return await attempt()
            except _BUSY as error:
                if clock.monotonic() >= ends:
                    raise CannotRun(f"The switch did not come about: {error}. {advice()}") from None
            await clock.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)


async def heads_of(core: Core, logs: Sequence[UUID] | None = None) -> Mapping[UUID, int]:
    """How far these logs are now, or all."""
    return {head.log: head.position for head in await core.database.store.heads(logs)}


def _left_to_switch(left: Sequence[Model], *, undone: bool) -> str:
    """What to do: those that are switched already must not be built, or switched, once more."""
    names = " ".join(name_of(model.identifier) for model in left)
    how = " --undo" if undone else ""
    return (
        f"All is built; give `parley projection rebuild {names}{how}`, and only the switch is left"
        " to do."
    )

"""How far a rebuild is: by its checkpoints, so that whoever looks sees the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from ops.core import Core
from projections.generations import Generation, Model

WINDOW_LOOKS = 10
"""Over so many looks the rate is taken: pages are large, and one look sees none or several."""


class Progress(Struct, frozen=True):
    """Events that are folded, of how many; events a second lately; seconds left at that rate."""

    done: int
    total: int
    per_second: float
    left_s: float | None


Say = Callable[[Progress], None]
"""Is told now and then how far it is."""


class Watched:
    """Looks at the build of some models, towards the heads as they were at its start."""

    def __init__(
        self, core: Core, models: Sequence[Model], generation: Generation, heads: Mapping[UUID, int]
    ) -> None:
        self._core = core
        self._identifiers = [model.identifier + generation.suffix for model in models]
        self._heads = heads
        self._looks: list[tuple[float, int]] = []

    async def left(self) -> dict[UUID, int]:
        """Events that are left of each log, for the model that is last; the longest first."""
        found = await self._positions()
        left = {
            log: head - min(positions.get(log, 0) for positions in found)
            for log, head in self._heads.items()
        }
        return dict(sorted(left.items(), key=lambda each: -each[1]))

    async def look(self) -> Progress:
        """How far it is now."""
        found, total = await self._positions(), sum(self._heads.values())
        done = sum(
            min(head, positions.get(log, 0))
            for log, head in self._heads.items()
            for positions in found
        ) // len(found)
        self._looks.append((self._core.clock.monotonic(), done))
        del self._looks[:-WINDOW_LOOKS]
        (since, before), (now, _) = self._looks[0], self._looks[-1]
        rate = (done - before) / (now - since) if now > since else 0.0
        return Progress(done, total, rate, (total - done) / rate if rate else None)

    async def _positions(self) -> list[dict[UUID, int]]:
        models = self._core.database.read_models
        return [
            {log: at.position for log, at in (await models.checkpoints(each)).items()}
            for each in self._identifiers
        ]

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
    """Looks at the build of some models, towards the heads as they were at its start.

    Those of them that are ``limited`` come no further than their live tables were then.
    """

    def __init__(
        self,
        core: Core,
        models: Sequence[Model],
        limited: Sequence[Model],
        generation: Generation,
        heads: Mapping[UUID, int],
    ) -> None:
        self._core = core
        self._models = models
        self._limited = limited
        self._suffix = generation.suffix
        self._heads = heads
        self._ends: list[Mapping[UUID, int]] = []
        self._looks: list[tuple[float, int]] = []

    async def left(self) -> dict[UUID, int]:
        """Events that are left of each log, for the model that has most; the longest first."""
        stands = await self._stands()
        left = {
            log: max(ends[log] - min(ends[log], at.get(log, 0)) for at, ends in stands)
            for log in self._heads
        }
        return dict(sorted(left.items(), key=lambda each: -each[1]))

    async def look(self) -> Progress:
        """How far it is now."""
        stands, total = await self._stands(), sum(self._heads.values())
        whole = sum(sum(ends.values()) for _, ends in stands)
        there = sum(min(end, at.get(log, 0)) for at, ends in stands for log, end in ends.items())
        done = total * there // whole if whole else total
        self._looks.append((self._core.clock.monotonic(), done))
        del self._looks[:-WINDOW_LOOKS]
        (since, before), (now, _) = self._looks[0], self._looks[-1]
        rate = (done - before) / (now - since) if now > since else 0.0
        return Progress(done, total, rate, (total - done) / rate if rate else None)

    async def _stands(self) -> list[tuple[Mapping[UUID, int], Mapping[UUID, int]]]:
        """Where each model is in each log, and where it is to come."""
        if not self._ends:
            self._ends = [await self._ends_of(model) for model in self._models]
        found = [await self._positions(model.identifier + self._suffix) for model in self._models]
        return list(zip(found, self._ends, strict=True))

    async def _ends_of(self, model: Model) -> Mapping[UUID, int]:
        if model not in self._limited:
            return self._heads
        live = await self._positions(model.identifier)
        return {log: min(head, live.get(log, 0)) for log, head in self._heads.items()}

    async def _positions(self, identifier: str) -> Mapping[UUID, int]:
        found = await self._core.database.read_models.checkpoints(identifier)
        return {log: at.position for log, at in found.items()}

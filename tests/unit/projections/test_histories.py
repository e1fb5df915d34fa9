"""A view is of one history, whenever a restore comes in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from domain.envelope import MARK_BYTES, RecordedEvent
from projections.engine import Engine
from projections.ports import Checkpoint
from projections.recent import RecentEvents
from tests.doubles.appends import append, part, said
from tests.unit.projections.memory_models import MemoryTransaction
from tests.unit.projections.test_engine import LOG, World

PAGE = 4


class RestoredWorld(World):
    """A log of ten events, which goes back in the middle of the second page and grows beyond it."""

    def __init__(self) -> None:
        super().__init__()
        self.recent = RecentEvents(100)
        self.engine = Engine(
            self.store,
            self.models,
            self.projection,
            self.clock,
            page_events=PAGE,
            recent=self.recent,
        )
        self._is_restored = False

    async def restore(self) -> None:
        """Once, when the first page is in the view; this process knows at once."""
        if self._is_restored or self.checkpoint.position != PAGE:
            return
        self._is_restored = True
        self.store.restore({LOG: PAGE + 2})
        others = [append(n, part(said(), stream=f"conversation-{n}")) for n in range(20, 29)]
        await self.store.append_batch(LOG, others)
        self.recent.forget()

    async def check(self) -> None:
        """The view is the fold of the log, to its head."""
        assert self._is_restored
        assert self.seen == sorted(self.seen), "folded anew, since what is lost was shown"
        events = await self.store.read_log(LOG, 0, 100)
        assert self.models.tables.counts[LOG] == Counter(event.stream for event in events)
        assert self.checkpoint == Checkpoint(len(events), events[-1].hash[:MARK_BYTES])


async def restored_world() -> RestoredWorld:
    """With its events."""
    world = RestoredWorld()
    await world.store.create_log(LOG, "demo")
    await world.write(*range(1, 6))
    return world


async def test_a_page_that_was_read_before_is_not_folded() -> None:
    """It was read of the history that is lost; its checkpoint is of both.

    Nor does another projection, which stands before that, find it among what is kept.
    """
    world = await restored_world()
    read_log = world.store.read_log
    last = (await read_log(LOG, 0, PAGE + 2))[-1]
    within = Checkpoint(last.position, last.hash[:MARK_BYTES])

    async def read(log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        found = {event.hash for event in world.recent.after(LOG, within, 100)}
        assert found <= {event.hash for event in await read_log(LOG, 0, 100)}
        page = await read_log(log, after, limit)
        await world.restore()
        return page

    world.store.read_log = read  # type: ignore[method-assign]  # to come in between
    await world.follow()
    await world.check()


async def test_a_page_that_was_folded_before_is_not_written() -> None:
    """The connection that it was to be written on is the first to find the other history."""
    world = await restored_world()
    projecting = world.models.projecting

    @asynccontextmanager
    async def project(log: UUID) -> AsyncIterator[MemoryTransaction]:
        await world.restore()
        async with projecting(log) as transaction:
            yield transaction

    world.models.projecting = project  # type: ignore[method-assign]  # to come in between
    await world.follow()
    await world.check()

"""What the relay's tests share: a store that others write to, a stubborn broker, shards to lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from msgspec.structs import replace

from brokers.in_process import InProcessBroker
from brokers.relay import Relay
from brokers.settings import RelaySettings
from domain.broker import Heads
from domain.envelope import StoredEvent, StoredSlice
from domain.errors import BrokerAway, StoreUnavailable, UnknownEvent
from domain.outbox import Move, Standing
from domain.shards import ALL_SHARDS
from domain.telemetry import NO_TELEMETRY, Telemetry
from tests.doubles.appends import append, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_outbox import MemoryOutbox
from tests.doubles.memory_store import MemoryEventStore

LOG, OTHER = uuid(1), uuid(2)
SMALL = RelaySettings(slice_events=2, window_slices=3)


class WatchedOutbox(MemoryOutbox):
    """The simulated outbox, counting its pages, with faults on demand.

    - ``unreadable``: logs whose reading raises ``failure``;
    - ``lose_moves``, ``lose_answers``: so many saves to come raise before, or after, their commit;
    - ``answering``: unset, what is asked or saved is done, and the answer stays on its way.
    """

    def __init__(self, store: MemoryEventStore) -> None:
        super().__init__(store)
        self.reads = 0
        self.unreadable: frozenset[UUID] = frozenset()
        self.failure: Exception = UnknownEvent("from the future")
        self.lose_moves = 0
        self.lose_answers = 0
        self.answering = asyncio.Event()
        self.answering.set()

    def become(self, store: MemoryEventStore) -> None:
        """Be what is restored from a backup: this store, and no checkpoint yet."""
        self._store = store
        self.checkpoints.clear()

    async def read(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        self.reads += 1
        if log in self.unreadable:
            raise self.failure
        return await super().read(log, after, limit)

    async def behind(self, shards: Collection[int]) -> list[Standing]:
        found = await super().behind(shards)
        await self.answering.wait()
        return found

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        if self.lose_moves:
            self.lose_moves -= 1
            raise StoreUnavailable("lost on the way there")
        moved = await super().advance(moves)
        if self.lose_answers:
            self.lose_answers -= 1
            raise StoreUnavailable("lost on the way back")
        await self.answering.wait()
        return moved


class StubbornBroker(InProcessBroker):
    """A broker that is away, refuses single slices, or keeps its confirms to itself."""

    def __init__(self) -> None:
        super().__init__()
        self.slices: list[StoredSlice] = []
        self.contexts: list[str | None] = []
        self.beacons: list[Heads] = []
        self.away = False
        self.refused: set[int] = set()
        self.confirming = asyncio.Event()
        self.confirming.set()
        self.unconfirmed = 0

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        if self.away:
            raise BrokerAway("away")
        self.unconfirmed += 1
        try:
            await self.confirming.wait()
        finally:
            self.unconfirmed -= 1
        if committed.upto in self.refused:
            self.refused.discard(committed.upto)
            raise BrokerAway("refused")
        self.slices.append(committed)
        self.contexts.append(context)

    def beacon(self, heads: Heads) -> None:
        self.beacons.append(heads)


class SomeShards:
    """Shards that the test gives and takes; so many ``lose_sessions`` end where one gives up."""

    def __init__(self) -> None:
        self.owned: frozenset[int] = ALL_SHARDS
        self.due: frozenset[int] = ALL_SHARDS
        self.given_up: frozenset[int] = frozenset()
        self.lose_sessions = 0
        self.answering = asyncio.Event()  # unset, who asks for its share waits
        self.answering.set()

    async def share(self) -> frozenset[int]:
        await self.answering.wait()
        self.owned |= self.due
        return self.owned - self.due

    async def give_up(self, shards: frozenset[int]) -> None:
        self.owned -= shards
        if self.lose_sessions:
            self.lose_sessions -= 1
            self.owned = frozenset()
            raise StoreUnavailable("the session is gone, and its locks")
        self.given_up |= shards


class World:
    """A store that others write to, a broker, and relays between them."""

    def __init__(self, settings: RelaySettings = SMALL) -> None:
        self.clock = ManualClock()
        self.store = MemoryEventStore(self.clock, SeededIds(self.clock))
        self.outbox = WatchedOutbox(self.store)
        self.broker = StubbornBroker()
        self.shards = SomeShards()
        self.settings = settings
        self.relay = self.another()
        self.number = 0

    def another(self, telemetry: Telemetry = NO_TELEMETRY) -> Relay:
        """One more relay over the same things, as another process has it."""
        return Relay(
            self.outbox,
            self.broker,
            self.clock,
            self.settings,
            shards=self.shards,
            telemetry=telemetry,
        )

    async def commit(
        self, count: int = 1, log: UUID = LOG, *, signal: bool = False, trace: str | None = None
    ) -> None:
        """Events that somebody commits; ``signal``: and says so; ``trace``: as part of this."""
        self.number += count
        numbers = range(self.number - count + 1, self.number + 1)
        commands = [replace(append(n), trace=trace) for n in numbers]
        await self.store.append_batch(log, commands)
        if signal:
            (head,) = await self.store.heads([log])
            self.broker.signal(log, head.position)
            await settle()

    def published(self, log: UUID = LOG) -> list[int]:
        """The positions that the broker has, slice by slice in the order in which they came."""
        positions: list[int] = []
        for each in self.broker.slices:
            if each.log == log:
                assert [e.position for e in each.events] == [*range(each.after + 1, each.upto + 1)]
                positions += [event.position for event in each.events]
        return positions

    def checkpoint(self, log: UUID = LOG) -> int:
        """How far the stored checkpoint is."""
        found = self.outbox.checkpoints.get(log)
        return 0 if found is None else found.position

    @asynccontextmanager
    async def running(self, relay: Relay | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """While a relay runs."""
        task = asyncio.create_task((relay or self.relay).run())
        await settle()
        yield task
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def two_logs(settings: RelaySettings = SMALL) -> World:
    """A world with two logs."""
    world = World(settings)
    await world.store.create_log(LOG, "one")
    await world.store.create_log(OTHER, "two")
    return world

"""The relay against every failure: nothing is left out, and no checkpoint says more than is so.

Somebody commits; the broker refuses, is away, or confirms late; the store is away, also in the
middle of a look; the log turns out to have another history; relays are killed and begin again, also
several at once, which share the logs. Slices may come twice; none may be missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.in_process import InProcessBroker
from brokers.relay import Relay
from brokers.settings import RelaySettings
from domain.checkpoints import NOTHING, Checkpoint
from domain.envelope import StoredSlice
from domain.errors import BrokerAway, StoreUnavailable
from domain.outbox import Move, Standing
from domain.shards import SHARDS
from tests.doubles.appends import append, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_outbox import MemoryOutbox
from tests.doubles.memory_store import MemoryEventStore

LOGS = (uuid(1), uuid(2))
ANOTHER_HISTORY = Checkpoint(2, b"anothers")
LIMITS = RelaySettings(slice_events=3, window_slices=2, concurrency=1)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.tuples(st.integers(0, 1), st.integers(1, 8))),
        st.tuples(st.just("signal"), st.tuples(st.integers(0, 1), st.integers(0, 60))),
        st.tuples(st.just("refuse"), st.integers(1, 3)),
        st.tuples(st.just("away"), st.booleans()),
        st.tuples(st.just("confirming"), st.booleans()),
        st.tuples(st.just("store"), st.booleans()),
        st.tuples(st.just("fail"), st.integers(1, 6)),
        st.tuples(st.just("history"), st.integers(0, 1)),
        st.tuples(st.just("time"), st.sampled_from([0.1, 1.0, 3.0])),
        st.tuples(st.just("kill"), st.booleans()),
        st.tuples(st.just("another"), st.just(0)),
    ),
    min_size=10,  # left alone, nearly all are too short for anything to go wrong
    max_size=40,
)


class Broker(InProcessBroker):
    """A broker with every failure of one; ``got`` are the positions that it has confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.got: dict[object, set[int]] = {log: set() for log in LOGS}
        self.refuse = 0
        self.away = False
        self.confirming = asyncio.Event()
        self.confirming.set()

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        await self.confirming.wait()
        if self.away or self.refuse:
            self.refuse = max(0, self.refuse - 1)
            raise BrokerAway("not now")
        self.got[committed.log] |= set(range(committed.after + 1, committed.upto + 1))


class Fault:
    """Lets one call to the store fail: the one that is so many calls away."""

    def __init__(self) -> None:
        self.after = 0

    def pass_by(self) -> None:
        """One call. Raises StoreUnavailable."""
        if self.after:
            self.after -= 1
            if not self.after:
                raise StoreUnavailable("just now")


class FailingOutbox(MemoryOutbox):
    """The simulated outbox with single faults; what is to move may have moved all the same."""

    def __init__(self, store: MemoryEventStore, fault: Fault) -> None:
        super().__init__(store)
        self._fault = fault

    async def behind(self, shards: Collection[int]) -> list[Standing]:
        self._fault.pass_by()
        return await super().behind(shards)

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        self._fault.pass_by()
        moved = await super().advance(moves)
        self._fault.pass_by()
        return moved


class Table:
    """Who holds which shard, and who are the members: what PostgreSQL's locks say."""

    def __init__(self) -> None:
        self.holders: dict[int, SharedShards] = {}
        self.members: list[SharedShards] = []


class SharedShards:
    """:class:`~domain.shards.Shards` as PostgreSQL has them: a failure ends the session."""

    def __init__(self, table: Table, store: MemoryEventStore, fault: Fault) -> None:
        self._table = table
        self._store = store
        self._fault = fault
        self.owned: frozenset[int] = frozenset()

    async def share(self) -> frozenset[int]:
        await self._arrive()
        members = self._table.members
        if self not in members:
            members.append(self)
        due = frozenset(range(members.index(self), SHARDS, len(members)))
        free = {shard for shard in due if shard not in self._table.holders}
        self._table.holders |= dict.fromkeys(free, self)
        self.owned |= free
        return self.owned - due

    async def give_up(self, shards: frozenset[int]) -> None:
        self.owned -= shards
        await self._arrive()
        for shard in shards:
            del self._table.holders[shard]

    async def _arrive(self) -> None:
        try:
            self._fault.pass_by()
            await self._store.heads([])
        except StoreUnavailable:
            self.close()
            raise

    def close(self) -> None:
        """End the session, and with it all that is held."""
        self.owned = frozenset()
        held = self._table.holders
        self._table.holders = {shard: who for shard, who in held.items() if who is not self}
        if self in self._table.members:
            self._table.members.remove(self)


class World:
    """Two logs, a broker, and relays that come and go."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryEventStore(self.clock, SeededIds(self.clock))
        self.fault = Fault()
        self.outbox = FailingOutbox(self.store, self.fault)
        self.broker = Broker()
        self.table = Table()
        self.relays: list[tuple[asyncio.Task[None], SharedShards]] = []
        self.numbers = [0, 0]
        self.begin()

    def begin(self) -> None:
        """One more relay, as another process has it."""
        shards = SharedShards(self.table, self.store, self.fault)
        relay = Relay(self.outbox, self.broker, self.clock, LIMITS, shards=shards)
        self.relays.append((asyncio.create_task(relay.run()), shards))

    async def kill(self, *, saving: bool) -> None:
        """End the oldest relay; without ``saving`` it can save nothing, as if by kill -9."""
        if not self.relays:
            return
        away, self.store.away = self.store.away, not saving or self.store.away
        relay, shards = self.relays.pop(0)
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        shards.close()
        self.store.away = away

    async def commit(self, which: int, count: int) -> None:
        """Events of one log; nobody is told."""
        if self.store.away:
            return
        first = sum(self.numbers) + 1
        await self.store.append_batch(LOGS[which], [append(first + n) for n in range(count)])
        self.numbers[which] += count

    def check(self) -> None:
        """No checkpoint is beyond what the broker has without a gap, and none was taken back."""
        for log, checkpoint in self.outbox.checkpoints.items():
            assert checkpoint != NOTHING
            if checkpoint != ANOTHER_HISTORY:
                assert self.broker.got[log] >= set(range(1, checkpoint.position + 1))

    async def step(self, what: str, how: object) -> None:
        match what, how:
            case "commit", (int(which), int(count)):
                await self.commit(which, count)
            case "signal", (int(which), int(head)):
                self.broker.signal(LOGS[which], head)
            case "time", float(seconds):
                await self.clock.advance(seconds)
            case "kill", bool(saving):
                await self.kill(saving=saving)
            case "another", _:
                if len(self.relays) < 3:
                    self.begin()
            case _:
                self.go_wrong(what, how)
        await settle()

    def go_wrong(self, what: str, how: object) -> None:
        """A fault of what the relays work with, or its end."""
        match what, how:
            case "refuse", int(times):
                self.broker.refuse = times
            case "away", bool(away):
                self.broker.away = away
            case "confirming", bool(now):
                self.broker.confirming.set() if now else self.broker.confirming.clear()
            case "store", bool(away):
                self.store.away = away
            case "fail", int(calls):
                self.fault.after = calls
            case "history", int(which):
                self.outbox.checkpoints[LOGS[which]] = ANOTHER_HISTORY
            case _:
                raise AssertionError(what)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_nothing_is_left_out(steps: list[tuple[str, object]]) -> None:
    """Whoever dies when, in the end the broker has confirmed every event of every log."""

    async def run() -> None:
        world = World()
        for log, name in zip(LOGS, ("one", "two"), strict=True):
            await world.store.create_log(log, name)
        for what, how in steps:
            await world.step(what, how)
            world.check()
        world.broker.refuse, world.broker.away, world.store.away = 0, False, False
        world.fault.after = 0
        world.broker.confirming.set()
        if not world.relays:
            world.begin()
        for _ in range(25):
            await world.clock.advance(1.0)
        world.check()
        for log, number in zip(LOGS, world.numbers, strict=True):
            assert world.broker.got[log] == set(range(1, number + 1))
            assert not number or world.outbox.checkpoints[log].position == number
        while world.relays:
            await world.kill(saving=True)

    asyncio.run(run())

"""The relay against every failure: nothing is left out, and no checkpoint says more than is so.

Somebody commits; the broker refuses, is away, or confirms late; the store is away; relays are
killed and begin again, also two at once. Slices may come twice; none may be missing.
"""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.in_process import InProcessBroker
from brokers.relay import Relay
from brokers.settings import RelaySettings
from domain.envelope import StoredSlice
from domain.errors import BrokerAway
from tests.doubles.appends import append, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_outbox import MemoryOutbox
from tests.doubles.memory_store import MemoryEventStore

LOGS = (uuid(1), uuid(2))
LIMITS = RelaySettings(slice_events=3, window_slices=2, concurrency=1)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.tuples(st.integers(0, 1), st.integers(1, 8))),
        st.tuples(st.just("signal"), st.tuples(st.integers(0, 1), st.integers(0, 60))),
        st.tuples(st.just("refuse"), st.integers(1, 3)),
        st.tuples(st.just("away"), st.booleans()),
        st.tuples(st.just("confirming"), st.booleans()),
        st.tuples(st.just("store"), st.booleans()),
        st.tuples(st.just("time"), st.sampled_from([0.1, 1.0, 3.0])),
        st.tuples(st.just("kill"), st.booleans()),
        st.tuples(st.just("another"), st.just(0)),
    ),
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


class World:
    """Two logs, a broker, and relays that come and go."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryEventStore(self.clock, SeededIds(self.clock))
        self.outbox = MemoryOutbox(self.store)
        self.broker = Broker()
        self.relays: list[asyncio.Task[None]] = []
        self.numbers = [0, 0]
        self.begin()

    def begin(self) -> None:
        """One more relay, as another process has it."""
        relay = Relay(self.outbox, self.broker, self.clock, LIMITS)
        self.relays.append(asyncio.create_task(relay.run()))

    async def kill(self, *, saving: bool) -> None:
        """End the oldest relay; without ``saving`` it can save nothing, as if by kill -9."""
        if not self.relays:
            return
        away, self.store.away = self.store.away, not saving or self.store.away
        relay = self.relays.pop(0)
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        self.store.away = away

    async def commit(self, which: int, count: int) -> None:
        """Events of one log; nobody is told."""
        if self.store.away:
            return
        first = sum(self.numbers) + 1
        await self.store.append_batch(LOGS[which], [append(first + n) for n in range(count)])
        self.numbers[which] += count

    def check(self) -> None:
        """No checkpoint is beyond what the broker has without a gap."""
        for log, checkpoint in self.outbox.checkpoints.items():
            assert self.broker.got[log] >= set(range(1, checkpoint.position + 1))

    async def step(self, what: str, how: object) -> None:
        match what, how:
            case "commit", (int(which), int(count)):
                await self.commit(which, count)
            case "signal", (int(which), int(head)):
                self.broker.signal(LOGS[which], head)
            case "refuse", int(times):
                self.broker.refuse = times
            case "away", bool(away):
                self.broker.away = away
            case "confirming", bool(now):
                self.broker.confirming.set() if now else self.broker.confirming.clear()
            case "store", bool(away):
                self.store.away = away
            case "time", float(seconds):
                await self.clock.advance(seconds)
            case "kill", bool(saving):
                await self.kill(saving=saving)
            case "another", _ if len(self.relays) < 3:
                self.begin()
        await settle()


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
        world.broker.confirming.set()
        if not world.relays:
            world.begin()
        for _ in range(20):
            await world.clock.advance(1.0)
        world.check()
        for log, number in zip(LOGS, world.numbers, strict=True):
            assert world.broker.got[log] == set(range(1, number + 1))
            assert not number or world.outbox.checkpoints[log].position == number
        while world.relays:
            await world.kill(saving=True)

    asyncio.run(run())

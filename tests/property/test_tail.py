"""The tail against every order of things: what is told is the log, once and in order.

Two processes commit; slices of either come over a broker that loses, repeats and reorders them, in
any cut; signals of heads come late or lie low; the store is away for a while. In the end, however
it went, everybody was told everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.in_process import InProcessBroker
from brokers.settings import TailSettings
from brokers.tail import Tail
from domain.broker import End
from domain.envelope import RecordedEvent, Slice, StoredSlice
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore

LOG: UUID = uuid(1)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit here"), st.integers(1, 3)),
        st.tuples(st.just("commit elsewhere"), st.integers(1, 3)),
        st.tuples(st.just("slice"), st.tuples(st.integers(1, 6), st.integers(1, 6))),
        st.tuples(st.just("slice"), st.tuples(st.integers(1, 2), st.integers(1, 2))),
        st.tuples(st.just("beacon"), st.integers(0, 3)),
        st.tuples(st.just("time"), st.sampled_from([0.005, 0.021, 0.2, 1.0])),
        st.tuples(st.just("store"), st.booleans()),
        st.tuples(st.just("trusted"), st.booleans()),
        st.tuples(st.just("turns"), st.integers(1, 20)),
    ),
    min_size=20,
    max_size=80,
)


COMING_AND_GOING = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(1, 3)),
        st.tuples(st.just("go"), st.integers(0, 9)),
        st.tuples(st.just("history"), st.none()),
        st.tuples(st.just("commit elsewhere"), st.integers(1, 3)),
        st.tuples(st.just("time"), st.sampled_from([0.005, 0.2, 3.0, 70.0])),
        st.tuples(st.just("store"), st.booleans()),
        st.tuples(st.just("turns"), st.integers(1, 20)),
    ),
    min_size=5,
    max_size=40,
)


class Checking:
    """:class:`~brokers.tail.Ears` that note what is ``wrong`` with what they are told.

    They raise nothing: a handler's exception is logged and goes no further.
    """

    def __init__(self) -> None:
        self.log = 0
        self.streams: set[int] = set()
        self.wrong: list[str] = []

    def tell_streams(self, committed: Slice) -> None:
        self.streams |= {event.position for event in committed.events}

    def tell_log(self, committed: Slice) -> None:
        positions = [event.position for event in committed.events]
        if committed.after != self.log:
            self.wrong.append(f"told {committed.after}..{committed.upto} after {self.log}")
        if positions != [*range(committed.after + 1, committed.upto + 1)]:
            self.wrong.append(f"{positions} are not {committed.after}..{committed.upto}")
        if not self.streams >= set(positions):
            self.wrong.append("the log was told before the streams")
        self.log = committed.upto

    def learn(self, events: Sequence[RecordedEvent]) -> None:
        if not events:
            self.wrong.append("there was nothing to learn")


class World:
    """A node's tail, and what happens around it."""

    def __init__(self, seed: int) -> None:
        self.clock = ManualClock()
        self.chance = Random(seed)
        self.store = MemoryEventStore(self.clock, SeededIds(self.clock), pause=self.pause)
        self.broker = InProcessBroker()
        self.ears = Checking()
        limits = TailSettings(held_events=6, page_events=4)
        self.tail = Tail(self.store, self.broker, self.ears, self.clock, limits)
        self.number = 0
        self.coming: asyncio.Queue[StoredSlice] = asyncio.Queue()

    async def pause(self) -> None:
        """The store's way, there and back: sometimes longer, so that others come in between."""
        for _ in range(self.chance.choice((0, 1, 2, 30))):
            await asyncio.sleep(0)

    async def consume(self) -> None:
        """Hand slices on as they come, one after the other, beside all else."""
        while True:
            await self.broker.publish(await self.coming.get())

    async def commit(self, count: int, *, here: bool) -> None:
        """Events in one batch."""
        if self.store.away:
            return
        self.number += count
        commands = [append(n) for n in range(self.number - count + 1, self.number + 1)]
        answers = await self.store.append_batch(LOG, commands)
        events = tuple(event for answer in answers for event in events_of(answer))
        if here:
            self.tail.committed(Slice(LOG, events[0].position - 1, events[-1].position, events))

    async def slice_of(self, back: int, count: int) -> None:
        """Some range near the head comes over the broker, if there is one."""
        after = max(0, self.number - back)
        away, self.store.away = self.store.away, False
        events = await self.store.read_stored(LOG, after, count)
        self.store.away = away
        if events:
            upto = events[-1].position
            self.coming.put_nowait(StoredSlice(LOG, "one", after, upto, tuple(events)))

    async def step(self, what: str, how: object) -> None:
        match what, how:
            case "commit here" | "commit elsewhere", int(count):
                await self.commit(count, here=what == "commit here")
            case "slice", (int(back), int(count)):
                await self.slice_of(back, count)
            case "beacon", int(back):
                self.broker.beacon([(LOG, max(0, self.number - back))])
            case "time", float(seconds):
                await self.clock.advance(seconds)
            case "store", bool(away):
                self.store.away = away
            case "trusted", bool(trusted):
                self.broker.reaches_all = trusted
            case "turns", int(count):
                for _ in range(count):
                    await asyncio.sleep(0)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 2**32))
def test_everything_is_told_once_and_in_order(steps: list[tuple[str, object]], seed: int) -> None:
    """Whatever the broker does; and nothing is kept in mind when all is told."""

    async def run() -> None:
        world = World(seed)
        await world.store.create_log(LOG, "one")
        tasks = [asyncio.create_task(work) for work in (world.tail.run(), world.consume())]
        await world.tail.follow(LOG)
        for what, how in steps:
            await world.step(what, how)
        world.store.away = False
        for _ in range(20):
            await world.clock.advance(0.5)
            await world.step("turns", 100)
        assert world.ears.wrong == []
        assert world.ears.log == world.number
        assert world.ears.streams == set(range(1, world.number + 1))
        assert not world.tail._logs[LOG].order.held
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())


class Herd:
    """Sockets of one log that come and go; some are refused, since the store is away."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._coming: list[asyncio.Task[End]] = []

    async def step(self, what: str, how: object) -> None:
        match what, how:
            case "come", int(count):
                follow = self._world.tail.follow
                self._coming += [asyncio.create_task(follow(LOG)) for _ in range(count)]
            case "go", int(which) if self._coming:
                await self.go(self._coming.pop(which % len(self._coming)))
            case "history", _:
                self._world.tail.forget()
            case _:
                await self._world.step(what, how)

    async def go(self, coming: asyncio.Task[End]) -> None:
        """One goes, be it in or still at the door."""
        coming.cancel()
        (came,) = await asyncio.gather(coming, return_exceptions=True)
        if not isinstance(came, BaseException):
            came()

    async def rest(self) -> None:
        """With the store there, and some time."""
        self._world.store.away = False
        for _ in range(4):
            await self._world.clock.advance(2.0)
            await self._world.step("turns", 100)

    async def all_go(self) -> None:
        """Nobody is left."""
        for each in self._coming:
            await self.go(each)

    @property
    def inside(self) -> int:
        """How many are in; nobody is at the door any more."""
        return sum(each.exception() is None for each in self._coming)


@settings(max_examples=150, deadline=None)
@given(COMING_AND_GOING, st.integers(0, 2**32))
def test_whoever_is_let_in_hears(steps: list[tuple[str, object]], seed: int) -> None:
    """Whoever else came, went or was refused; and when the last has gone, the log is let go."""

    async def run() -> None:
        world = World(seed)
        await world.store.create_log(LOG, "one")
        running = asyncio.create_task(world.tail.run())
        herd = Herd(world)
        for what, how in steps:
            await herd.step(what, how)
        await herd.rest()
        await world.commit(1, here=True)
        heard = world.number in world.ears.streams
        assert heard or not herd.inside
        await herd.all_go()
        await world.clock.advance(70.0)
        await herd.rest()
        assert not world.tail._logs
        assert not world.broker._followed
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())

"""The tail: every node's sockets hear everything once and in order, wherever it comes from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from brokers.settings import TailSettings
from brokers.tail import Tail
from domain.broker import End
from domain.envelope import RecordedEvent, Slice, StoredEvent, StoredSlice
from domain.errors import StoreUnavailable
from domain.ports import LogHead
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore

LOG, OTHER = uuid(1), uuid(2)


class WatchedStore(MemoryEventStore):
    """The simulated store, counting reads of logs, looks at heads and opened events."""

    reads = 0
    looks = 0
    opened = 0

    def __init__(self, clock: ManualClock, ids: SeededIds) -> None:
        super().__init__(clock, ids)
        self.answering = asyncio.Event()  # unset, what is read of a log stays on its way
        self.answering.set()

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        self.reads += 1
        page = await super().read_log(log, after, limit)
        await self.answering.wait()
        return page

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        self.looks += 1
        return await super().heads(logs)

    async def open(self, log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        self.opened += len(events)
        return await super().open(log, events)


class FickleBroker(InProcessBroker):
    """A broker that says when it is lost, or back."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: list[Callable[[], None]] = []

    def on_change(self, handler: Callable[[], None]) -> End:
        self.changed.append(handler)
        return lambda: None

    def change(self) -> None:
        """Let everybody know that something has changed."""
        for handler in self.changed:
            handler()


class Listening:
    """:class:`~brokers.tail.Ears` that keep what they are told."""

    def __init__(self) -> None:
        self.streams: list[int] = []
        self.log: list[int] = []
        self.learnt: list[int] = []

    def tell_streams(self, committed: Slice) -> None:
        self.streams += [event.position for event in committed.events]

    def tell_log(self, committed: Slice) -> None:
        assert committed.after == (self.log[-1] if self.log else committed.after)
        assert len(committed.events) == committed.upto - committed.after
        self.log += [event.position for event in committed.events]

    def learn(self, events: Sequence[RecordedEvent]) -> None:
        self.learnt += [event.position for event in events]


class World:
    """A store, a broker, and the tail of one node that follows a log with a first event."""

    def __init__(self, settings: TailSettings | None = None) -> None:
        self.clock = ManualClock()
        self.store = WatchedStore(self.clock, SeededIds(self.clock))
        self.broker = InProcessBroker()
        self.ears = Listening()
        self.went_back = 0
        self.tail = Tail(
            self.store,
            self.broker,
            self.ears,
            self.clock,
            settings,
            went_back=self._note,
        )
        self.number = 0
        self.leave: End

    def _note(self) -> None:
        self.went_back += 1
        self.tail.forget()

    async def commit(self, count: int = 1, log: UUID = LOG) -> Slice:
        """Events that are committed somewhere; nobody has told of them yet."""
        self.number += count
        commands = [append(n) for n in range(self.number - count + 1, self.number + 1)]
        answers = await self.store.append_batch(log, commands)
        events = tuple(event for answer in answers for event in events_of(answer))
        return Slice(log, events[0].position - 1, events[-1].position, events)

    async def publish(self, after: int, upto: int) -> None:
        """A slice comes over the broker."""
        events = await self.store.read_stored(LOG, after, upto - after)
        await self.broker.publish(StoredSlice(LOG, "one", after, upto, tuple(events)))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the tail runs, and follows the log."""
        task = asyncio.create_task(self.tail.run())
        self.leave = await self.tail.follow(LOG)
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def world() -> World:
    """A world whose log has one event, which nobody is told of: it was there before."""
    found = World()
    await found.store.create_log(LOG, "one")
    await found.store.create_log(OTHER, "two")
    await found.commit()
    return found


async def test_own_commits_are_told_at_once_and_once(world: World) -> None:
    """What comes back over the broker is not even decrypted."""
    async with world.running():
        world.tail.committed(await world.commit(2))
        assert world.ears.streams == world.ears.log == [2, 3]
        await world.publish(1, 3)
    assert world.ears.streams == world.ears.log == [2, 3]
    assert (world.store.opened, world.store.reads) == (0, 0)
    assert world.ears.learnt == []


async def test_others_commits_come_over_the_broker(world: World) -> None:
    """Opened, told, and learnt for the states that are decided on."""
    async with world.running():
        await world.commit(2)
        await world.publish(1, 3)
    assert world.ears.streams == world.ears.log == world.ears.learnt == [2, 3]
    assert world.store.reads == 0


async def test_the_known_part_of_a_slice_is_skipped(world: World) -> None:
    """Slices are interchangeable: of one that overlaps the rest is told."""
    async with world.running():
        world.tail.committed(await world.commit(2))
        await world.commit(2)
        await world.publish(0, 5)
        await world.publish(2, 4)
    assert world.ears.log == [2, 3, 4, 5]
    assert world.store.opened == 2


async def test_at_most_so_many_holes_are_read_at_a_time() -> None:
    """With one read allowed, the other log's hole waits for it."""
    world = World(TailSettings(concurrent_reads=1))
    for log, tenant in ((LOG, "one"), (OTHER, "two")):
        await world.store.create_log(log, tenant)
        await world.commit(log=log)
    async with world.running():
        leave = await world.tail.follow(OTHER)
        for log in (LOG, OTHER):
            await world.commit(log=log)
            world.tail.committed(await world.commit(log=log))
        world.store.answering.clear()
        await world.clock.advance(0.1)
        assert world.store.reads == 1
        world.store.answering.set()
        await world.clock.advance(0.1)
        assert world.store.reads == 2
        leave()


async def test_beyond_a_hole_streams_hear_at_once_and_the_log_in_order(world: World) -> None:
    """A slice that is on its way closes the hole by itself; the store is not asked."""
    async with world.running():
        await world.commit()
        world.tail.committed(await world.commit())
        assert (world.ears.streams, world.ears.log) == ([3], [])
        await world.clock.advance(0.01)
        await world.publish(1, 2)
        assert (world.ears.streams, world.ears.log) == ([3, 2], [2, 3])
        await world.clock.advance(0.1)
    assert world.store.reads == 0


async def test_a_hole_that_stays_is_read_from_the_store(world: World) -> None:
    """After 20 ms, once, and only what is missing is told to the log."""
    async with world.running():
        await world.commit(3)
        world.tail.committed(await world.commit())
        await world.clock.advance(0.02)
    assert world.ears.log == [2, 3, 4, 5]
    assert world.store.reads == 1


async def test_what_comes_while_a_hole_is_read_is_told_once(world: World) -> None:
    """What is read of the store overlaps with it then, and of that the rest is told."""
    async with world.running():
        await world.commit(2)
        world.tail.committed(await world.commit())
        world.store.answering.clear()
        await world.clock.advance(0.02)
        await world.publish(1, 2)
        world.store.answering.set()
        await settle()
    assert world.ears.log == [2, 3, 4]


async def test_a_hole_at_any_moment_is_read() -> None:
    """Also while the task that read the one before is about to end; no look has to find it."""
    world = World(TailSettings(look_s=1_000.0))
    await world.store.create_log(LOG, "one")
    async with world.running():
        for turns in range(40):
            await hole(world)
            await world.clock.advance(0.019)
            passing = asyncio.create_task(world.clock.advance(0.001))
            for _ in range(turns):
                await asyncio.sleep(0)
            await hole(world)
            await passing
            await world.clock.advance(0.02)
            assert world.ears.log[-1] == world.number, turns


async def hole(world: World) -> None:
    """One commit that nobody tells of, and one of this node's own behind it."""
    await world.commit()
    world.tail.committed(await world.commit())


async def test_a_head_of_before_hides_no_hole(world: World) -> None:
    """A beacon or a look that comes late says less than is known by then."""
    async with world.running():
        await hole(world)
        world.broker.beacon([(LOG, 1)])
        await world.clock.advance(0.02)
    assert world.ears.log == [2, 3]


async def test_a_lost_slice_is_noticed_by_a_beacon(world: World) -> None:
    """The head that it names is read up to; one that is told already is nothing new."""
    async with world.running():
        await world.commit(2)
        world.broker.beacon([(LOG, 3), (OTHER, 9)])
        await world.clock.advance(0.02)
        assert world.ears.log == [2, 3]
        world.broker.beacon([(LOG, 3)])
        await world.clock.advance(0.02)
    assert world.store.reads == 1


async def test_heads_are_looked_at_besides(world: World) -> None:
    """Without any word from the broker a message comes within half a second."""
    async with world.running():
        await world.commit(2)
        await world.clock.advance(0.53)
    assert world.ears.log == [2, 3]


async def test_while_the_broker_does_not_reach_all_heads_are_looked_at_often(
    world: World,
) -> None:
    """Each 200 ms; a change of the broker makes it look at once."""
    broker = FickleBroker()
    tail = Tail(world.store, broker, world.ears, world.clock)
    task = asyncio.create_task(tail.run())
    await tail.follow(LOG)
    await world.commit()
    broker.change()
    await settle()
    await world.clock.advance(0.021)
    assert world.ears.log == [2]
    broker.reaches_all = False
    await world.clock.advance(0.5)
    looks = world.store.looks
    await world.clock.advance(2.0)
    assert world.store.looks - looks == 10
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_is_committed_while_it_begins_is_not_missed(world: World) -> None:
    """Bound first, read after that: what comes in between is found by its number."""
    gate = asyncio.Event()
    follow = world.broker.follow

    async def slowly(log: UUID, tenant: str) -> None:
        await follow(log, tenant)
        await world.commit(2)
        await world.publish(1, 3)
        await gate.wait()

    world.broker.follow = slowly  # type: ignore[method-assign]  # the wait is the point
    following = asyncio.create_task(world.tail.follow(LOG))
    await settle()
    late = await world.commit()
    world.tail.committed(late)
    gate.set()
    await following
    await world.clock.advance(0.1)
    await world.commit()
    await world.publish(4, 5)
    assert world.ears.log == [5], "up to there whoever follows reads the store"
    assert world.tail._logs[LOG].order.told == 5


async def test_many_follow_with_one_question(world: World) -> None:
    """The second socket of a tenant waits for nothing."""
    await asyncio.gather(*(world.tail.follow(LOG) for _ in range(50)))
    assert world.store.looks == 2


async def test_without_the_store_nobody_follows_and_the_next_one_tries_anew(
    world: World,
) -> None:
    """The failure is theirs who asked; nothing is left behind."""
    world.store.away = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await world.tail.follow(LOG)
    world.store.away = False
    async with world.running():
        world.tail.committed(await world.commit())
        assert world.ears.log == [2]
        world.leave()
        await world.clock.advance(62.0)
        assert not world.tail._logs


async def test_who_comes_while_others_are_refused_stays_followed(world: World) -> None:
    """Of a herd whose first wait failed each counts for itself: who came after it is kept."""
    world.store.away = True
    refused = [asyncio.create_task(world.tail.follow(LOG)) for _ in range(2)]
    comers: list[asyncio.Task[End]] = []

    def come(_: object) -> None:
        world.store.away = False
        comers.append(asyncio.create_task(world.tail.follow(LOG)))

    await asyncio.sleep(0)
    begun = world.tail._logs[LOG].beginning
    assert begun is not None
    begun.add_done_callback(come)
    assert all(isinstance(each, StoreUnavailable) for each in await _ended(refused))
    async with world.running():
        world.leave()
        (leave,) = await asyncio.gather(*comers)
        await world.clock.advance(120.0)
        world.tail.committed(await world.commit())
        assert world.ears.log == [2]
        leave()
        await world.clock.advance(62.0)
        assert not world.tail._logs


async def _ended(tasks: Sequence[asyncio.Task[End]]) -> list[object]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_place_that_could_not_be_found_anew_is_looked_for_again(world: World) -> None:
    """After another history the store goes away too: whoever is still there hears on after it."""
    async with world.running():
        world.store.away = True
        world.tail.forget()
        await settle()
        with pytest.raises(StoreUnavailable):
            await world.tail.follow(LOG)
        world.store.away = False
        await world.clock.advance(5.0)
        world.tail.committed(await world.commit())
        assert world.ears.log == [2]
        world.leave()
        await world.clock.advance(62.0)
        assert not world.tail._logs


async def test_a_place_that_nobody_waits_for_is_not_that_of_another_history(world: World) -> None:
    """Whoever began it has gone, and the history too: the next one finds the place for itself."""
    gate = asyncio.Event()
    heads = world.store.heads

    async def slowly(logs: Sequence[UUID] | None = None) -> list[LogHead]:
        found = await heads(logs)
        await gate.wait()
        return found

    world.store.heads = slowly  # type: ignore[method-assign]  # the wait is the point
    following = asyncio.create_task(world.tail.follow(LOG))
    await settle()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    world.tail.forget()
    gate.set()
    await settle()
    assert world.tail._logs[LOG].order.told is None
    await world.tail.follow(LOG)
    assert world.tail._logs[LOG].order.told == 1


@pytest.mark.parametrize("found", [False, True], ids=["at once", "when its place is found anew"])
@pytest.mark.parametrize("away", [False, True], ids=["opened", "not opened"])
async def test_what_is_opened_while_the_history_changes_is_not_learnt(
    world: World, monkeypatch: pytest.MonkeyPatch, found: bool, away: bool
) -> None:
    """The connection that opens a slice may be the first to meet another history: it is lost."""
    opened = world.store.open

    async def crossing(log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        world.store.restore({LOG: 1})
        world.tail.forget()
        if found:
            await settle()
        if away:
            raise StoreUnavailable("the store is away")
        return await opened(log, events)

    async with world.running():
        await world.commit(2)
        monkeypatch.setattr(world.store, "open", crossing)
        await world.publish(1, 3)
        await settle()
        order = world.tail._logs[LOG].order
        assert (world.ears.learnt, world.ears.streams) == ([], [])
        assert (order.told, order.is_behind) == (1, False)


async def test_another_history_binds_nothing_that_is_let_go(world: World) -> None:
    """Found in the look that lets an idle log go, it looks for no place in that."""
    async with world.running():
        world.tail.committed(await world.commit(5))
        world.leave()
        await world.clock.advance(60.2)
        del world.store._logs[LOG]._rows[3:]
        await world.clock.advance(2.0)
        assert world.went_back == 1
        assert not world.tail._logs
        assert not world.broker._followed


async def test_of_two_that_look_for_a_place_the_later_finds_it(world: World) -> None:
    """What the earlier has read is of the history before; those who wait for it wait on."""
    gates = [asyncio.Event(), asyncio.Event()]
    waiting = iter(gates)
    follow = world.broker.follow

    async def slowly(log: UUID, tenant: str) -> None:
        await follow(log, tenant)
        await next(waiting).wait()

    world.broker.follow = slowly  # type: ignore[method-assign]  # the wait is the point
    following = asyncio.create_task(world.tail.follow(LOG))
    await settle()
    world.tail.forget()
    await settle()
    gates[0].set()
    await settle()
    assert not following.done()
    gates[1].set()
    await following
    assert world.tail._logs[LOG].order.told == 1


async def test_a_log_is_let_go_some_time_after_its_last_socket(world: World) -> None:
    """A reload within a minute finds it still followed."""
    async with world.running():
        world.leave()
        await world.clock.advance(30.0)
        leave = await world.tail.follow(LOG)
        await world.clock.advance(120.0)
        assert LOG in world.broker._followed
        leave()
        await world.clock.advance(61.0)
        assert not world.tail._logs
        assert LOG not in world.broker._followed


async def test_what_is_held_is_bounded(world: World) -> None:
    """Beyond the bound it is read from the store; the log still hears all, in order."""
    world = World(TailSettings(held_events=5))
    await world.store.create_log(LOG, "one")
    await world.commit()
    async with world.running():
        await world.commit()
        for _ in range(4):
            world.tail.committed(await world.commit(2))
        assert world.tail._logs[LOG].order.held <= 5
        await world.clock.advance(0.05)
        assert not world.tail._logs[LOG].order.held
    assert world.ears.log == [*range(2, 11)]


async def test_while_the_store_is_away_a_hole_waits(world: World) -> None:
    """It is filled when the store is back, by the next look."""
    async with world.running():
        await world.commit()
        committed = await world.commit()
        world.store.away = True
        world.tail.committed(committed)
        await world.clock.advance(5.0)
        assert world.ears.log == []
        world.store.away = False
        await world.clock.advance(2.5)
    assert world.ears.log == [2, 3]


async def test_a_log_that_went_back_is_another_history(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """It is alarmed, told on, and followed from where it is now."""
    async with world.running():
        world.tail.committed(await world.commit(5))
        log = world.store._logs[LOG]
        del log._rows[3:]
        looks = world.store.looks
        await world.clock.advance(0.5)
        assert world.went_back == 1
        assert world.store.looks == looks + 3, "one look, and the place is looked for once"
        assert "went back" in caplog.text
        await world.clock.advance(1.0)
        assert world.tail._logs[LOG].order.told == 3
        assert world.went_back == 1

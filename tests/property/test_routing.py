"""Routing against every interleaving: one owner, nobody forgotten, no agent with too much.

Visitors come, write and go; agents come, answer, vanish and say that they are busy; the store loses
what is asked of it, or its answers; routers are killed, begin again from views that are behind,
and are at work two at a time. What holds is read off the log, which alone says what happened.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Sequence
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from brokers.in_process import InProcessBroker
from domain import streams
from domain.access import Rights
from domain.agent.commands import CreateAgent, Deactivate, SetRights, SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body
from domain.envelope import Actor, RecordedEvent, Slice
from domain.errors import Refused, StoreUnavailable
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.pending import Ack
from domain.handling.sender import Sender
from domain.presence import Person
from domain.routing.office import Office
from domain.routing.parts import RouterParts
from domain.routing.policy import policy_of
from domain.routing.ports import Begun
from domain.routing.routed_log import RoutedLog
from domain.routing.router import Router
from domain.routing.settings import RouterSettings
from domain.shards import ALL_SHARDS
from domain.telemetry import NO_MEASURES
from domain.tenant.commands import CreateTenant, Define
from domain.tenant.values import Department, Routing
from projections.agents import evolve as agents
from projections.agents.rows import Agents
from projections.offices import agent_of, talk_of
from projections.sessions import evolve as sessions
from projections.sessions.rows import Sessions
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore

T = TypeVar("T")

LOG = uuid(1)
VISITORS = [str(uuid(10 + n)) for n in range(6)]
AGENTS = [str(uuid(40 + n)) for n in range(3)]
DEPARTMENTS = (None, "sales", "support")
BY_ROUTER = {"round_robin", "least_busy"}
CAPACITY = 1
TIMES = Routing("round_robin", CAPACITY, release_after_s=30, remind_after_s=20, missed_after_s=40)
QUICK = RouterSettings(under_way=3, idle_s=2.0)

steps = st.one_of(
    st.tuples(st.just("arrive"), st.integers(0, 5)),
    st.tuples(st.just("write"), st.integers(0, 5)),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("answer"), st.integers(0, 2)),
    st.tuples(st.just("leave"), st.integers(0, 2)),
    st.tuples(st.just("take"), st.integers(0, 17)),
    st.tuples(st.just("status"), st.integers(0, 5)),
    st.tuples(st.just("vanish"), st.integers(0, 2)),
    st.tuples(st.just("come"), st.integers(0, 2)),
    st.tuples(st.just("time"), st.sampled_from([0, 1, 5, 40])),
    st.tuples(st.just("arrive"), st.integers(0, 5)),
    st.tuples(st.just("gone"), st.integers(0, 2)),
    st.tuples(st.just("page"), st.integers(0, 5)),
    st.tuples(st.just("deactivate"), st.just(2)),
    st.tuples(st.just("rights"), st.integers(0, 3)),
    st.tuples(st.just("grab"), st.integers(0, 5)),
    st.tuples(st.just("lose request"), st.integers(1, 3)),
    st.tuples(st.just("lose answer"), st.integers(1, 3)),
    st.tuples(st.just("kill"), st.integers(0, 1)),
    st.tuples(st.just("take over"), st.integers(0, 1)),
)
lives = st.lists(steps, min_size=15, max_size=35)


class Locks:
    """Who has the shards. ``both``: each of the routers thinks that it does."""

    def __init__(self, *, both: bool) -> None:
        self.holder = 0
        self.both = both
        self.away = False


class LockedShards:
    """A :class:`~domain.shards.Shards`: it learns of a loss only when it asks."""

    def __init__(self, locks: Locks, me: int) -> None:
        self._locks, self._me = locks, me
        self.owned: frozenset[int] = frozenset()

    async def share(self) -> frozenset[int]:
        if self._locks.away:
            raise StoreUnavailable("nobody knows who has them")
        mine = self._locks.both or self._locks.holder == self._me
        self.owned = ALL_SHARDS if mine else frozenset()
        return frozenset()

    async def give_up(self, shards: frozenset[int]) -> None:
        raise AssertionError(f"nobody asks for {len(shards)}")


class Seen:
    """A :class:`~domain.presence.Presences` that the test says."""

    knows_all = True

    def __init__(self) -> None:
        self.there: set[str] = set()

    async def present(self, people: Collection[Person]) -> set[Person]:
        return {each for each in people if each.id in self.there}


class FoldedOffices:
    """What read models have that are ``behind`` the log by so many events, each its own number."""

    def __init__(self, store: MemoryEventStore, behind: int) -> None:
        self._store, self._behind = store, behind

    async def begin(self, log: UUID) -> Begun:
        events = await self._store.read_log(log, 0, 10_000)
        talks, staff = events[: -self._behind or None], events[: -2 * self._behind or None]
        return begun(talks, staff)


def begun(talks: Sequence[RecordedEvent], staff: Sequence[RecordedEvent]) -> Begun:
    """The read models after these events of each."""
    views = sessions.evolve(Sessions(), [each for each in talks if each.type in sessions.TYPES])
    people = agents.evolve(Agents(), [each for each in staff if each.type in agents.TYPES])
    return Begun(
        [talk_of(row, row.label) for row in views.rows.values() if row.status == "open"],
        len(talks),
        [agent_of(row, row.label) for row in people.rows.values() if row.active and row.label],
        len(staff),
    )


class Node:
    """A process with a way into the log and a router, which may be killed."""

    def __init__(self, world: World, me: int) -> None:
        self._world, self._me = world, me
        self.task: asyncio.Task[None] | None = None
        store, clock = world.store, world.clock
        ids = SeededIds(clock, me)
        self.router: Router | None = None
        commits = GroupCommit(store, self._committed)
        self.handler = CommandHandler(store, commits, clock, ids)

    def _committed(self, committed: Slice) -> None:
        if self.router is not None:
            self.router.committed(committed)
        self._world.broker.signal(committed.log, committed.upto)  # to the other one too

    def start(self) -> None:
        """Let a router begin."""
        world = self._world
        parts = RouterParts(
            store=world.store,
            handler=self.handler,
            offices=FoldedOffices(world.store, self._me),
            clock=world.clock,
            pass_on=world.broker.pass_on,
            measures=NO_MEASURES,
        )
        shards = LockedShards(world.locks, self._me)
        self.router = Router(parts, world.broker, world.seen, QUICK, shards=shards)  # type: ignore[arg-type]  # it asks who is present only
        self.task = asyncio.create_task(self.router.run())

    async def kill(self) -> None:
        """End it. What it has asked for may come to the log still, or not."""
        task, self.task, self.router = self.task, None, None
        assert task is not None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class World:
    """A tenant, three agents, and two nodes on one store."""

    def __init__(self, seed: int, *, both: bool) -> None:
        self.clock = ManualClock()
        self.ids = SeededIds(self.clock)
        self.store = MemoryEventStore(self.clock, self.ids, pause=self._pause)
        self._chance = Random(seed)
        self.broker = InProcessBroker()
        self.locks = Locks(both=both)
        self.seen = Seen()
        self.nodes = [Node(self, n) for n in range(2)]

    async def _pause(self) -> None:
        """The way to the store takes its time, and so much happens between a look and an answer."""
        await self.clock.sleep(self._chance.choice((0.0, 0.0, 0.004, 0.03, 0.3)))

    async def begin(self) -> None:
        """Two departments, one with a strategy of its own; the third agent is of neither."""
        await self.wait_for(self.store.create_log(LOG, "demo"))
        system = Actor("system", "system")
        await self.ask(system, CreateTenant(self.ids.uuid(), "demo", b"s" * 32))
        await self.ask(system, Define(self.ids.uuid(), "routing", TIMES))
        for name, strategy in (("sales", None), ("support", "least_busy")):
            value = Department(name, strategy)
            await self.ask(system, Define(self.ids.uuid(), "departments", value, name))
        for n, agent in enumerate(AGENTS):
            departments = tuple(each for each in DEPARTMENTS[n : n + 1] if each)
            created = CreateAgent(
                self.ids.uuid(), UUID(agent), f"{n}@x", f"{n}", "agent", "x", f"k{n}", departments
            )
            await self.ask(system, created)
            await self.ask(Actor("agent", agent), SetStatus(self.ids.uuid(), "online"))
        self.seen.there = {*AGENTS, *VISITORS}
        for node in self.nodes:
            node.start()
        await self.clock.advance(5.0)

    async def ask(self, actor: Actor, command: object, node: int = 0) -> None:
        """Have something decided, if the store is there; a person would send it again."""
        rights = Rights("agent", actor.id) if actor.role == "agent" else None
        submitted = self.nodes[node].handler.submit(Sender(LOG, actor, rights), command)  # type: ignore[arg-type]  # any of them
        (outcome,) = await self.wait_for(_settled(submitted))
        if isinstance(outcome, BaseException):
            assert isinstance(outcome, Refused)
            assert outcome.code != "internal"

    async def play(self, kind: str, number: int) -> None:
        """One step."""
        match kind:
            case "arrive" | "write" | "close":
                await self._visit(kind, number)
            case "answer" | "leave" | "take":
                await self._serve(kind, AGENTS[number % 3], number)
            case "deactivate":
                gone = Deactivate(self.ids.uuid(), UUID(AGENTS[number]))
                await self.ask(Actor("system", "system"), gone)
            case "rights":  # a department is everybody's, or nobody's any more
                some = tuple(each for each in (DEPARTMENTS[number % 3],) if each)
                rights = SetRights(self.ids.uuid(), UUID(AGENTS[number // 3]), "agent", some)
                await self.ask(Actor("system", "system"), rights)
            case "status":
                status = ("busy", "online")[number % 2]
                me = Actor("agent", AGENTS[number // 2])
                await self.ask(me, SetStatus(self.ids.uuid(), status), number % 2)
            case "grab":  # somebody takes at once what the router gives to somebody
                await self._visit("arrive", number)
                await self._serve("take", AGENTS[number % 3], 3 * number)
            case "time":
                await self.clock.advance(float(number))
            case "gone":  # so long that what it has not answered goes to others
                self.seen.there.discard(AGENTS[number])
                await self.clock.advance(40.0)
            case "kill":
                await self.nodes[number].kill()
                self.nodes[number].start()
            case _:
                self._suffer(kind, number)
        await settle()

    def _suffer(self, kind: str, number: int) -> None:
        match kind:
            case "vanish":
                self.seen.there.discard(AGENTS[number])
            case "page":  # a visitor leaves the page, or is back
                self.seen.there ^= {VISITORS[number]}
            case "come":
                self.seen.there.add(AGENTS[number])
            case "lose request":
                self.store.lose_requests += number
            case "lose answer":
                self.store.lose_answers += number
            case "take over":
                self.locks.holder = number

    async def _visit(self, kind: str, number: int) -> None:
        visitor = Actor("visitor", VISITORS[number])
        open_ = await self._open_of(number)
        if open_ is None or kind == "arrive":
            start = c.Start(self.ids.uuid(), Body("hello"), department=DEPARTMENTS[number % 3])
            await self.ask(visitor, start, number % 2)
        elif kind == "write":
            await self.ask(visitor, c.Post(self.ids.uuid(), open_, Body("well?")), number % 2)
        else:
            await self.ask(visitor, c.Close(self.ids.uuid(), open_), number % 2)

    async def _open_of(self, number: int) -> UUID | None:
        stream = streams.visitor(VISITORS[number])
        entry = await self.wait_for(self.nodes[0].handler.states.refresh(LOG, stream))
        return None if entry.state.open is None else UUID(entry.state.open)

    async def _serve(self, kind: str, agent: str, number: int) -> None:
        """An agent does something with the first that it serves, or takes one by hand."""
        talks = (await self.office()).talks.values()
        mine = [talk for talk in talks if talk.assignee == agent]
        me = Actor("agent", agent, "A")
        if kind == "take":
            open_ = await self._open_of(number // 3)
            if open_ is not None:
                await self.ask(me, c.Assign(self.ids.uuid(), open_), 1)
            return
        for talk in mine[:1]:
            command = (
                c.Post(self.ids.uuid(), UUID(talk.id), Body("so"))
                if kind == "answer"
                else c.Leave(self.ids.uuid(), UUID(talk.id))
            )
            await self.ask(me, command, 1)

    async def events(self) -> list[RecordedEvent]:
        """The log."""
        return await self.wait_for(self.store.read_log(LOG, 0, 100_000))

    async def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Let time pass until this is done."""
        task = asyncio.ensure_future(work)
        await settle()
        while not task.done():
            deadline = self.clock.next_deadline
            assert deadline is not None, "nothing goes on"
            await self.clock.advance(deadline - self.clock.monotonic())
        return task.result()

    async def office(self) -> Office:
        """How everything stands, by the whole log."""
        events = await self.events()
        found = begun(events, events)
        tenant = await self.wait_for(self.nodes[0].handler.states.refresh(LOG, streams.TENANT))
        policy = policy_of(tenant.state, QUICK.left_behind_s)
        return Office(policy, found.agents, found.talks)

    async def heal(self) -> None:
        """All faults end; the agents have room for everybody and are there. Then time passes."""
        self.store.lose_requests = self.store.lose_answers = 0
        self.locks.both, self.locks.holder = False, 0
        roomy = Routing("round_robin", 100, 30, 20, 40)
        await self.ask(Actor("system", "system"), Define(self.ids.uuid(), "routing", roomy))
        self.seen.there |= set(AGENTS)
        for agent in AGENTS:
            await self.ask(Actor("agent", agent), SetStatus(self.ids.uuid(), "online"))
        await self.clock.advance(60.0)

    async def offline(self) -> int:
        """How many agents are, by the log."""
        return sum(each.status == "offline" for each in (await self.office()).agents.values())

    async def end(self) -> None:
        """Let nothing go on."""
        for node in self.nodes:
            await node.kill()


async def _settled(answer: asyncio.Future[Ack]) -> list[Ack | BaseException]:
    return list(await asyncio.gather(answer, return_exceptions=True))


def run_life(some: Sequence[tuple[str, int]], seed: int, *, both: bool) -> list[RecordedEvent]:
    """The log of a life; in the end everybody who fits anybody is served."""

    async def life() -> list[RecordedEvent]:
        world = World(seed, both=both)
        await world.begin()
        for kind, number in some:
            await world.play(kind, number)
        await world.heal()
        office = await world.office()
        await world.end()
        assert not office.queue, "somebody is forgotten"
        assert office.serving.keys() <= office.agents.keys(), "served by nobody who works here"
        return await world.events()

    return asyncio.run(life())


def check_owners(events: Sequence[RecordedEvent]) -> None:
    """The router gives nobody what somebody serves, and takes from nobody what was answered.

    Unless that agent works here no more.
    """
    waiting: dict[str, bool] = {}
    ended: set[str] = set()
    for event in events:
        if event.type == "message.posted":
            waiting[event.stream] = event.actor.role == "visitor"
        if event.type == "agent.deactivated":
            ended.add(event.stream.removeprefix("agent-"))
        before = event.metadata.before
        if event.actor.id != "router" or before is None:
            continue
        if event.type == "conversation.assigned":
            assert before.assignee is None, "two owners"
        if event.type == "conversation.transferred":
            assert before.assignee is not None
            assert waiting[event.stream] or before.assignee in ended, "taken away though answered"


def check_once(events: Sequence[RecordedEvent]) -> None:
    """Of one message one is reminded once, and one wait is missed once."""
    reminded = Counter(
        (event.stream, event.data.upto)
        for event in events
        if event.type == "conversation.unanswered"
    )
    assert not [each for each, times in reminded.items() if times > 1]
    missed: set[str] = set()
    for event in events:
        answered = event.type == "message.posted" and event.actor.role == "agent"
        if answered or event.type == "conversation.reopened":
            missed.discard(event.stream)
        if event.type == "conversation.missed":
            assert event.stream not in missed, "missed twice"
            missed.add(event.stream)


def check_capacity(events: Sequence[RecordedEvent]) -> None:
    """What the router has given to an agent, and it serves still, is never more than it may be."""
    given: dict[str, str] = {}
    capacity = CAPACITY
    for event in events:
        access = event.metadata.after
        over = event.type == "conversation.closed" or access is None
        assignee = None if over or access is None else access.assignee
        if event.type == "tenant.routing_changed":
            capacity = event.data.value.capacity
        if given.get(event.stream) not in {None, assignee}:
            del given[event.stream]
        if event.type == "conversation.assigned" and event.data.reason in BY_ROUTER:
            given[event.stream] = event.data.agent
            assert Counter(given.values())[event.data.agent] <= capacity, "too many"


@settings(max_examples=30, deadline=None)
@given(lives, st.integers(0, 1000))
@example([(kind, n) for n in range(6) for kind in ("grab", "close")], 13)  # a hand is quicker
def test_one_router_after_the_other(some: list[tuple[str, int]], seed: int) -> None:
    """Killed, begun anew, taken over from: one owner, nobody forgotten, no agent overloaded."""
    events = run_life(some, seed, both=False)
    check_owners(events)
    check_once(events)
    check_capacity(events)


@settings(max_examples=20, deadline=None)
@given(lives, st.integers(0, 1000))
def test_two_routers_at_once(some: list[tuple[str, int]], seed: int) -> None:
    """Though each thinks that it is the only one: one owner, nobody forgotten, nothing twice."""
    events = run_life(some, seed, both=True)
    check_owners(events)
    check_once(events)


@settings(max_examples=30, deadline=None)
@given(lives, st.integers(0, 1000), st.data())
def test_state_and_events_are_the_state_later(
    some: list[tuple[str, int]], seed: int, data: st.DataObject
) -> None:
    """An office that begins with views of any two earlier positions comes to be the last one."""

    async def life() -> None:
        world = World(seed, both=False)
        await world.begin()
        for kind, number in some:
            await world.play(kind, number)
        events = await world.events()
        store, node = world.store, world.nodes[0]
        await world.end()
        cuts = [data.draw(st.integers(0, len(events)), label=name) for name in ("talks", "staff")]
        found = begun(events[: cuts[0]], events[: cuts[1]])

        class Then:
            async def begin(self, log: UUID) -> Begun:
                assert log == LOG
                return found

        parts = RouterParts(store, node.handler, Then(), world.clock, print, NO_MEASURES)
        routed = RoutedLog(LOG, parts, RouterSettings(stale_s=1e9), lambda: None)
        await world.wait_for(routed.catch_up())
        now = await world.office()
        assert routed.office is not None
        for name in ("talks", "agents", "serving", "queue", "policy"):
            assert getattr(routed.office, name) == getattr(now, name), name
        for name in ("unreminded", "unmissed"):
            assert list(getattr(routed.office, name)) == list(getattr(now, name)), name

    asyncio.run(life())


def test_a_router_decides_only_on_what_is_its_own_for_sure() -> None:
    """Not for a while after it took over, and no more when it cannot tell whose the logs are."""

    async def life() -> None:
        world = World(1, both=False)
        await world.begin()

        async def waits(visitor: int, seconds: float) -> bool:
            await world.play("arrive", visitor)
            await world.clock.advance(seconds)
            return bool((await world.office()).queue)

        assert not await waits(0, 1.0)
        other = world.nodes[1].router
        assert other is not None
        assert not other.offices, "what is another's is not even read"
        await world.nodes[0].kill()
        world.locks.holder = 1
        assert await waits(1, QUICK.settle_s - 2)
        await world.clock.advance(3.0)
        assert not (await world.office()).queue
        world.locks.away = True
        await world.clock.advance(QUICK.lease_s)
        assert await waits(2, 5.0)
        await world.nodes[1].kill()

    asyncio.run(life())


def test_what_is_idle_is_put_away_until_something_happens() -> None:
    """Nobody waits, is served or is there: nothing is kept but how far it was. Then it goes on."""

    async def life() -> None:
        world = World(1, both=False)
        await world.begin()
        router = world.nodes[0].router
        assert router is not None
        await world.play("arrive", 0)
        world.seen.there = set(VISITORS)
        await world.clock.advance(60.0)
        assert await world.offline() == 3
        assert list(router.offices) == [LOG], "somebody waits"
        await world.play("close", 0)
        await world.clock.advance(QUICK.idle_s - 1)
        assert list(router.offices) == [LOG], "not yet"
        await world.clock.advance(3.0)
        assert not router.offices
        await world.clock.advance(30.0)
        assert not router.offices
        await world.play("arrive", 1)
        await world.heal()
        office = await world.office()
        assert not office.queue
        assert office.talks
        assert list(router.offices) == [LOG]
        await world.end()

    asyncio.run(life())


def test_an_office_decides_nothing_before_it_has_looked() -> None:
    """Whoever has just begun does not know who is there, and says of nobody that nobody was."""

    async def life() -> None:
        world = World(1, both=False)
        await world.begin()
        await world.end()
        await world.play("arrive", 0)
        await world.clock.advance(60.0)
        offices, handler = FoldedOffices(world.store, 0), world.nodes[0].handler
        parts = RouterParts(world.store, handler, offices, world.clock, print, NO_MEASURES)
        routed = RoutedLog(LOG, parts, QUICK, lambda: None)
        await world.wait_for(routed.catch_up())
        routed.work()
        office = routed.office
        assert office is not None
        assert not len(office.underway)
        office.see(office.watched(), AGENTS, world.clock.now(), knows_all=True)
        routed.work()
        assert len(office.underway) == 3, "it is given, missed and reminded of"
        await world.clock.advance(1.0)

    asyncio.run(life())

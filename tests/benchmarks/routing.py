"""Routing: how long until 1,000 conversations that wait have each its agent, of 50 with room.

Own PostgreSQL; the router, the way into the log and the store run in this process, without sockets.
From the tenant's wish that conversations be given out until the last assignment is committed. The
baseline is the same by hand: an agent gives the same conversations to the same agents, all at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from uuid import UUID

from brokers.in_process import InProcessBroker
from domain.access import Rights
from domain.agent.commands import CreateAgent, SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body
from domain.envelope import Actor, Slice
from domain.handling.pending import Ack
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.presence import Person
from domain.routing.parts import RouterParts
from domain.routing.ports import Begun
from domain.routing.router import Router
from domain.telemetry import NO_MEASURES
from domain.tenant.commands import CreateTenant, Define
from domain.tenant.values import Routing
from ops.core import Core, opened
from ops.settings import Settings
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    ratios,
    spread,
)
from tests.benchmarks.nodes import own_stack
from tests.fixtures.server import data_directory

TALKS = 1_000
AGENTS = 50
CAPACITY = TALKS // AGENTS
AT_ONCE = 100
PATIENCE_S = 120.0
SYSTEM = Actor("system", "system")


class Everybody:
    """Presence of all who are asked for."""

    knows_all = True

    async def present(self, people: Collection[Person]) -> set[Person]:
        """All of them."""
        return set(people)


class Beginning:
    """Read models of which nothing is there yet: the router follows the log from its beginning."""

    async def begin(self, log: UUID) -> Begun:  # the port's
        """Nothing."""
        return Begun((), 0, (), 0)


class Office:
    """A tenant with its agents and a router. ``given`` says who got each conversation."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.changed = asyncio.Event()
        self.router: Router | None = None
        self.core: Core | None = None
        self.log = UUID(int=0)
        self.agents: list[str] = []

    def committed(self, committed: Slice, /) -> None:
        """Take what was committed: this process's router does too."""
        if self.router is not None:
            self.router.committed(committed)
        for event in committed.events:
            if event.type == "conversation.assigned":
                if event.stream in self.given:
                    raise MeasurementFailed("a conversation was given twice")
                self.given[event.stream] = event.data.agent
        self.changed.set()

    def ask(self, actor: Actor, command: Command) -> asyncio.Future[Ack]:
        """Have something done."""
        assert self.core is not None
        rights = Rights("admin", actor.id) if actor.role == "agent" else None
        return self.core.handler.submit(Sender(self.log, actor, rights), command)

    def id(self) -> UUID:
        """A fresh command id."""
        assert self.core is not None
        return self.core.ids.uuid()


async def routing(options: Options) -> Table:
    """Measure both, in turn; the first of each warms up."""
    async with _office() as office:
        pairs = [(await _routed(office), await _by_hand(office)) for _ in range(options.rounds + 1)]
    ours, theirs = (list(each) for each in zip(*pairs[1:], strict=True))
    table = Table(
        f"routing: {TALKS:,} waiting conversations, {AGENTS} agents with room for {CAPACITY} each",
        ("", "until the last is assigned, s", "by hand, s", "Parley / by hand"),
    )
    table.add("round robin", spread(ours), spread(theirs), ratios(ours, theirs))
    table.keep(Figure.ROUTED, ours)
    return table


@contextlib.asynccontextmanager
async def _office() -> AsyncIterator[Office]:
    office = Office()
    async with own_stack("database") as stack:
        with data_directory() as data:
            settings = Settings(data=data, database_url=stack.urls["database"])
            async with opened(settings, stack.urls["database"], office.committed) as core:
                await _settle(office, core)
                task = asyncio.create_task(_router(office, core).run())
                try:
                    yield office
                finally:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)


async def _settle(office: Office, core: Core) -> None:
    """The tenant, and its agents, who are all there."""
    office.core, office.log = core, core.ids.uuid()
    await core.database.store.create_log(office.log, "routing")
    await office.ask(SYSTEM, CreateTenant(office.id(), "routing", b"s" * 32))
    for n in range(AGENTS):
        agent = office.id()
        created = CreateAgent(office.id(), agent, f"{n}@x", f"Agent {n}", "admin", "x", f"key-{n}")
        await office.ask(SYSTEM, created)
        await office.ask(Actor("agent", str(agent)), SetStatus(office.id(), "online"))
        office.agents.append(str(agent))


def _router(office: Office, core: Core) -> Router:
    parts = RouterParts(
        store=core.database.store,
        handler=core.handler,
        offices=Beginning(),
        clock=core.clock,
        pass_on=lambda _: None,
        measures=NO_MEASURES,
    )
    office.router = Router(parts, InProcessBroker(), Everybody())  # type: ignore[arg-type]  # it asks who is present only
    return office.router


async def _say(office: Office, strategy: str) -> None:
    said = Routing(strategy, CAPACITY)
    await office.ask(SYSTEM, Define(office.id(), "routing", said))


async def _routed(office: Office) -> float:
    """Seconds until the router has given out all, and each agent has what it has room for."""
    talks = await _waiting(office)
    begin = time.perf_counter()
    await _say(office, "round_robin")
    await _until_given(office)
    took = time.perf_counter() - begin
    shares = Counter(office.given.values())
    if set(shares.values()) != {CAPACITY}:
        raise MeasurementFailed(f"they are not given out evenly: {shares}")
    await _end(office, talks)
    return took


async def _by_hand(office: Office) -> float:
    """The same, each asked for by an agent."""
    talks = await _waiting(office)
    begin = time.perf_counter()
    giving, agents = Actor("agent", office.agents[0]), itertools.cycle(office.agents)
    asked = [
        office.ask(giving, c.Assign(office.id(), talk, UUID(agent)))
        for talk, agent in zip(talks, agents, strict=False)
    ]
    await asyncio.gather(*asked)
    took = time.perf_counter() - begin
    await _end(office, talks)
    return took


async def _until_given(office: Office) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(office.given) < TALKS:
            office.changed.clear()
            await office.changed.wait()


async def _waiting(office: Office) -> list[UUID]:
    """So many visitors, whom nobody serves."""
    office.given.clear()
    await _say(office, "manual")
    talks: list[UUID] = []
    while len(talks) < TALKS:
        starts = [
            office.ask(Actor("visitor", str(office.id())), c.Start(office.id(), Body("hello")))
            for _ in range(AT_ONCE)
        ]
        talks += [UUID(str(ack.conversation)) for ack in await asyncio.gather(*starts)]
    return talks


async def _end(office: Office, talks: Sequence[UUID]) -> None:
    ending = Actor("agent", office.agents[0])
    await asyncio.gather(*(office.ask(ending, c.Close(office.id(), talk)) for talk in talks))

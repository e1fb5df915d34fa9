"""Two nodes over one store, as those meet them who come back: commits, relays, restores, views.

Everything is the product's but the store, the clock, chance, the doors, and what carries slices
from node to node, which loses, repeats and reorders them. Nothing here judges; readers do.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from random import Random
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.access import Rights
from domain.agent.commands import CreateAgent
from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent, StoredSlice
from domain.errors import Refused
from domain.handling.commands import Ack
from domain.handling.doors import Caller
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.streams import INBOX
from domain.visitor.commands import ViewPage
from projections.sessions import evolve as sessions
from projections.sessions.rows import Sessions
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.property.resume.node import ServingNode
from tests.unit.websocket.chat import FakeDoors

LOG = UUID(int=7)


class Person(Struct, frozen=True):
    """Somebody who reads and writes. ``rights`` None: a visitor."""

    role: str
    id: str
    rights: Rights | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.role, self.id)


ADA, BOB = (Person("visitor", str(UUID(int=number))) for number in (21, 22))
GRACE, LIN = str(UUID(int=31)), str(UUID(int=32))
AGENT = Person("agent", GRACE, Rights("agent", GRACE))
LIMITED = Person("agent", LIN, Rights("limited", LIN, frozenset({"sales"})))
PEOPLE = (ADA, BOB, AGENT, LIMITED)


class View(Struct, frozen=True):
    """Session views as a projector has them: ``as_of`` a position of a history, with its mark."""

    rows: Sessions = Sessions()
    as_of: int = 0
    mark: str = ""

    def after(self, events: list[RecordedEvent]) -> View:
        """Moved on by the events that follow."""
        if not events:
            return self
        rows = sessions.evolve(self.rows, [e for e in events if e.type in sessions.TYPES])
        return View(rows, events[-1].position, events[-1].mark)


class World:
    """The store, its nodes and its people. ``history`` counts the restores.

    ``wrong`` has what readers found: a socket that raises only ends itself.
    """

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.clock = ManualClock()
        self.ids = SeededIds(self.clock, seed)
        self.store = MemoryEventStore(self.clock, self.ids)
        self.doors = FakeDoors()
        self.history = 0
        self.epoch = ""
        self.talks: dict[Person, UUID] = {}
        self.view = View()
        self.wrong: list[Exception] = []
        self._log: list[RecordedEvent] = []
        self._setup = 0

    async def open(self) -> None:
        """With its agents, and a conversation of each visitor."""
        await self.store.create_log(LOG, "demo")
        self.epoch = await self.store.epoch()
        self.nodes = [ServingNode(self) for _ in range(2)]
        for agent, role, departments in ((GRACE, "agent", ()), (LIN, "limited", ("sales",))):
            create = CreateAgent(
                self.ids.uuid(),
                UUID(agent),
                f"{agent}@x",
                "Grace",
                role,
                "hash",
                agent,
                departments,
            )
            await self.nodes[0].handler.submit(Sender(LOG, Actor("operator", "root")), create)
        for visitor, department in ((ADA, "sales"), (BOB, "support")):
            start = c.Start(self.ids.uuid(), Body("hello"), None, department)
            ack = await self.nodes[0].handler.submit(Sender(LOG, visitor.actor), start)
            self.talks[visitor] = UUID(str(ack.conversation))
        self._setup = len(self.log)

    async def close(self) -> None:
        """Let nothing go on."""
        tasks = [task for node in self.nodes for task in node.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pause(self) -> None:
        """The way to the store and back: sometimes longer, so that others come in between."""
        for _ in range(self.chance.choice((0, 1, 2, 30))):
            await asyncio.sleep(0)

    # --- what is there ------------------------------------------------------------------------

    @property
    def log(self) -> list[RecordedEvent]:
        """The log as the store has it now."""
        kept = self.store._logs[LOG]
        self._log += [kept.shown(row) for row in kept.read(len(self._log), 10_000)]
        return self._log

    def source(self, feed: str) -> list[RecordedEvent]:
        """What a feed numbers: the log, or a stream of it."""
        if feed == INBOX:
            return self.log
        stream = streams.feed_stream(feed)
        return [event for event in self.log if event.stream == stream]

    def check_places(self) -> None:
        """Each event finds its conversation where the one before has left it.

        Whoever decided on a history that a restore has thrown away would place it elsewhere.
        """
        for talk in self.talks.values():
            places = [event.metadata for event in self.source(f"conversation:{talk}")]
            assert all(one.after == other.before for one, other in pairwise(places))

    def mark(self, feed: str, offset: int) -> str | None:
        """The mark of this history at an offset, if it has one there."""
        source = self.source(feed)
        return source[offset - 1].mark if 0 < offset <= len(source) else None

    def token(self, person: Person) -> str:
        """A token that is good for the whole of a test."""
        token = f"{person.role} {person.id}"
        ends = self.clock.now() + 1e6
        self.doors.callers[token] = Caller(LOG, "demo", person.actor, person.rights, ends)
        return token

    def feeds(self, person: Person) -> list[str]:
        """What somebody follows."""
        if person.rights is None:
            return [f"conversation:{self.talks[person]}"]
        return [INBOX, *(f"conversation:{talk}" for talk in self.talks.values())]

    # --- what happens -------------------------------------------------------------------------

    def do(self, node: int, kind: str, about: Person, choice: int) -> None:
        """Something happens in a visitor's conversation; what is refused has not happened."""
        count = 5 if kind == "burst" else 1
        for _ in range(count):
            actor = about.actor if kind in {"post", "burst", "page"} else AGENT.actor
            future = self.nodes[node].handler.submit(
                Sender(LOG, actor, None if actor.role == "visitor" else AGENT.rights),
                self._command(kind, self.talks[about], choice),
            )
            future.add_done_callback(_retrieve)

    def _command(self, kind: str, talk: UUID, choice: int) -> Command:
        id_, text = self.ids.uuid(), Body("x" * (1, 40, 400)[choice % 3])
        match kind:
            case "page":
                return ViewPage(id_, Page("http://x/"))
            case "note":
                return c.Post(id_, talk, text, note=True)
            case "transfer":
                return c.Transfer(id_, talk, None, ("sales", "support")[choice % 2])
            case "tag":
                return c.SetTags(id_, talk, [str(choice)])
            case "close":
                return c.Close(id_, talk)
            case "read":
                return c.Read(id_, talk, 1 + choice)
            case _:
                return c.Post(id_, talk, text)

    async def relay(self, node: int, back: int, count: int) -> None:
        """Some range near the head is on its way to a node, for the first time or again."""
        after = max(0, len(self.log) - back)
        away, self.store.away = self.store.away, False
        events = await self.store.read_stored(LOG, after, count)
        self.store.away = away
        if events:
            committed = StoredSlice(LOG, "demo", after, events[-1].position, tuple(events))
            self.nodes[node].hear(committed)

    async def restore(self, back: int) -> None:
        """The store goes away and comes back as an older copy of itself, under a new epoch."""
        self.store.away = True
        await turns(100)
        for node in self.nodes:
            node.deafen()
        position = max(self._setup, len(self.log) - back)
        self.store.restore({LOG: position})
        self._log = self._log[:position]
        self.history += 1
        self.epoch = self.store._epoch
        self.store.away = False

    def project(self, count: int) -> None:
        """The projector goes on; over another history it begins anew."""
        view = self.view
        if view.as_of and self.mark(INBOX, view.as_of) != view.mark:
            view = View()
        self.view = view.after(self.log[view.as_of : view.as_of + count])

    def rebuild(self) -> None:
        """The views are folded again, from the first event on."""
        self.view = View().after(self.log)


async def turns(count: int) -> None:
    """Let others go on for so many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)


def _retrieve(future: asyncio.Future[Ack]) -> None:
    """A refusal is the end of it; anything else is a fault of the test."""
    if not future.cancelled():
        error = future.exception()
        assert error is None or isinstance(error, Refused), error

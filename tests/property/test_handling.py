"""Commands from several sockets to two nodes over one store with faults: what the log makes of it.

The clients keep to the protocol: what was refused for now is sent again, in the order it was sent
first, once everything else of that socket has its answer.
"""

from __future__ import annotations

import asyncio
from random import Random
from uuid import UUID, uuid5

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from domain.agent.commands import CreateAgent
from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent, Slice
from domain.errors import Refused
from domain.group_commit import GroupCommit
from domain.handling.commands import Ack, CommandHandler, HandlingLimits
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.permissions import OPS, may
from domain.visitor.commands import ViewPage
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore

LOG = UUID(int=7)
GRACE = UUID(int=8)
SOCKETS = [
    (Actor("visitor", "ada"), 0),
    (Actor("visitor", "ada"), 1),
    (Actor("visitor", "bob"), 1),
    (Actor("agent", str(GRACE), "Grace"), 0),
    (Actor("agent", str(GRACE), "Grace"), 1),
]
"""Who is at each socket, and on which node it is."""

FOR_NOW = {"busy", "unavailable"}
KINDS = [
    "post",
    "post",
    "post",
    "start",
    "close",
    "reopen",
    "tag",
    "read",
    "delivered",
    "assign",
    "page",
    "note",
]


class Sent(Struct, eq=False):
    """A command of a socket, its last answer, and the answers' future while it is due."""

    command: Command
    future: asyncio.Future[Ack]
    answer: Ack | str | None = None


class Socket:
    """A client that keeps to the protocol."""

    def __init__(self, actor: Actor, node: CommandHandler) -> None:
        self.actor = actor
        self._node = node
        self._sender = Sender(LOG, actor)
        self.sent: list[Sent] = []

    def send(self, command: Command) -> None:
        self.sent.append(Sent(command, self._node.submit(self._sender, command)))

    def collect(self) -> None:
        for each in self.sent:
            if each.answer is None and each.future.done():
                each.answer = answer_of(each.future)

    def send_again(self) -> bool:
        """Send what was refused for now, in order, unless answers are due; whether it did."""
        self.collect()
        refused = [each for each in self.sent if each.answer in FOR_NOW]
        if any(each.answer is None for each in self.sent) or not refused:
            return False
        for each in refused:
            each.answer, each.future = None, self._node.submit(self._sender, each.command)
        return True

    def acked(self) -> list[tuple[Command, Ack]]:
        """What was acked, in the order sent first."""
        return [(each.command, each.answer) for each in self.sent if isinstance(each.answer, Ack)]


def answer_of(future: asyncio.Future[Ack]) -> Ack | str:
    """The ack, or the code of the refusal."""
    error = future.exception()
    if error is None:
        return future.result()
    assert isinstance(error, Refused), error
    return error.code


class World:
    """Two nodes, their store, and the sockets."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clock = ManualClock()
        self.ids = SeededIds(self.clock, seed)
        self.store = MemoryEventStore(self.clock, self.ids, pause=self._pause)
        self.nodes = [self._node() for _ in range(2)]
        self.sockets = [Socket(actor, self.nodes[node]) for actor, node in SOCKETS]

    def _node(self) -> CommandHandler:
        commits = GroupCommit(self.store, ignore, batch_commands=3)
        limits = HandlingLimits(round_commands=4, attempts=6)
        return CommandHandler(self.store, commits, self.clock, self.ids, limits)

    async def _pause(self) -> None:
        for _ in range(self.random.randrange(6)):
            await asyncio.sleep(0)

    async def open(self) -> None:
        await self.store.create_log(LOG, "demo")
        create = CreateAgent(self.ids.uuid(), GRACE, "g@x", "Grace", "agent", "hash", "key")
        await self.nodes[0].submit(Sender(LOG, Actor("operator", "root")), create)

    async def log(self) -> list[RecordedEvent]:
        return await self.store.read_log(LOG, 0, 100_000)

    async def step(self, kind: str, socket: int, choice: int) -> None:
        for each in self.sockets:
            each.collect()
        match kind:
            case "wait":
                await self.clock.advance(0.01 * choice)
            case "lose request":
                self.store.lose_requests = 1
            case "lose answer":
                self.store.lose_answers = 1
            case "away":
                self.store.away = choice % 2 == 0
            case "again":
                self.sockets[socket].send_again()
            case _:
                self.sockets[socket].send(self._command(kind, socket, choice))

    def _command(self, kind: str, socket: int, choice: int) -> Command:
        actor = self.sockets[socket].actor
        id_, talk = self.ids.uuid(), self._conversation(actor, choice)
        if not may(actor.role, OPS["post note" if kind == "note" else kind]):
            kind = "post"
        if kind == "start":
            return c.Start(id_, Body(str(id_)) if choice % 2 else None)
        commands: dict[str, Command] = {
            "post": c.Post(id_, talk, Body(str(id_))),
            "note": c.Post(id_, talk, Body(str(id_)), note=True),
            "close": c.Close(id_, talk),
            "reopen": c.Reopen(id_, talk),
            "tag": c.SetTags(id_, talk, [str(choice)]),
            "read": c.Read(id_, talk, 1 + choice),
            "delivered": c.Delivered(id_, talk, 1 + choice),
            "assign": c.Assign(id_, talk, GRACE),
            "page": ViewPage(id_, Page("http://x/")),
        }
        return commands[kind]

    def _conversation(self, actor: Actor, choice: int) -> UUID:
        """One of those that this actor knows of: a visitor its own, an agent all."""
        known = {
            ack.conversation
            for socket in self.sockets
            for _, ack in socket.acked()
            if ack.conversation and (actor.role == "agent" or socket.actor == actor)
        }
        return UUID(sorted(known)[choice % len(known)]) if known else uuid5(LOG, str(choice))

    async def finish(self) -> None:
        """The store is well, and every client sends again until nothing is refused for now."""
        self.store.away = False
        self.store.lose_requests = self.store.lose_answers = 0
        for _ in range(300):
            await self.clock.advance(1.0)
            again = [socket.send_again() for socket in self.sockets]
            if not any(again) and all(node.idle for node in self.nodes):
                break
        for socket in self.sockets:
            socket.collect()
            assert all(each.future.done() for each in socket.sent), "left without an answer"
            assert not any(each.answer in FOR_NOW for each in socket.sent), "never got through"
        assert all(node.idle for node in self.nodes)


def ignore(committed: Slice) -> None:
    """Nobody listens."""


# --- what the log must be ------------------------------------------------------------------------


def check_effects(world: World, log: list[RecordedEvent]) -> None:
    """Every acked command is in the log once, adjacent, where its ack says; no other is twice."""
    for socket in world.sockets:
        for command, ack in socket.acked():
            own = events_of(log, socket.actor, command)
            assert bool(own) is not ack.unchanged
            assert len({event.type for event in own}) == len(own)
            if own:
                places = [event.position for event in own]
                assert places == list(range(places[0], places[0] + len(own)))
                assert (ack.version, ack.position) == (own[-1].version, own[-1].position)


def check_order(world: World, log: list[RecordedEvent]) -> None:
    """What one socket sent to one conversation took effect in the order sent."""
    for socket in world.sockets:
        reached: dict[str, int] = {}
        for command, _ in socket.acked():
            own = events_of(log, socket.actor, command)
            if own and isinstance(command, c.Named):
                talk = str(command.conversation)
                assert own[0].position > reached.get(talk, 0), "overtaken"
                reached[talk] = own[-1].position


def check_conversations(log: list[RecordedEvent]) -> None:
    """At any time a visitor has one open conversation at most, and says so in its own stream.

    Nobody speaks in a closed one.
    """
    visitor_of: dict[str, str] = {}
    open_of: dict[str, set[str]] = {"ada": set(), "bob": set()}
    said: dict[str, str | None] = {"ada": None, "bob": None}
    for event in log:
        kind, _, name = event.stream.partition("-")
        match event.type:
            case "conversation.started":
                visitor_of[name] = event.data.visitor
                open_of[event.data.visitor].add(name)
            case "conversation.reopened":
                open_of[visitor_of[name]].add(name)
            case "conversation.closed":
                open_of[visitor_of[name]].remove(name)
            case "message.posted":
                assert name in open_of[visitor_of[name]], "spoken in a closed conversation"
            case "visitor.conversation_opened":
                said[name] = event.data.conversation
            case "visitor.conversation_ended":
                said[name] = None
        assert all(len(each) <= 1 for each in open_of.values()), "two open conversations"
        if kind == "conversation":
            who = visitor_of[name]
            assert said[who] in {None, *open_of[who]}
    assert {who: {talk} if talk else set() for who, talk in said.items()} == open_of


async def check_repeats(world: World) -> None:
    """Sent again, to whichever node, an acked command gets the same answer, as a duplicate."""
    before = await world.log()
    for socket in world.sockets:
        for command, ack in socket.acked():
            if ack.unchanged:
                continue
            node = world.random.choice(world.nodes)
            future = node.submit(Sender(LOG, socket.actor), command)
            while not future.done():
                await world.clock.advance(1.0)
            again = answer_of(future)
            assert isinstance(again, Ack)
            assert again.duplicate
            assert (again.version, again.position, again.conversation) == (
                ack.version, ack.position, ack.conversation,
            )  # fmt: skip
    assert await world.log() == before


def events_of(log: list[RecordedEvent], actor: Actor, command: Command) -> list[RecordedEvent]:
    """A command's events, in order."""
    return [
        event
        for event in log
        if event.metadata.command == command.id
        and (event.actor.role, event.actor.id) == (actor.role, actor.id)
    ]


steps = st.tuples(
    st.sampled_from(
        [*KINDS, *KINDS, "wait", "wait", "again", "lose request", "lose answer", "away"]
    ),
    st.integers(0, len(SOCKETS) - 1),
    st.integers(0, 9),
)


ANSWER_LOST = [("post", 2, 0), ("lose answer", 0, 0), *[("post", 0, 0)] * 5]
CLOSED_TWICE = [*ANSWER_LOST, ("wait", 0, 0), ("close", 4, 0), ("close", 2, 0)]
CLOSED_TWICE_LATER = [
    *[("wait", 0, 5), ("lose answer", 0, 0), ("post", 0, 0), ("wait", 0, 0), ("close", 3, 0)],
    *[("note", 4, 0)] * 3,
    *[("close", 0, 0), ("page", 1, 0), ("page", 3, 0)],
]


# A post's answer is lost, an agent closes, the post is decided anew and known: what rests on the
# new decision must not take the old outcome for it, though its number is the same.
@example(6, CLOSED_TWICE)
@example(2241549249, CLOSED_TWICE_LATER)
@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.lists(steps, min_size=10, max_size=80))
def test_every_command_happens_once_and_in_order(
    seed: int, history: list[tuple[str, int, int]]
) -> None:
    """Every command is answered, and every ack is the log's, whatever the store does.

    Repeats change nothing, nothing is overtaken, and one conversation at most is open.
    """

    async def live() -> None:
        world = World(seed)
        await world.open()
        await world.step("start", 0, 1)
        await world.step("start", 2, 1)
        await world.clock.advance(1.0)
        for step in history:
            await world.step(*step)
        await world.finish()
        log = await world.log()
        check_effects(world, log)
        check_order(world, log)
        check_conversations(log)
        await check_repeats(world)

    asyncio.run(live())

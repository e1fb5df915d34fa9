"""A node with everything real but the store, the doors, the clock and the sockets.

Clients here are the test's own: they say what they are told and keep what they get. Nothing waits
for real time.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from adapters.websocket.connection import Connection
from adapters.websocket.hub import Hub
from adapters.websocket.node import Node, PassOn, Transport
from adapters.websocket.settings import SocketSettings
from domain.access import Rights
from domain.agent.commands import CreateAgent, Deactivate, SetRights
from domain.broker import End
from domain.envelope import Actor, Slice
from domain.errors import Refused
from domain.group_commit import GroupCommit
from domain.handling.commands import Ack, CommandHandler
from domain.handling.doors import Caller, Doors
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.presence import Presences, PresenceSettings
from domain.rate_limits import RateLimits
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore
from tests.doubles.telemetry import Kept
from tests.fixtures.frames import taken
from tests.unit.websocket.telling import tell

LOG = UUID(int=7)
OPERATOR = Actor("operator", "root")
ROUNDS = 6
"""How often the loop is let run until nothing moves: commands take several round trips."""


class Gate:
    """The store's way in and out: open, or shut with those who wait let by one by one."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []
        self._is_open = True

    async def __call__(self) -> None:
        if not self._is_open:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(future)
            await future

    def shut(self) -> None:
        self._is_open = False

    def let(self, index: int) -> None:
        """Let one of those who wait pass, counted from 0 in the order in which they came."""
        self.waiting.pop(index).set_result(None)

    def open(self) -> None:
        self._is_open = True
        for future in self.waiting:
            if not future.done():
                future.set_result(None)
        self.waiting.clear()


class FakeDoors:
    """Tokens by name; whoever has one gets in. ``most`` were at the door at once."""

    def __init__(self) -> None:
        self.callers: dict[str, Caller] = {}
        self.most = 0
        self._now = 0

    async def authenticate(self, token: str) -> Caller:
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        if token not in self.callers:
            raise Refused("unauthorized")
        return self.callers[token]

    @staticmethod
    def origin_allowed(caller: Caller, origin: str | None) -> bool:
        return origin != "https://evil.example"


class FollowedLogs:
    """:class:`~adapters.websocket.node.Logs` that only counts who follows what."""

    def __init__(self) -> None:
        self.followers: Counter[UUID] = Counter()

    async def follow(self, log: UUID) -> End:
        self.followers[log] += 1
        return lambda: self.followers.subtract([log])


class Shared(NamedTuple):
    """What a node may share with others; what is None is its own."""

    limits: RateLimits | None = None
    presences: Presences | None = None
    pass_on: PassOn | None = None


class Chat:
    """The node, every command traced. ``committed`` are the slices that were told of so far."""

    def __init__(self, shared: Shared | None = None, **settings: Any) -> None:
        shared = shared or Shared()
        self.clock = ManualClock()
        self.gate = Gate()
        self.ids = SeededIds(self.clock)
        self.store = MemoryEventStore(self.clock, self.ids, pause=self.gate)
        self.kept = Kept(self.clock)
        self.hub = Hub(self.kept.telemetry)
        self.logs = FollowedLogs()
        self.doors = FakeDoors()
        self.committed: list[Slice] = []
        self.deaf = False
        commits = GroupCommit(self.store, self._tell, telemetry=self.kept.telemetry)
        handler = CommandHandler(self.store, commits, self.clock, self.ids)
        self.node = Node(
            store=self.store,
            handler=handler,
            doors=cast("Doors", self.doors),
            hub=self.hub,
            logs=self.logs,
            limits=shared.limits or TokenBuckets(self.clock),
            presences=shared.presences or InProcessPresences(self.clock, PresenceSettings()),
            clock=self.clock,
            ids=self.ids,
            settings=replace(SocketSettings(), **settings),
            presence=PresenceSettings(),
            pass_on=shared.pass_on,
            telemetry=self.kept.telemetry,
        )
        self.operator = Sender(LOG, OPERATOR)

    def _tell(self, committed: Slice) -> None:
        self.committed.append(committed)
        if not self.deaf:
            tell(self.hub, committed)

    async def open(self) -> Chat:
        """With its log."""
        await self.store.create_log(LOG, "demo")
        return self

    async def idle(self) -> None:
        """Let everything happen that can happen without the passing of time."""
        for _ in range(ROUNDS):
            await settle()

    async def look(self) -> None:
        """Let the node tell who came and went, and hear it."""
        await self.node.attendance.look()
        await self.idle()

    async def do(self, command: Command, sender: Sender | None = None) -> Ack:
        """Let a command through that comes by no socket."""
        return await self.node.handler.submit(sender or self.operator, command)

    async def add_agent(self, role: str = "agent", *departments: str) -> UUID:
        """An agent who may sign in."""
        agent = uuid4()
        email = f"{agent}@example.org"
        await self.do(
            CreateAgent(uuid4(), agent, email, "Grace", role, "hash", agent.hex, departments)
        )
        return agent

    async def set_rights(self, agent: UUID, role: str, *departments: str) -> None:
        """Change what an agent may see."""
        await self.do(SetRights(uuid4(), agent, role, departments))

    async def deactivate(self, agent: UUID) -> None:
        """Let an agent no longer sign in."""
        await self.do(Deactivate(uuid4(), agent))

    def token(self, role: str, actor: str, rights: Rights | None = None) -> str:
        """A token that is good for an hour."""
        token = f"{role} {actor} {len(self.doors.callers)}"
        caller = Caller(LOG, "demo", Actor(role, actor), rights, self.clock.now() + 3600)
        self.doors.callers[token] = caller
        return token

    def connect(self, role: str, origin: str | None = None) -> Client:
        """A socket that has said nothing yet, perhaps of a page of this origin."""
        return Client(self, role, origin)

    async def visitor(self, visitor: str = "ada", **hello: Any) -> Client:
        """A visitor's socket after its hello."""
        return await self.connect("visitor").hello(self.token("visitor", visitor), **hello)

    async def agent(self, agent: UUID, **hello: Any) -> Client:
        """An agent's socket after its hello; its rights at the door are those it began with."""
        rights = Rights("agent", str(agent))
        return await self.connect("agent").hello(self.token("agent", str(agent), rights), **hello)


class Client:
    """A socket and who is at its other end."""

    def __init__(self, chat: Chat, role: str, origin: str | None) -> None:
        self.chat = chat
        self.role = role
        self.frames: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.lost = False
        self.hear: Callable[[str], bool] | None = None
        self.takes = asyncio.Event()
        self.takes.set()
        self._incoming: asyncio.Queue[str | ConnectionError | None] = asyncio.Queue()
        self.connection = Connection(chat.node, Transport(self, self._close, origin), role)
        self.task = asyncio.create_task(self.connection.run())

    async def receive(self) -> str | None:
        """What it said next; a :class:`~adapters.websocket.node.Wire`."""
        text = await self._incoming.get()
        if isinstance(text, ConnectionError):
            raise text
        return text

    def write(self, texts: Sequence[str]) -> bool:
        """Take frames; no more after them unless ``takes`` is set, none where it is ``lost``."""
        assert self.closed is None, "sent behind the close"
        if self.lost:
            raise ConnectionResetError
        self.frames += [taken(self.role, text) for text in texts]
        return self.takes.is_set()

    async def ready(self) -> None:
        """Wait until it takes more."""
        await self.takes.wait()

    async def _close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self._incoming.put_nowait(ConnectionResetError())

    # --- what it says -------------------------------------------------------------------------

    def say(self, op: str, **fields: Any) -> str:
        """Send a frame, with an id of its own if none is given; the id."""
        fields = {"id": str(uuid4()), **fields}
        self.say_raw(json.dumps({"op": op, **fields}))
        return str(fields["id"])

    def say_raw(self, text: str | None) -> None:
        """Send anything; None is a binary frame. It is heard at once where that may be."""
        hear = self.hear if self._incoming.empty() else None
        if text is None or hear is None or not hear(text):
            self._incoming.put_nowait(text)

    def hang_up(self) -> None:
        """Go away without a word."""
        self._incoming.put_nowait(ConnectionResetError())

    async def hello(self, token: str, **fields: Any) -> Client:
        """Say hello and wait for what comes of it."""
        self._incoming.put_nowait(json.dumps({"op": "hello", "token": token, **fields}))
        await self.chat.idle()
        return self

    async def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Send a frame and wait for its answer."""
        id_ = self.say(op, **fields)
        await self.chat.idle()
        return self.answer(id_)

    # --- what it gets -------------------------------------------------------------------------

    def answer(self, id_: str) -> dict[str, Any]:
        """The one answer to a command."""
        answers = [frame for frame in self.frames if frame.get("id") == id_]
        assert len(answers) == 1, (id_, answers)
        return answers[0]

    def all(self, op: str, **fields: Any) -> list[dict[str, Any]]:
        """All frames of this operation, with these fields, so far."""
        wanted = {"op": op, **fields}
        return [frame for frame in self.frames if wanted.items() <= frame.items()]

    def ops(self) -> list[str]:
        """The operations of all frames so far."""
        return [frame["op"] for frame in self.frames]

    def events(self, feed: str) -> list[dict[str, Any]]:
        """What a client makes of a feed's frames, by the continuity rule."""
        mine: int | None = None
        events: list[dict[str, Any]] = []
        for frame in self.all("events", feed=feed):
            assert mine is None or frame["after"] == mine, "a gap"
            mine = frame["upto"]
            events += frame["events"]
        return events

    def texts(self, feed: str) -> list[str]:
        """The texts of a feed's messages, in order."""
        posted = [event for event in self.events(feed) if event["type"] == "message.posted"]
        return [event["data"]["body"]["text"] for event in posted]


def feed_of(conversation: str) -> str:
    """The feed of a conversation."""
    return f"conversation:{conversation}"


def body(text: str) -> dict[str, str]:
    """The body of a message."""
    return {"text": text}


async def started(visitor: Client, text: str = "hello", **fields: Any) -> str:
    """Let a visitor begin; the conversation's id."""
    ack = await visitor.ask("start", body=body(text), **fields)
    return str(ack["conversation"])

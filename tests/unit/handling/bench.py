"""Nodes over one simulated store: command handlers without sockets."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from domain.agent.commands import CreateAgent
from domain.conversation import commands as c
from domain.conversation.events import Body
from domain.envelope import Actor, RecordedEvent, Slice
from domain.errors import Refused
from domain.group_commit import GroupCommit
from domain.handling.commands import Ack, CommandHandler, HandlingLimits
from domain.handling.plan import Command
from domain.handling.sender import Sender
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore

LOG = UUID(int=7)
ROUNDS = 10


class Bench:
    """Nodes that share a store. ``pause`` is awaited on every way to the store and back."""

    def __init__(
        self, nodes: int = 1, limits: HandlingLimits | None = None, batch_commands: int = 256
    ) -> None:
        self.clock = ManualClock()
        self.ids = SeededIds(self.clock)
        self.shut = False
        self.waiting: list[asyncio.Future[None]] = []
        self.store = MemoryEventStore(self.clock, self.ids, pause=self.pause)
        self.commits = [
            GroupCommit(self.store, self._ignore, batch_commands=batch_commands)
            for _ in range(nodes)
        ]
        self.nodes = [
            CommandHandler(self.store, commits, self.clock, self.ids, limits)
            for commits in self.commits
        ]

    async def pause(self) -> None:
        if not self.shut:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        await future

    def let(self, index: int = 0) -> None:
        """Let one of those who wait for the store pass."""
        future = self.waiting.pop(index)
        if not future.done():
            future.set_result(None)

    def open(self) -> None:
        """Let everybody pass from now on."""
        self.shut = False
        while self.waiting:
            self.let()

    @staticmethod
    def _ignore(committed: Slice) -> None:
        """Nobody listens."""

    async def start(self) -> Bench:
        """With its log."""
        await self.store.create_log(LOG, "demo")
        return self

    async def idle(self) -> None:
        """Let everything happen that can, pauses included."""
        for _ in range(ROUNDS):
            await settle()
            await self.clock.advance(1.0)

    async def do(self, sender: Sender, command: Command, node: int = 0) -> Ack | str:
        """The answer to a command: its ack, or the code of its refusal."""
        future = self.nodes[node].submit(sender, command)
        await self.idle()
        return outcome(future)

    async def begin(self, sender: Sender, **fields: Any) -> UUID:
        """A new conversation of a visitor."""
        ack = await self.do(sender, c.Start(uuid4(), Body("hello"), **fields))
        assert isinstance(ack, Ack)
        return UUID(ack.conversation)

    async def add_agent(self) -> Sender:
        """An agent who may work."""
        agent = uuid4()
        create = CreateAgent(uuid4(), agent, f"{agent}@x", "Grace", "agent", "hash", agent.hex)
        assert isinstance(await self.do(Sender(LOG, Actor("operator", "root")), create), Ack)
        return Sender(LOG, Actor("agent", str(agent), "Grace"))

    async def log(self) -> list[RecordedEvent]:
        """Everything that happened."""
        return await self.store.read_log(LOG, 0, 100_000)

    async def texts(self, conversation: UUID) -> list[str]:
        """What was said in a conversation, in order."""
        events = await self.store.read_stream(LOG, f"conversation-{conversation}", 0, 100_000)
        return [each.data.body.text for each in events if each.type == "message.posted"]


def visitor(name: str = "ada") -> Sender:
    """A visitor's socket."""
    return Sender(LOG, Actor("visitor", name))


def post(conversation: UUID, text: str, id_: UUID | None = None) -> c.Post:
    """A message."""
    return c.Post(id_ or uuid4(), conversation, Body(text))


def outcome(future: asyncio.Future[Ack]) -> Ack | str:
    """What came of a command, which must have been answered."""
    assert future.done(), "a command was left without an answer"
    error = future.exception()
    if error is None:
        return future.result()
    assert isinstance(error, Refused), error
    return error.code

"""Pairs in conversation, and what they talk over: the product, Socket.IO, or a bare echo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from tests.benchmarks.bare import Bare
from tests.benchmarks.checking import demand_events
from tests.benchmarks.frames import TEXT, new_id
from tests.benchmarks.guests import in_a_room
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.sessions import agents, visitors
from tests.benchmarks.socket_io import SocketIo
from tests.benchmarks.talk import Figures
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.server import Server


class Talker(Protocol):
    """Somebody on a socket; ``acked`` and ``seen`` get the ids of answers and of messages."""

    messages: int
    acked: Callable[[str], None]
    seen: Callable[[str], None]

    @property
    def hears_itself(self) -> bool:
        """Whether its own messages come to it too."""

    def post(self, conversation: str, command: str) -> None:
        """Send a message under this id, and wait for nothing."""

    def check(self) -> None:
        """Raise what went wrong on the socket, if anything did."""

    def leave(self) -> None:
        """Close the socket. Raises what went wrong on it."""


class Pair:
    """One who writes, such as a visitor, and one who reads its conversation, such as an agent.

    A message is done when its sender has the ack and its reader the text.
    """

    def __init__(self, visitor: Talker, agent: Talker, conversation: str) -> None:
        self.figures = Figures()
        self.going = False
        self.posted = 0
        self._visitor = visitor
        self._agent = agent
        self._conversation = conversation
        self._heard_before = visitor.messages
        self._read_before = agent.messages
        self._sent: dict[str, float] = {}
        self._half: set[str] = set()
        visitor.acked = self._acknowledge
        agent.seen = self._receive

    @property
    def pending(self) -> int:
        unheard = self.posted - self._heard if self._visitor.hears_itself else 0
        return max(len(self._sent), unheard)

    @property
    def _heard(self) -> int:
        """Of its own messages those that have come to the sender's socket too."""
        return self._visitor.messages - self._heard_before

    def send(self) -> None:
        command = new_id()
        self._sent[command] = time.perf_counter()
        self.posted += 1
        self._visitor.post(self._conversation, command)

    def check(self) -> None:
        self._agent.check()
        self._visitor.check()

    def leave(self) -> None:
        self._agent.leave()
        self._visitor.leave()
        demand_events(self._agent.messages - self._read_before, self.posted, "the reader's socket")
        if self._visitor.hears_itself:
            demand_events(self._heard, self.posted, "the sender's own socket")

    def _acknowledge(self, command: str) -> None:
        self.figures.acked.append(time.perf_counter() - self._sent[command])
        self._step(command)

    def _receive(self, command: str) -> None:
        self.figures.received.append(time.perf_counter() - self._sent[command])
        self._step(command)

    def _step(self, command: str) -> None:
        """An ack or a receipt: the message is done when both have come."""
        if command not in self._half:
            self._half.add(command)
            return
        self._half.discard(command)
        del self._sent[command]
        self.figures.done += 1
        if self.going:
            self.send()


class Echo:
    """A socket that sends a text and gets it back."""

    def __init__(self) -> None:
        self.figures = Figures()
        self.going = False
        self.posted = 0
        self.socket: Socket | None = None
        self._sent: list[float] = []
        self._text = TEXT.encode()

    @property
    def pending(self) -> int:
        return len(self._sent)

    def send(self) -> None:
        assert self.socket is not None
        self._sent.append(time.perf_counter())
        self.posted += 1
        self.socket.send(self._text)

    def check(self) -> None:
        assert self.socket is not None
        self.socket.check()

    def leave(self) -> None:
        assert self.socket is not None
        self.socket.leave()
        self.check()

    def take(self, _: bytes) -> None:
        """What was sent first came back."""
        self.figures.received.append(time.perf_counter() - self._sent.pop(0))
        self.figures.done += 1
        if self.going:
            self.send()


async def pairs(server: Server, count: int) -> list[Pair]:
    """So many pairs in conversation."""
    sessions = zip(await visitors(server, count), await agents(server, count), strict=True)
    return list(await asyncio.gather(*(_pair(*both) for both in sessions)))


async def _pair(visiting: dict[str, Any], serving: dict[str, Any]) -> Pair:
    visitor = await Person().arrive(visiting)
    conversation = await conversation_of(visitor)
    agent = await Person().arrive(serving, [f"conversation:{conversation}"])
    return Pair(visitor, agent, conversation)


async def echoes(bare: Bare, count: int) -> list[Echo]:
    """So many echoing sockets."""
    lines = [Echo() for _ in range(count)]
    for line in lines:
        line.socket = await connected(bare.socket("/echo"), line.take)
    return lines


async def rooms(server: SocketIo, count: int) -> list[Pair]:
    """So many pairs in conversation over Socket.IO."""
    return [Pair(*await in_a_room(server.socket)) for _ in range(count)]

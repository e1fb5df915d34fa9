"""Those who talk over Socket.IO, checked as they go.

A :class:`Guest` speaks Engine.IO's and Socket.IO's packets straight over the generator's own
WebSocket, so that a message costs the generator alike on both sides.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from uuid import uuid4

import msgspec
from msgspec import Struct

from tests.benchmarks.frames import TEXT
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.people import ignore
from tests.benchmarks.wire import Socket, connected

ANSWER_S = 20.0
OPEN, PING, PONG, CONNECT, EVENT, ACK = b"0", b"2", b"3", b"40", b"42", b"43"
"""Engine.IO's packets, and behind its ``4`` for a message Socket.IO's."""


class Sent(Struct):
    """Of a message in a room what is checked."""

    id: str
    conversation: str
    text: str


_event = msgspec.json.Decoder(tuple[str, Sent]).decode
_answer = msgspec.json.Decoder(list[str]).decode


class Guest:
    """One socket. ``acked`` and ``seen`` are called with the ids of answers and of messages."""

    hears_itself = False

    def __init__(self) -> None:
        self.messages = 0
        self.acked: Callable[[str], None] = ignore
        self.seen: Callable[[str], None] = ignore
        self.error: MeasurementFailed | None = None
        self._socket: Socket | None = None
        self._numbers = itertools.count(1)
        self._there = asyncio.Event()
        self._joined = asyncio.Event()

    async def arrive(self, url: str, conversation: str) -> Guest:
        """Connect and enter the conversation's room."""
        self._socket = await connected(url, self._take)
        self._socket.send(CONNECT)
        async with asyncio.timeout(ANSWER_S):
            await self._there.wait()
            self._emit("join", conversation)
            await self._joined.wait()
        return self

    def post(self, conversation: str, command: str) -> None:
        """Send a message under this id, and wait for nothing."""
        self._emit("post", {"id": command, "conversation": conversation, "text": TEXT})

    def check(self) -> None:
        """Raise what went wrong on the socket, if anything did."""
        assert self._socket is not None
        if self.error is not None:
            raise self.error
        self._socket.check()

    def leave(self) -> None:
        """Close the socket. Raises what went wrong on it, if anything did."""
        assert self._socket is not None
        self._socket.leave()
        self.check()

    def _emit(self, name: str, argument: object) -> None:
        assert self._socket is not None
        number = b"%d" % next(self._numbers)
        self._socket.send(EVENT + number + msgspec.json.encode([name, argument]))

    def _take(self, packet: bytes) -> None:
        try:
            self._packet(packet)
        except (MeasurementFailed, msgspec.MsgspecError) as error:
            self.error = self.error or MeasurementFailed(f"{error} in {packet[:80]!r}")

    def _packet(self, packet: bytes) -> None:
        if packet.startswith(EVENT):
            _, message = _event(packet[len(EVENT) :])
            self.messages += 1
            self.seen(message.id)
        elif packet.startswith(ACK):
            self._answered(packet)
        elif packet == PING:
            assert self._socket is not None
            self._socket.send(PONG)
        elif packet.startswith(CONNECT):
            self._there.set()
        elif not packet.startswith(OPEN):  # which says what the transport may do
            raise MeasurementFailed("an unknown packet")

    def _answered(self, packet: bytes) -> None:
        answer = _answer(packet[packet.index(b"[") :])
        if answer:
            self.acked(answer[0])
        else:  # to "join", which says nothing
            self._joined.set()


async def in_a_room(url: str) -> tuple[Guest, Guest, str]:
    """Two in a conversation of their own, and its id."""
    conversation = str(uuid4())
    sender, reader = Guest(), Guest()
    for each in (sender, reader):
        await each.arrive(url, conversation)
    return sender, reader, conversation

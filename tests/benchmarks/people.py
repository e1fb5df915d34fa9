"""Visitors and agents of the public protocol, checked as they go: ids, order, continuity.

One :class:`Person` is one socket. What it receives it counts; what breaks the contract ends the
measurement.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.wire import Socket, connected
from tests.fixtures.client import agent_session
from tests.fixtures.server import Server

SUBPROTOCOL = "parley.v1"
ANSWER_S = 60.0
AT_ONCE = 20
TEXT = "x" * 120
"""A message's text."""

_PREFIX = os.urandom(6).hex()
_counter = itertools.count(1)


class Data(Struct):
    """Of an event's data what tells messages apart."""

    message: str | None = None


class Event(Struct):
    """Of an event what is checked."""

    type: str
    version: int
    data: Data | None = None


class Frame(Struct):
    """A server's frame, as far as it matters here."""

    op: str
    id: str | None = None
    conversation: str | None = None
    feed: str | None = None
    after: int = 0
    upto: int = 0
    at: int = 0
    code: str | None = None
    events: list[Event] = []


_decode = msgspec.json.Decoder(Frame).decode


def new_id() -> str:
    """A command's id, which costs nothing to make."""
    number = next(_counter)
    return f"{_PREFIX[:8]}-{_PREFIX[8:]}-7000-8000-{number:012x}"


class Person:
    """One socket. ``acked`` and ``seen`` are called with the ids of answers and of messages."""

    hears_itself = True

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.messages = 0
        self.acked: Callable[[str], None] = ignore
        self.seen: Callable[[str], None] = ignore
        self.live: set[str] = set()
        self.error: MeasurementFailed | None = None
        self._socket: Socket | None = None
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def arrive(self, session: dict[str, Any], feeds: Sequence[str] = ()) -> Person:
        """Connect, say hello, and wait for the welcome and for every feed to be live."""
        await self.connect(session)
        await self.hello(session, feeds)
        return self

    async def connect(self, session: dict[str, Any]) -> None:
        """Open the socket, and say nothing yet."""
        self._socket = await connected(session["ws"], self._take, SUBPROTOCOL)

    async def hello(self, session: dict[str, Any], feeds: Sequence[str] = ()) -> None:
        """Say hello, following feeds from 0, and wait until all are live."""
        due = [self._due(f"live {feed}") for feed in feeds]
        due.append(self._due("welcome"))
        self.offsets |= dict.fromkeys(feeds, 0)
        self.send("hello", token=session["token"], feeds=dict.fromkeys(feeds, 0))
        await _within(asyncio.gather(*due))

    async def call(self, op: str, **fields: Any) -> Frame:
        """Send a command and wait for its ack."""
        command = new_id()
        future = self._answers[command] = asyncio.get_running_loop().create_future()
        self.send(op, id=command, **fields)
        answer: Frame = await _within(future)
        return answer

    async def follow(self, feed: str) -> None:
        """Follow a feed from 0 until it is live."""
        self.offsets[feed] = 0
        due = self._due(f"live {feed}")
        await self.call("subscribe", feed=feed, after=0)
        await _within(due)

    def post(self, conversation: str, command: str) -> None:
        """Send a message under this id, and wait for nothing."""
        self.send("post", id=command, conversation=conversation, body={"text": TEXT})

    def send(self, op: str, **fields: Any) -> None:
        """Send a frame."""
        assert self._socket is not None
        self._socket.send(msgspec.json.encode({"op": op, **fields}))

    def leave(self) -> None:
        """Close the socket. Raises what went wrong on it, if anything did."""
        assert self._socket is not None
        self._socket.take = drop
        self._socket.close()
        self.check()

    def check(self) -> None:
        """Raise what went wrong on the socket, if anything did."""
        assert self._socket is not None
        if self.error is not None:
            raise self.error
        self._socket.check()

    def _due(self, what: str) -> asyncio.Future[None]:
        future = self._waiting[what] = asyncio.get_running_loop().create_future()
        return future

    def _take(self, text: bytes) -> None:
        try:
            self._frame(_decode(text))
        except MeasurementFailed as error:
            self._fail(error)

    def _frame(self, frame: Frame) -> None:
        if frame.op == "events":
            self._events(frame)
        elif frame.op == "ack":
            assert frame.id is not None
            future = self._answers.pop(frame.id, None)
            if future is not None:
                future.set_result(frame)
            self.acked(frame.id)
        elif frame.op in {"welcome", "live"}:
            what = frame.op if frame.feed is None else f"live {frame.feed}"
            self._waiting.pop(what).set_result(None)
        elif frame.op != "signal":  # who is there passes by
            raise MeasurementFailed(f"a {frame.op} frame came: {frame.code}")

    def _events(self, frame: Frame) -> None:
        assert frame.feed is not None
        if frame.after != self.offsets[frame.feed]:
            raise MeasurementFailed(f"{frame.after} does not continue {self.offsets[frame.feed]}")
        self.offsets[frame.feed] = frame.upto
        for event in frame.events:
            if event.type == "message.posted":
                assert event.data is not None
                assert event.data.message is not None
                self.messages += 1
                self.seen(event.data.message)

    def _fail(self, error: MeasurementFailed) -> None:
        self.error = self.error or error
        due: list[asyncio.Future[Any]] = [*self._answers.values(), *self._waiting.values()]
        for future in due:
            if not future.done():
                future.set_exception(error)


async def visitors(server: Server, count: int) -> list[dict[str, Any]]:
    """So many visitors' sessions."""
    gate = asyncio.Semaphore(AT_ONCE)
    site = server.credentials["site"]
    async with httpx.AsyncClient(base_url=server.url, timeout=ANSWER_S) as http:

        async def one() -> dict[str, Any]:
            async with gate:
                answer = await http.post("/v1/visitor/sessions", json={"site": site})
            if not answer.is_success:
                raise MeasurementFailed(answer.text)
            form: dict[str, Any] = answer.json()
            return form

        return list(await asyncio.gather(*(one() for _ in range(count))))


async def agents(server: Server, count: int) -> list[dict[str, Any]]:
    """So many agents' sockets' sessions: of the demonstration's accounts, in turn."""
    credentials = server.credentials
    accounts = (credentials["admin"], *credentials["agents"])
    sessions = [await agent_session(server.url, "demo", account) for account in accounts]
    return list(itertools.islice(itertools.cycle(sessions), count))


async def conversation_of(visitor: Person) -> str:
    """Begin a conversation and follow it; its id."""
    ack = await visitor.call("start", body={"text": TEXT})
    assert ack.conversation is not None
    await visitor.follow(f"conversation:{ack.conversation}")
    return ack.conversation


async def _within(awaited: asyncio.Future[Any]) -> Any:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await awaited
    except TimeoutError:
        raise MeasurementFailed(f"no answer in {ANSWER_S:.0f} s") from None


def ignore(_: str) -> None:
    """Nobody wants to know."""


def drop(_: bytes) -> None:
    """It comes too late."""

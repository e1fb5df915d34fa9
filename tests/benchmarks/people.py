"""Visitors and agents of the public protocol, checked as they go: ids, order, continuity.

One :class:`Person` is one socket. What it receives it counts; what breaks the contract ends the
measurement.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tests.benchmarks.frames import TEXT, Frame, decode, new_id
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.wire import Socket, connected

SUBPROTOCOL = "parley.v1"
ANSWER_S = 60.0
AGAIN_S = 0.1
"""Seconds until one who was refused tries again; a browser's client waits longer."""


class Person:
    """One socket. ``acked`` and ``seen`` are called with the ids of answers and of messages.

    ``refused`` is called with an error's frame, ``fallen`` when the connection ends by itself.
    """

    hears_itself = True

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.messages = 0
        self.acked: Callable[[str], None] = ignore
        self.seen: Callable[[str], None] = ignore
        self.refused: Callable[[Frame], None] = _end
        self.fallen: Callable[[Person], None] = ignore
        self.error: MeasurementFailed | None = None
        self._socket: Socket | None = None
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._waiting: dict[str, asyncio.Future[None]] = {}

    @property
    def there(self) -> bool:
        """Whether its connection is open."""
        return self._socket is not None and self._socket.there

    async def arrive(self, session: dict[str, Any], feeds: Sequence[str] = ()) -> Person:
        """Connect, say hello, and wait for the welcome and for every feed to be live."""
        await self.connect(session)
        await self.hello(session, feeds)
        return self

    async def connect(self, session: dict[str, Any]) -> None:
        """Open the socket, and say nothing yet."""
        self._socket = await connected(session["ws"], self._take, SUBPROTOCOL)
        self._socket.fell = self._fall

    async def hello(self, session: dict[str, Any], feeds: Sequence[str] = ()) -> None:
        """Say hello, following feeds from where it is, and wait until all are live."""
        due = [self._due(f"live {feed}") for feed in feeds]
        due.append(self._due("welcome"))
        offsets = {feed: self.offsets.setdefault(feed, 0) for feed in feeds}
        self.send("hello", token=session["token"], feeds=offsets)
        await _within(asyncio.gather(*due))

    async def come_back(self, session: dict[str, Any], feeds: Sequence[str] = ()) -> int:
        """Connect again, as often as it takes, and go on; how often it was refused.

        What broke the contract before stays an error. Raises MeasurementFailed where it takes for
        ever.
        """
        self.check_contract()
        end = time.monotonic() + ANSWER_S
        for refused in itertools.count():
            self._forget()
            try:
                await self.arrive(session, feeds)
            except (MeasurementFailed, OSError) as error:
                self.check_contract()
                if time.monotonic() > end:
                    raise MeasurementFailed(f"refused for good: {error}") from None
                await asyncio.sleep(AGAIN_S)
            else:
                return refused
        raise AssertionError("there is always a next time")

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
        self._socket.leave()
        self.check()

    def check(self) -> None:
        """Raise what went wrong on the socket, if anything did."""
        assert self._socket is not None
        self.check_contract()
        self._socket.check()

    def check_contract(self) -> None:
        """Raise what the server did wrong; losing the connection is none of it."""
        if self.error is not None:
            raise self.error

    def fail(self, error: MeasurementFailed) -> None:
        """The server did something wrong: nothing is awaited any more, and checking raises it."""
        self.error = self.error or error
        self._give_up(error)

    def _due(self, what: str) -> asyncio.Future[None]:
        future = self._waiting[what] = asyncio.get_running_loop().create_future()
        return future

    def _take(self, text: bytes) -> None:
        try:
            self._frame(decode(text))
        except MeasurementFailed as error:
            self.fail(error)

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
        elif frame.op == "error":
            self.refused(frame)
        elif frame.op != "signal":  # who is there passes by
            raise MeasurementFailed(f"a {frame.op} frame came")

    def _events(self, frame: Frame) -> None:
        assert frame.feed is not None
        if frame.after != self.offsets[frame.feed]:
            raise MeasurementFailed(f"{frame.after} does not continue {self.offsets[frame.feed]}")
        self.offsets[frame.feed] = frame.upto
        last = frame.after
        for event in frame.events:
            if not last < event.version <= frame.upto:
                raise MeasurementFailed(f"version {event.version} came after {last}")
            last = event.version
            if event.type == "message.posted":
                assert event.data is not None
                assert event.data.message is not None
                self.messages += 1
                self.seen(event.data.message)

    def _fall(self, why: str) -> None:
        self._give_up(MeasurementFailed(f"a connection has ended: {why}"))
        self.fallen(self)

    def _forget(self) -> None:
        """Nothing is awaited on a connection that is gone."""
        if self._socket is not None:
            self._socket.take, self._socket.fell = drop, ignore
            self._socket.leave()
        self._answers, self._waiting = {}, {}

    def _give_up(self, error: MeasurementFailed) -> None:
        due: list[asyncio.Future[Any]] = [*self._answers.values(), *self._waiting.values()]
        for future in due:
            if not future.done():
                future.set_exception(error)


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


def _end(frame: Frame) -> None:
    """Nothing is to be refused."""
    raise MeasurementFailed(f"an error came: {frame.code}")


def ignore(_: object) -> None:
    """Nobody wants to know."""


def drop(_: bytes) -> None:
    """It comes too late."""

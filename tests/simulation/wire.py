"""A socket between a client and a node: takes time, holds so much, and is cut in the midst.

Both ends learn of an end by themselves, each when it does: until then they speak to nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from random import Random
from typing import Protocol, Self

from adapters.websocket.node import Transport
from tests.simulation.history import Moment, Socket

WAY_S = 0.004
"""The longest that a frame takes."""

NEXT_S = 1e-6
"""How much later than the one before a frame comes: timers of one moment have no order."""


class Queued(str):
    """A frame's text that knows when its node put it into the socket's queue."""

    __slots__ = ("sent",)
    sent: Moment

    def __new__(cls, text: str, sent: Moment) -> Self:
        """The same text, with that."""
        queued = super().__new__(cls, text)
        queued.sent = sent
        return queued


class Far(Protocol):
    """The client's end. Nothing here waits."""

    def take(self, text: Queued) -> None:
        """A frame has come."""

    def lost(self, wire: Wire, code: int | None) -> None:
        """This socket is over: closed with a code, or just gone."""


class Wire:
    """One socket. ``held`` bounds the characters between its ends before the node must wait.

    ``near`` is the context of the node that has it; ``record`` is what is known of it afterwards.
    """

    def __init__(self, chance: Random, far: Far, held: int, record: Socket) -> None:
        self.record = record
        self.reading = True
        self.over = False
        self.hear: Callable[[str], bool] | None = None
        self.near = Context()
        self._chance = chance
        self._far: Far | None = far
        self._held = held
        self._loop = asyncio.get_running_loop()
        self._context = Context()
        self._down: deque[str] = deque()
        self._size = 0
        self._due = False
        self._room: asyncio.Future[None] | None = None
        self._code: int | None = None
        self._up: deque[str] = deque()
        self._last_up = 0.0
        self._word: asyncio.Future[None] | None = None

    # --- the node's end -----------------------------------------------------------------------

    @property
    def transport(self) -> Transport:
        """The socket as the connection sees it."""
        return Transport(self, self._close)

    async def receive(self) -> str | None:
        """The next text. Raises ConnectionError at the end."""
        while not self._up:
            if self.over:
                raise ConnectionResetError
            self._word = self._loop.create_future()
            await self._word
        return self._up.popleft()

    def write(self, texts: Sequence[str], /) -> bool:
        """Send frames; False: no more before :meth:`ready`. Raises ConnectionError at the end."""
        if self.over:
            raise ConnectionResetError
        self._down.extend(texts)
        self._size += sum(map(len, texts))
        self._deliver_later()
        return self._size <= self._held

    async def ready(self) -> None:
        """Wait until there is room, or the socket is over."""
        while self._size > self._held and not self.over:
            self._room = self._loop.create_future()
            await self._room

    async def _close(self, code: int, reason: str) -> None:  # the port's
        self._code = code
        self._deliver_later()
        self.fail()

    def fail(self) -> None:
        """Let the node's end know that the socket is over."""
        if not self.over:
            self.record.ended_at = self._loop.time()
        self.over = True
        for waiting in (self._word, self._room):
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

    # --- the client's end ---------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Send a frame to the node, if it still hears."""
        self._last_up = max(
            self._last_up + NEXT_S, self._loop.time() + self._chance.random() * WAY_S
        )
        self._loop.call_at(self._last_up, self._come, text, context=self.near)

    def hang_up(self, known_after_s: float = 0.0) -> None:
        """The client is gone, and hears nothing more; the node learns of it after so long."""
        self._far = None
        self._loop.call_later(known_after_s, self.fail, context=self._context)

    def cut(self, far_after_s: float, node_after_s: float) -> None:
        """Nothing passes any more, either way; each end finds that out after so long."""
        far, self._far = self._far, None
        self._down.clear()
        self._up.clear()
        if far is not None:
            self._loop.call_later(far_after_s, far.lost, self, None, context=self._context)
        self._loop.call_later(node_after_s, self.fail, context=self._context)

    def read_on(self) -> None:
        """The client reads again."""
        self.reading = True
        self._deliver_later()

    @property
    def waiting(self) -> int:
        """Frames that are on their way to the client."""
        return len(self._down)

    # --- between ------------------------------------------------------------------------------

    def _come(self, text: str) -> None:
        if self._far is None or self.over:
            return
        if self.hear is not None and not self._up and self.hear(text):
            return
        self._up.append(text)
        if self._word is not None and not self._word.done():
            self._word.set_result(None)

    def _deliver_later(self) -> None:
        if not self._due and self.reading:
            self._due = True
            way_s = self._chance.random() * WAY_S
            self._loop.call_later(way_s, self._deliver, context=self._context)

    def _deliver(self) -> None:
        self._due = False
        while self._down and self.reading and self._far is not None:
            text = self._down.popleft()
            assert isinstance(text, Queued), "a frame that no connection has queued"
            self._size -= len(text)
            self._far.take(text)
        if self._size <= self._held and self._room is not None and not self._room.done():
            self._room.set_result(None)
        if self._code is not None and not self._down and self._far is not None:
            far, self._far = self._far, None
            far.lost(self, self._code)

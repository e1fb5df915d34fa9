"""A tab's socket: the product's connection at one end, the tab, at its own pace, at the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from adapters.websocket.connection import Connection
from adapters.websocket.node import Transport
from tests.fixtures.frames import taken
from tests.property.resume.law import Frame
from tests.property.resume.node import LIMITS, ServingNode

if TYPE_CHECKING:
    from tests.property.resume.tab import Tab

PUSHED_BYTES = 6_000
"""Characters that one batch adds to what waits for a socket, at most, in these tests."""

CLOSED_FOR_NOW = {1012, 1013}


class Socket:
    """From hello to the end. ``history`` is the one that the node knew of when it began."""

    def __init__(self, tab: Tab, node: ServingNode) -> None:
        self._tab = tab
        self._history = node.history
        self.is_welcome = False
        self.hear: Callable[[str], bool] | None = None
        self._incoming: asyncio.Queue[str | ConnectionError] = asyncio.Queue()
        transport = Transport(self, self._close)
        self._connection = Connection(node.sockets.node, transport, tab.person.role)
        serving = node.sockets.serve(self._connection, "here")
        node.tasks.append(asyncio.create_task(serving))

    def say(self, frame: Frame) -> None:
        """Send a frame."""
        self._incoming.put_nowait(json.dumps(frame))

    def hang_up(self) -> None:
        """Go away without a word."""
        self._incoming.put_nowait(ConnectionResetError())

    def check_bounds(self) -> None:
        """What the node keeps for this socket is within its limits."""
        assert self._connection._outgoing.size <= LIMITS.queue_bytes + PUSHED_BYTES
        for feed in self._connection.feeds.values():
            assert feed._buffered <= LIMITS.buffer_bytes

    @property
    def _is_open(self) -> bool:
        return self._tab.socket is self

    @property
    def _is_held(self) -> bool:
        """Whether the tab takes nothing now; what a node says before it closes goes out at once."""
        return self._tab.takes == 0 and self._is_open and self._connection._closing is None

    async def receive(self) -> str:
        """What the tab said next; a :class:`~adapters.websocket.node.Wire`."""
        text = await self._incoming.get()
        if isinstance(text, ConnectionError):
            raise text
        return text

    def write(self, texts: Sequence[str]) -> bool:
        """Let the tab take frames; False: no more before :meth:`ready`."""
        for text in texts:
            self._take(text)
        return not self._is_held

    async def ready(self) -> None:
        """Wait until the tab takes more, or is gone."""
        while self._is_held:  # noqa: ASYNC110  # the loop's turns are the time here
            await asyncio.sleep(0)

    def _take(self, text: str) -> None:
        if not self._is_open:
            raise ConnectionResetError
        if self._tab.takes:
            self._tab.takes -= 1
        frame = taken(self._tab.person.role, text)
        self.is_welcome = self.is_welcome or frame["op"] == "welcome"
        try:
            self._tab.take(frame, self._history)
        except Exception as error:
            self._tab.world.wrong.append(error)
            raise

    async def _close(self, code: int, reason: str) -> None:
        assert code in CLOSED_FOR_NOW, reason
        self.hang_up()
        if self._is_open:
            self._tab.gone()

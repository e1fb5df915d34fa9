"""A socket without the layers above uvicorn: what waits goes out in one write.

An ASGI message passes some ten functions on its way, which costs more than what is sent. So the
server offers this as an extension of the scope, ``parley.wire``; accepting and closing stay ASGI's.
The frames' bytes are websockets' own, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from websockets.frames import Frame, Opcode

if TYPE_CHECKING:
    from ops.protocols import WebSocketProtocol

EXTENSION = "parley.wire"
"""Its name among the scope's extensions; ``adapters/websocket/endpoint.py`` looks there."""

SIZES = 4096
"""Lengths of frames whose headers are kept: those of a chat are short, and recur."""


class Wire:
    """One accepted socket; an :class:`adapters.websocket.node.Wire`."""

    __slots__ = ("_protocol", "hear")

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self._protocol = protocol
        self.hear: Callable[[str], bool] | None = None

    def write(self, texts: Sequence[str]) -> bool:
        """Send frames, one after the other; False: no more before :meth:`ready`.

        Raises ConnectionError where the socket is closed, or about to be: the client has said so.
        """
        protocol = self._protocol
        if protocol.disconnected or protocol.close_sent or protocol.transport.is_closing():
            raise ConnectionResetError("the socket is closed")
        protocol.transport.write(b"".join(map(_framed, texts)))
        return protocol.writable.is_set()

    async def ready(self) -> None:
        """Wait until the socket takes more, or is gone."""
        await self._protocol.writable.wait()

    async def receive(self) -> str | None:
        """The next text; None is a binary frame. Raises ConnectionError at the end."""
        message: Any = await self._protocol.receive()
        if message["type"] != "websocket.receive":
            raise ConnectionResetError("the socket is closed")
        text: str | None = message.get("text")
        return text


@lru_cache(maxsize=1)
def _framed(text: str) -> bytes:
    """A text as an unmasked frame; the last one is kept, for all who get the same."""
    payload = text.encode()
    return _header(len(payload)) + payload


@lru_cache(maxsize=SIZES)
def _header(size: int) -> bytes:
    """What websockets writes before a payload of so many bytes."""
    frame = Frame(Opcode.TEXT, bytes(size)).serialize(mask=False)
    return frame[: len(frame) - size]

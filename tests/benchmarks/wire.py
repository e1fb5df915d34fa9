"""A WebSocket client that costs next to nothing, so that a generator is no bottleneck.

It masks with zeros, which RFC 6455 allows and which leaves a text as it is, and reads only what the
product sends: whole text frames, pings, closes. Whatever else comes, it fails.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from tests.benchmarks.measuring import MeasurementFailed

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
NO_MASK = bytes(4)
OPENED = b"HTTP/1.1 101 "


class Socket(asyncio.Protocol):
    """One connection. ``take`` gets each text.

    ``broken`` holds why it ended by itself, and ``fell`` is called with it.
    """

    def __init__(self, url: str, take: Callable[[bytes], None], subprotocol: str | None) -> None:
        self.take = take
        self.fell: Callable[[str], None] = _ignore
        self.broken: str | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = _request(url, subprotocol)
        self._transport: asyncio.Transport | None = None
        self._left = b""
        self._open = False
        self._closing = False

    @property
    def there(self) -> bool:
        """Whether the connection is open."""
        return self._open and self.broken is None

    # --- sending ------------------------------------------------------------------------------

    def send(self, text: bytes) -> None:
        """Send a text. Raises MeasurementFailed where the connection has ended."""
        self._send(TEXT, text)

    def check(self) -> None:
        """Raise MeasurementFailed where the connection has ended by itself."""
        if self.broken is not None:
            raise MeasurementFailed(f"a connection has ended: {self.broken}")

    def leave(self) -> None:
        """End the connection."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def _send(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        self.check()
        self._transport.write(_head(opcode, len(payload)) + NO_MASK + payload)

    # --- receiving ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closing:
            self._fail(f"lost: {exc}")

    def data_received(self, data: bytes) -> None:
        try:
            self._receive(data)
        except Exception as error:  # noqa: BLE001  # the loop would only log it
            self._fail(repr(error))

    def _receive(self, data: bytes) -> None:
        data = self._left + data if self._left else data
        start = 0 if self._open else self._answered(data)
        while self._open and (frame := _frame(data, start)):
            opcode, begin, start = frame
            self._frame(opcode, data[begin:start])
        self._left = data[start:]

    def _answered(self, data: bytes) -> int:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(OPENED):
            self._fail(f"refused: {data[:80]!r}")
            return len(data)
        self._open = True
        self.opened.set_result(None)
        return end + 4

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self.take(payload)
        elif opcode == PING:
            self._send(PONG, payload)
        elif not self._closing:
            self._fail(f"frame {opcode}: {payload[:80]!r}")

    def _fail(self, why: str) -> None:
        if self.broken is not None:
            return
        self.broken = why
        if not self.opened.done():
            self.opened.set_exception(MeasurementFailed(why))
        self.fell(why)


async def connected(
    url: str, take: Callable[[bytes], None], subprotocol: str | None = None
) -> Socket:
    """An open connection. Raises MeasurementFailed where it is refused."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(
        lambda: Socket(url, take, subprotocol), parts.hostname, parts.port
    )
    async with asyncio.timeout(20):
        await socket.opened
    return socket


def _ignore(_: str) -> None:
    """Whoever uses it asks."""


def _request(url: str, subprotocol: str | None) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
    ]
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return "\r\n".join([*lines, "", ""]).encode()


def _head(opcode: int, length: int) -> bytes:
    if length < 126:
        return bytes((FINAL | opcode, MASKED | length))
    if length < 2**16:
        return struct.pack("!BBH", FINAL | opcode, MASKED | 126, length)
    return struct.pack("!BBQ", FINAL | opcode, MASKED | 127, length)


def _frame(data: bytes, start: int) -> tuple[int, int, int] | None:
    """The frame that begins here: its opcode and where its payload begins and ends."""
    if len(data) < start + 2:
        return None
    first, length = data[start], data[start + 1]
    if not first & FINAL or length & MASKED:
        raise MeasurementFailed("a frame in parts, or a masked one")
    begin = start + 2
    if length >= 126:
        size = 2 if length == 126 else 8
        if len(data) < begin + size:
            return None
        length = int.from_bytes(data[begin : begin + size], "big")
        begin += size
    return (first & 0xF, begin, begin + length) if len(data) >= begin + length else None

"""The socket that the server gives: one write, reading ahead, and texts that are heard at once."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import Any, cast

import pytest
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from ops.protocols import Places, WebSocketProtocol
from ops.server import _config, _limited
from ops.settings import Settings
from ops.wire import EXTENSION, Wire

REQUEST = (
    b"GET /ws/visitor HTTP/1.1\r\nHost: parley.test\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Line(asyncio.Transport):
    """The transport: what was written, and whether reading is paused."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.reading = True
        self.closing = False
        self.unread = 0
        self.cut = asyncio.Event()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def write_eof(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True
        self.cut.set()


class Accepted:
    """A socket that was accepted, and its application, which waits until it is told to end."""

    def __init__(self) -> None:
        settings = Settings()
        self.line = Line()
        self.wire: Wire
        self.over = asyncio.Event()
        self._ready = asyncio.Event()
        config = _config(settings, cast("ASGI3Application", self._serve))
        config.load()
        limited = cast("Any", _limited(WebSocketProtocol, settings, Places(settings)))
        self.protocol: WebSocketProtocol = limited(config, ServerState(), {})

    async def begin(self) -> Accepted:
        """With its handshake done."""
        self.protocol.connection_made(self.line)
        self.protocol.data_received(REQUEST)
        await self._ready.wait()
        self.line.writes.clear()
        return self

    async def _serve(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        await receive()
        await send(cast("Any", {"type": "websocket.accept"}))
        self.wire = cast("Any", scope)["extensions"][EXTENSION]
        self._ready.set()
        await self.over.wait()

    def say(self, text: str | bytes) -> None:
        """A text of the client comes in; bytes may be no UTF-8."""
        data = text.encode() if isinstance(text, str) else text
        self.protocol.data_received(Frame(Opcode.TEXT, data).serialize(mask=True))


@pytest.fixture
async def accepted() -> Any:
    """A socket that was accepted; ended in the end."""
    found = await Accepted().begin()
    yield found
    found.over.set()
    found.protocol.connection_lost(None)


def texts(written: bytes) -> Iterator[str]:
    """The texts of short unmasked frames."""
    while written:
        assert written[0] == 0x81
        length = written[1]
        yield written[2 : 2 + length].decode()
        written = written[2 + length :]


async def test_frames_are_one_write(accepted: Accepted) -> None:
    """Whole frames, in order; the answer says whether more may come."""
    assert accepted.wire.write(["one", "two"])
    (written,) = accepted.line.writes
    assert list(texts(written)) == ["one", "two"]
    accepted.protocol.pause_writing()
    assert not accepted.wire.write(["three"])
    ready = asyncio.create_task(accepted.wire.ready())
    await asyncio.sleep(0)
    assert not ready.done()
    accepted.protocol.resume_writing()
    await ready


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
async def test_frames_are_as_websockets_writes_them(accepted: Accepted, size: int) -> None:
    """Of every length that is written in another way, and what is kept of one is no other's."""
    for text in ("a" * size, "b" * size, "ü" * (size // 2) + "c" * (size % 2)):
        accepted.wire.write([text])
        frame = Frame(Opcode.TEXT, text.encode())
        assert accepted.line.writes[-1] == frame.serialize(mask=False)


async def test_texts_wait_and_then_the_client_does(accepted: Accepted) -> None:
    """So many are read ahead of whoever serves the socket; when all are taken, reading goes on."""
    for n in range(WebSocketProtocol.READ_AHEAD):
        accepted.say(str(n))
    assert accepted.line.reading
    accepted.say("one more")
    assert not accepted.line.reading
    got = [await accepted.wire.receive() for _ in range(WebSocketProtocol.READ_AHEAD + 1)]
    assert got == [*map(str, range(WebSocketProtocol.READ_AHEAD)), "one more"]
    assert accepted.line.reading


@pytest.mark.parametrize("pieces", [1, 3])
async def test_of_large_messages_one_is_read_ahead(accepted: Accepted, pieces: int) -> None:
    """However few wait: thousands of sockets that are not served would fill the memory."""
    large = b"x" * (WebSocketProtocol.READ_AHEAD_BYTES // pieces + 1)
    for piece in range(pieces):
        opcode = Opcode.CONT if piece else Opcode.TEXT
        frame = Frame(opcode, large, fin=piece == pieces - 1)
        accepted.protocol.data_received(frame.serialize(mask=True))
    assert not accepted.line.reading
    assert await accepted.wire.receive() == large.decode() * pieces
    assert accepted.line.reading


async def test_who_is_not_read_is_not_silent(accepted: Accepted) -> None:
    """A pong may wait behind what we do not read; once that was read, silence ends the socket."""
    for n in range(WebSocketProtocol.READ_AHEAD + 1):
        accepted.say(str(n))
    accepted.protocol.send_keepalive_ping()
    accepted.protocol.keepalive_timeout()
    assert not accepted.line.closing
    for _ in range(WebSocketProtocol.READ_AHEAD + 1):
        await accepted.wire.receive()
    accepted.protocol.keepalive_timeout()
    assert not accepted.line.closing
    accepted.protocol.keepalive_timeout()
    assert accepted.line.closing


async def test_who_reads_nothing_either_is_cut(accepted: Accepted) -> None:
    """A client that takes nothing is gone, whatever of it waits here."""
    for n in range(WebSocketProtocol.READ_AHEAD + 1):
        accepted.say(str(n))
    accepted.protocol.send_keepalive_ping()
    accepted.protocol.pause_writing()
    accepted.protocol.keepalive_timeout()
    assert accepted.line.closing


async def test_a_text_is_heard_at_once(accepted: Accepted) -> None:
    """But behind none that waits; what is not taken waits its turn."""
    heard: list[str] = []
    takes = True

    def hear(text: str) -> bool:
        heard.append(text)
        return takes

    accepted.say("before")
    accepted.wire.hear = hear
    accepted.say("behind")
    assert heard == []
    assert [await accepted.wire.receive() for _ in range(2)] == ["before", "behind"]
    accepted.say("at once")
    takes = False
    accepted.say("not taken")
    assert heard == ["at once", "not taken"]
    assert await accepted.wire.receive() == "not taken"


async def test_what_is_no_text_is_heard_by_nobody(accepted: Accepted) -> None:
    """The socket ends with 1007, as the protocol asks."""
    heard: list[str] = []
    accepted.wire.hear = lambda text: not heard.append(text)  # type: ignore[func-returns-value]  # None is falsy
    accepted.say(b"\xff\xfe")
    assert heard == []
    assert accepted.line.writes[-1][2:4] == (1007).to_bytes(2, "big")
    with pytest.raises(ConnectionError):
        await accepted.wire.receive()


async def test_nothing_is_written_behind_the_end(accepted: Accepted) -> None:
    """Whoever still writes learns that the socket is closed."""
    accepted.protocol.connection_lost(None)
    with pytest.raises(ConnectionError):
        accepted.wire.write(["late"])
    accepted.protocol.connections.add(accepted.protocol)


async def test_nothing_is_written_to_a_client_that_has_said_goodbye(accepted: Accepted) -> None:
    """The transport closes once what was written is read; until then it would only log and drop."""
    accepted.protocol.data_received(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
    assert accepted.line.closing
    with pytest.raises(ConnectionError):
        accepted.wire.write(["late"])


@pytest.mark.parametrize("said", [b"\x88\x82\0\0\0\0\x03\xe8", None])
async def test_who_leaves_and_takes_nothing_is_cut(accepted: Accepted, said: bytes | None) -> None:
    """A close frame, or the end of what it sends: the transport would wait for its buffer for ever.

    In the second case whoever serves the socket would never learn of the end.
    """
    accepted.protocol.limits = dataclasses.replace(accepted.protocol.limits, close_s=0.01)
    accepted.line.unread = 1
    if said is None:
        accepted.protocol.eof_received()
    else:
        accepted.protocol.data_received(said)
    async with asyncio.timeout(5.0):
        await accepted.line.cut.wait()

"""The server on real connections: what bad, slow and dead clients get, and how stopping ends."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ops.errors import CannotRun
from ops.server import Server, bound
from ops.settings import ServerSettings, Settings

LIMITS = ServerSettings(request_header_s=0.2, keep_alive_s=1, close_s=0.2)
UPGRADE = (
    b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request; its sockets echo, or do what their path says."""
    if scope["type"] == "http":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})
        return
    await receive()
    if scope["path"] == "/fails-at-once":
        raise ValueError("a mistake of ours")
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if scope["path"] == "/fails":
            raise ValueError("a mistake of ours")
        if scope["path"] == "/closes":
            await send({"type": "websocket.close", "code": 4400})
            return
        if scope["path"] == "/floods":
            while True:
                await send({"type": "websocket.send", "bytes": bytes(1 << 16)})
        await send({"type": "websocket.send", "text": message["text"]})


@contextlib.asynccontextmanager
async def serving(**changes: Any) -> AsyncIterator[tuple[Server, int]]:
    """A running server and its port."""
    settings = replace(Settings(server=LIMITS), **changes)
    with bound("127.0.0.1", 0) as listener:
        server = Server(settings, application, listener)
        await server.start()
        port = listener.getsockname()[1]
        try:
            yield server, port
        finally:
            server.stop_accepting()
            await server.stop(0.5)


async def exchange(port: int, data: bytes) -> bytes:
    """Send bytes and read until the server ends the connection."""
    async with opened(port) as (reader, writer):
        writer.write(data)
        async with asyncio.timeout(10):
            return await reader.read()


@contextlib.asynccontextmanager
async def opened(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A plain connection, closed at the end whatever the server did to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def client(port: int, path: str = "/", **options: Any) -> connect:
    """A WebSocket client that sends no pings of its own."""
    return connect(f"ws://127.0.0.1:{port}{path}", ping_interval=None, proxy=None, **options)


async def close_code(socket: ClientConnection) -> int | None:
    """The code with which the server closed."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    return socket.close_code


async def test_requests_are_answered_without_naming_the_server() -> None:
    """A plain request is served, with a date, and no header tells what serves it."""
    async with serving() as (_, port):
        answer = await exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\ndate:" in answer.lower()
    assert b"uvicorn" not in answer.lower()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost:", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"],
    ids=["nothing", "half a header", "half a second header"],
)
async def test_a_header_that_does_not_come_ends_the_connection(sent: bytes) -> None:
    """A client that dawdles over a request's header loses its connection."""
    async with serving() as (server, port):
        with contextlib.suppress(ConnectionResetError):
            await exchange(port, sent)
        await connected(server, 0)


async def connected(server: Server, count: int) -> None:
    """Wait until the server has so many connections."""
    async with asyncio.timeout(10):
        while server.connections != count:  # noqa: ASYNC110 - uvicorn sets no Event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /ws HTTP/1.1\r\n" + UPGRADE,
        b"GET /ws HTTP/1.1\r\n" + UPGRADE.replace(b"13", b"12"),
        b"GET /ws HTTP/1.1\r\n" + UPGRADE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"x"),
    ],
    ids=["binary", "long", "chunks", "post upgrade", "version", "key"],
)
async def test_rubbish_is_refused_and_the_connection_ended(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever comes instead of a request gets a 4xx, the connection ends, and nothing breaks."""
    async with serving() as (server, port):
        answer = await exchange(port, sent)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 4")
        assert b"application/problem+json" in head
        assert json.loads(body)["code"] == "bad_request"
        await connected(server, 0)
    assert not [each for each in caplog.records if each.exc_info]


async def test_connections_beyond_the_limit_are_cut() -> None:
    """With the places taken, one more connection is ended at once."""
    one = replace(LIMITS, connections=1, request_header_s=60)
    async with serving(server=one) as (_, port), opened(port):
        with contextlib.suppress(ConnectionResetError):
            assert await exchange(port, b"") == b""


async def test_no_address_takes_all_places() -> None:
    """An address has its share, sockets included, and gets places back; trusted proxies not."""
    two = replace(LIMITS, connections_per_address=2, request_header_s=60)
    request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    async with serving(server=two) as (server, port), opened(port), client(port) as socket:
        with contextlib.suppress(ConnectionResetError):
            assert await exchange(port, request) == b""
        await socket.close()
        await connected(server, 1)
        assert (await exchange(port, request)).startswith(b"HTTP/1.1 200")
    for others in ({"trusted_proxies": ("127.0.0.1",)}, {"limits_enabled": False}):
        async with serving(server=two, **others) as (_, port), opened(port), opened(port):
            assert (await exchange(port, request)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("path", "code"), [("/fails", 1012), ("/closes", 4400)])
async def test_a_socket_ends_with_a_code_that_says_what_to_do(path: str, code: int) -> None:
    """A mistake of ours is "try again", never 1011; the application's own codes go through."""
    async with serving() as (_, port), client(port, path) as socket:
        await socket.send("x")
        assert await close_code(socket) == code


async def test_a_failure_before_the_upgrade_is_no_500() -> None:
    """A client whose upgrade met a mistake of ours is told to try again."""
    async with serving() as (_, port):
        with pytest.raises(InvalidStatus) as refused:
            await client(port, "/fails-at-once")
    assert refused.value.response.status_code == 503


async def test_a_message_that_is_too_large_closes_with_1009() -> None:
    """The WebSocket layer refuses what no frame of ours can be."""
    async with serving() as (_, port), client(port, max_size=None) as socket:
        await socket.send("x" * (LIMITS.socket_message_bytes + 1))
        assert await close_code(socket) == 1009


async def test_a_code_reaches_a_client_that_goes_on_talking() -> None:
    """With more behind the frame that is refused, and half of it unread, the code still comes."""
    for _ in range(20):
        async with serving() as (_, port), client(port, max_size=None) as socket:
            with contextlib.suppress(ConnectionClosed):
                await socket.send("x" * (LIMITS.socket_message_bytes + 1))
                for _ in range(20):
                    await socket.send("y" * 50_000)
            assert await close_code(socket) == 1009


async def test_text_that_is_no_text_closes_with_1007() -> None:
    """Invalid UTF-8 closes that socket, by the WebSocket standard's own code."""
    async with serving() as (_, port), client(port) as socket:
        await socket.send(b"\xff\xfe", text=True)
        assert await close_code(socket) == 1007


async def test_a_socket_that_answers_no_ping_is_told_1001() -> None:
    """A client that lost its way gets "going away" after two heartbeats, never 1011."""
    async with serving(heartbeat_s=0.2) as (_, port):
        received = await exchange(port, b"GET / HTTP/1.1\r\n" + UPGRADE)
    frames = received.partition(b"\r\n\r\n")[2]
    ping, close = frames[:6], frames[6:]
    assert ping[:2] == b"\x89\x04"
    assert (close[0], close[2:4]) == (0x88, (1001).to_bytes(2, "big"))


async def test_a_socket_that_answers_pings_stays() -> None:
    """A client that sends nothing of its own stays, as long as it answers pings."""
    async with serving(heartbeat_s=0.1) as (_, port), client(port) as socket:
        await asyncio.sleep(0.5)
        await socket.send("still here")
        assert await socket.recv() == "still here"


async def test_stopping_does_not_wait_for_clients() -> None:
    """Idle, half-open, half-asked and unreading connections: all are ended within the patience."""
    patient = replace(LIMITS, request_header_s=60)
    async with (
        serving(server=patient) as (server, port),
        opened(port),
        opened(port) as (_, half),
        client(port) as polite,
    ):
        half.write(b"GET / HT")
        with socket.create_connection(("127.0.0.1", port)) as unread:
            unread.sendall(b"GET /floods HTTP/1.1\r\n" + UPGRADE + b"\x81\x81\0\0\0\0x")
            await connected(server, 4)
            await asyncio.sleep(0.2)  # until the flood fills what the kernel holds
            server.stop_accepting()
            async with asyncio.timeout(3):
                await server.stop(0.5)
                await connected(server, 0)
        assert await close_code(polite) == 1012


async def test_a_port_in_use_is_one_sentence() -> None:
    """Where another program listens, the operator is told so and what to do."""
    with bound("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotRun, match=rf"Port {port} .* in use .* --port"),
            bound("127.0.0.1", port),
        ):
            pass

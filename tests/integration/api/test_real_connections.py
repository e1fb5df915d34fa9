"""The API behind the real server: bodies that are too long, too slow, or end too soon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.deps import ApiSettings
from ops.server import Server, bound
from ops.settings import Settings
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site

LIMITS = ApiSettings(body_bytes=10_000, body_timeout_s=0.2)
PATH = "/v1/visitor/sessions"
POST = f"POST {PATH} HTTP/1.1\r\nHost: parley.test\r\nContent-Type: application/json\r\n"


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    """An installation over the simulated store."""
    return Site(tmp_path)


@pytest.fixture
async def demo(site: Site) -> Tenant:
    """Its tenant."""
    return await site.world.tenant()


@pytest.fixture
async def port(site: Site) -> AsyncIterator[int]:
    """Where it is served."""
    app = create_app(replace(site.deps, settings=LIMITS))
    with bound("127.0.0.1", 0) as listener:
        server = Server(Settings(), app, listener)  # type: ignore[arg-type]  # two words for one interface
        await server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.stop_accepting()
            await server.stop(1)


async def exchange(port: int, *pieces: bytes) -> bytes:
    """Say this, and hear everything until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        with contextlib.suppress(ConnectionError):
            writer.write(piece)
            await writer.drain()
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await reader.read()
    writer.close()
    return answer


def chunk(data: bytes) -> bytes:
    """A piece of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def code_of(answer: bytes) -> str:
    """The code of a problem, as it came over the wire."""
    code: str = json.loads(answer.partition(b"\r\n\r\n")[2])["code"]
    return code


async def test_a_chunked_body_without_end(port: int) -> None:
    """It is answered at the limit, and the connection ends: nobody listens to the rest."""
    head = f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode()
    answer = await exchange(port, head, *[chunk(b" " * 4096)] * 4)
    assert answer.startswith(b"HTTP/1.1 413")
    assert code_of(answer) == "too_large"


async def test_a_body_that_never_comes(port: int) -> None:
    """It is answered after the time that is set, and the connection ends."""
    answer = await exchange(port, f"{POST}Content-Length: 100\r\n\r\n".encode(), b"{")
    assert answer.startswith(b"HTTP/1.1 400")
    assert code_of(answer) == "bad_request"


async def test_a_body_that_ends_too_soon(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """The client is gone; that is no error of ours, and nothing is logged as one."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{POST}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    answer = await exchange(port, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_one_connection_many_requests(port: int, demo: Tenant) -> None:
    """After a refusal whose body was read the connection goes on."""
    bad, good = b'{"site":1}', json.dumps({"site": demo.site}).encode()
    requests = [
        f"{POST}Content-Length: {len(body)}\r\n{extra}\r\n".encode() + body
        for body, extra in ((bad, ""), (good, "Connection: close\r\n"))
    ]
    answer = await exchange(port, b"".join(requests))
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 400" in answer
    assert b"HTTP/1.1 200" in answer


@pytest.mark.parametrize("path", [b"/%00", b"/assets/%00", b"/v1/agents/%ff", b"/\xff", b"*"])
async def test_strange_addresses(port: int, path: bytes) -> None:
    """Whatever bytes: refused, not failed over."""
    request = b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path
    answer = await exchange(port, request)
    assert answer.startswith(b"HTTP/1.1 4")


async def test_head_has_no_body(port: int) -> None:
    """But the same header as GET."""
    answer = await exchange(
        port, b"HEAD /api/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == b""


@pytest.mark.parametrize("path", ["/nowhere", "/v1/agents", "/readyz/"])
async def test_an_upgrade_to_what_is_no_socket(port: int, path: str) -> None:
    """It is not found, in the one form that errors have."""
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    answer = await exchange(port, upgrade.encode())
    assert answer.startswith(b"HTTP/1.1 404")
    assert code_of(answer) == "not_found"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("GET /readyz", 413), ("POST /nowhere", 404), ("DELETE /readyz", 405)],
)
async def test_a_body_that_nobody_asked_for_is_bounded(
    port: int, request_line: str, status: int
) -> None:
    """Where no body is read, one that never ends does not hold the connection."""
    head = f"{request_line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with asyncio.timeout(10):
        answer = await exchange(port, head.encode(), *[chunk(b" " * 4096)] * 4)
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert b"connection: close" in answer.lower()


async def test_a_small_body_that_nobody_asked_for_is_skipped(port: int) -> None:
    """The connection goes on behind it."""
    request = b"GET /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n%b\r\nhello"
    answer = await exchange(port, request % b"" + request % b"Connection: close\r\n")
    assert answer.count(b"HTTP/1.1 200") == 2

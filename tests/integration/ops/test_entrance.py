"""A node's address: what is answered there before, while and after there is something to answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ops.entrance import Entrance
from ops.server import bound
from ops.settings import Settings


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"fine"})


@contextlib.asynccontextmanager
async def entered(**listeners: socket.socket) -> AsyncIterator[tuple[Entrance, str]]:
    """An entrance and where it is."""
    with bound("127.0.0.1", 0) as own:
        async with Entrance(Settings(), own, **listeners) as entrance:
            yield entrance, f"http://127.0.0.1:{own.getsockname()[1]}"


@contextlib.contextmanager
def in_common() -> Iterator[tuple[socket.socket, str]]:
    """A listening socket for several nodes, and where it is."""
    with bound("127.0.0.1", 0) as shared:
        shared.listen()
        shared.settimeout(0)
        yield shared, f"http://127.0.0.1:{shared.getsockname()[1]}"


async def get(url: str) -> httpx.Response:
    """An answer, over a connection of its own."""
    async with httpx.AsyncClient() as http:
        return await http.get(url)


async def test_while_starting_it_says_so() -> None:
    """Health and readiness in their own forms, the rest as a problem that says when to return."""
    async with entered() as (_, url):
        ready = await get(f"{url}/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ready": False})
        health = await get(f"{url}/api/healthz")
        assert health.status_code == 503
        parts = health.json()
        assert parts.pop("version")
        assert set(parts.values()) == {"starting"}
        assert "websocket" in parts
        other = await get(f"{url}/v1/conversations")
        assert (other.status_code, other.json()["code"]) == (503, "unavailable")
        assert other.headers["Retry-After"] == "1"


async def test_while_starting_no_socket_is_opened(caplog: pytest.LogCaptureFixture) -> None:
    """An upgrade is refused with the same status, a pause to a client and no error to the log."""
    async with entered() as (_, url):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url.replace('http', 'ws')}/ws/visitor", proxy=None)
    assert refused.value.response.status_code == 503
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_once_open_the_application_answers() -> None:
    """Over a connection that was made before, too."""
    async with entered() as (entrance, url), httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/readyz")).status_code == 503
        await entrance.open(application)
        assert (await http.get("/readyz")).text == "fine"


async def test_once_closed_nobody_listens() -> None:
    """Closed before its end it stays so, and the end does not complain."""
    async with entered() as (entrance, url):
        await entrance.open(application)
        await entrance.close()
        with pytest.raises(httpx.ConnectError):
            await get(url)


async def test_a_start_that_fails_leaves_no_listener() -> None:
    """Whoever was connected is cut off, and the port is free."""
    with contextlib.suppress(ValueError):
        async with entered() as (_, url):
            port = int(url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            raise ValueError("it could not start")
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    with bound("127.0.0.1", port) as again:
        again.listen()


async def test_what_is_shared_is_served_only_while_open() -> None:
    """Who comes too early or too late for this node waits for another, and is not refused."""
    with in_common() as (shared, public):
        async with entered(shared=shared.dup()) as (entrance, own):
            early = asyncio.create_task(get(f"{public}/page"))
            assert (await get(f"{own}/readyz")).status_code == 503
            assert not early.done()
            await entrance.open(application)
            assert (await early).text == "fine"
            entrance.leave()
            late = asyncio.create_task(get(f"{public}/page"))
            assert (await get(f"{own}/readyz")).status_code == 200
            assert not late.done()
        async with entered(shared=shared.dup()) as (entrance, _):
            await entrance.open(application)
            assert (await late).text == "fine"


async def test_beside_a_shared_address_its_own_tells_only_how_it_is() -> None:
    """People come by the shared one."""
    with in_common() as (shared, public):
        async with entered(shared=shared.dup()) as (entrance, own):
            await entrance.open(application)
            assert (await get(f"{own}/page")).status_code == 404
            assert (await get(f"{own}/api/healthz")).status_code == 200
            assert (await get(f"{public}/page")).status_code == 200


async def test_who_was_let_in_is_heard() -> None:
    """A connection that has not spoken yet is answered; one that has is kept for nothing more."""
    with in_common() as (shared, public):
        port = int(public.rpartition(":")[2])
        async with entered(shared=shared.dup()) as (entrance, _):
            await entrance.open(application)
            kept_reader, kept = await asyncio.open_connection("127.0.0.1", port)
            kept.write(REQUEST)
            await kept_reader.readuntil(b"fine\r\n0\r\n\r\n")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await taken(entrance, 2)
            entrance.leave()
            hearing = asyncio.create_task(entrance.heard())
            await asyncio.sleep(0.1)
            assert not hearing.done()
            writer.write(REQUEST)
            await hearing
            assert b"fine" in await reader.read()
            assert await kept_reader.read() == b""
            for each in (writer, kept):
                each.close()


REQUEST = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"


async def taken(entrance: Entrance, count: int) -> None:
    """Wait until so many connections were let in over the shared address."""
    async with asyncio.timeout(10):
        while entrance._public is None or entrance._public.connections < count:  # noqa: ASYNC110 - uvicorn sets no Event
            await asyncio.sleep(0.01)

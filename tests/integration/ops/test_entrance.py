"""A node's address: what is answered there before, while and after there is something to answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
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


async def test_while_starting_no_socket_is_opened() -> None:
    """An upgrade is refused with the same status, which a client takes for a pause."""
    async with entered() as (_, url):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url.replace('http', 'ws')}/ws/visitor", proxy=None)
    assert refused.value.response.status_code == 503


async def test_once_open_the_application_answers() -> None:
    """Over a connection that was made before, too."""
    async with entered() as (entrance, url), httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/readyz")).status_code == 503
        entrance.open(application)
        assert (await http.get("/readyz")).text == "fine"


async def test_once_closed_nobody_listens() -> None:
    """Closed before its end it stays so, and the end does not complain."""
    async with entered() as (entrance, url):
        entrance.open(application)
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

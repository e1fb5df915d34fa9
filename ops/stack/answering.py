"""Whether a server answers: in its own protocol, to the password that we gave it.

An open port says little: a server that starts, hangs, or is another's has one too. A shut one says
enough, and is looked at first.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import aio_pika
import redis.asyncio

from adapters.postgres.migrations import owner
from domain.errors import ParleyError

PATIENCE_S = 2.0
"""Seconds for one exchange; a healthy server on the same machine takes milliseconds."""

NOT_YET = (OSError, TimeoutError, ParleyError, aio_pika.exceptions.AMQPError, redis.RedisError)
"""What a server that is away, starting, or another's answers with."""


def answers(ask: Callable[[str], Awaitable[None]], url: str | None) -> bool:
    """Whether the question gets its answer. In a thread: the caller's own loop may be running."""
    if url is None or not listens(urlsplit(url).port or 0):
        return False

    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await ask(url)

    with ThreadPoolExecutor(1) as apart:
        try:
            apart.submit(asyncio.run, bounded()).result()
        except NOT_YET:
            return False
    return True


def listens(port: int) -> bool:
    """Whether anybody does."""
    with socket.socket() as client:
        client.settimeout(PATIENCE_S)
        return client.connect_ex(("127.0.0.1", port)) == 0


async def ask_database(url: str) -> None:
    """Sign in; that the server keeps its commits is demanded there."""
    async with owner(url):
        pass


async def ask_broker(url: str) -> None:
    """Sign in and open the virtual host."""
    connection = await aio_pika.connect(url)
    await connection.close()


async def ask_redis(url: str) -> None:
    """Sign in, and have it answer."""
    async with redis.asyncio.from_url(url) as client:
        await client.ping()

"""Whether a process says of itself that it is ready: its own ``/readyz``, asked over loopback."""

from __future__ import annotations

import asyncio

LOOPBACK = "127.0.0.1"
ANSWER_S = 2.0
"""Seconds for an answer: a process that takes longer can serve nobody."""

REQUEST = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 "


async def is_ready(port: int) -> bool:
    """Whether the process with this address of its own is ready."""
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _first_line(port)
    except OSError:  # and TimeoutError, which is one
        return False


async def _first_line(port: int) -> bool:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(REQUEST)
        return (await reader.readline()).startswith(OK)
    finally:
        writer.close()

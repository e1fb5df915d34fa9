"""Whether a server answers, asked as cheaply as can be: it is asked often while it starts."""

from __future__ import annotations

import asyncio
import http.client
import time

from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.server import START_S, Server

LOOK_S = 0.005
ANSWER_S = 5.0


def answers(port: int, path: str) -> bool:
    """Whether this path gives 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


async def started(server: Server) -> None:
    """Start the product and wait until it can serve chat. Raises MeasurementFailed."""
    await asyncio.to_thread(server.start, wait=False)
    end = time.monotonic() + START_S
    while not await asyncio.to_thread(answers, server.port, "/readyz"):
        assert server.process is not None
        if server.process.poll() is not None or time.monotonic() > end:
            raise MeasurementFailed("the product did not start")
        await asyncio.sleep(LOOK_S)

"""Socket.IO with one INSERT a message, as a process of its own: what chat is measured against.

The server is ``socketio/server.mjs``; its packages are installed when they are missing. Its
PostgreSQL is the product's embedded one, with the same settings, in a directory of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from tests.benchmarks.checking import demand_durable
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.programs import environment
from tests.fixtures.postgres import open_server, owner_of, postgres_directory
from tests.fixtures.server import free_port

PLACE = Path(__file__).with_name("socketio")
STAMP = PLACE / "node_modules" / ".stamp"
INSTALL_S = 300.0
START_S = 20.0
LOOK_S = 0.02


class NotInstalled(Exception):
    """What is compared with is not on this machine and cannot be brought here. Says why."""


class SocketIo:
    """The running server, and its database."""

    def __init__(self, pid: int, port: int, database_url: str) -> None:
        self.pid = pid
        self._port = port
        self._database_url = database_url

    @property
    def socket(self) -> str:
        """A socket's address."""
        return f"ws://127.0.0.1:{self._port}/socket.io/?EIO=4&transport=websocket"

    async def stored(self) -> int:
        """Messages that its table has."""
        async with owner_of(self._database_url) as owner:
            count: int = await owner.fetchval("SELECT count(*) FROM message")
            return count


@asynccontextmanager
async def running_socket_io() -> AsyncIterator[SocketIo]:
    """The server, running. Raises NotInstalled."""
    install()
    directory = postgres_directory()
    postgres = await open_server(directory)
    try:
        await demand_durable(postgres.database_url)
        port = free_port()
        command = ["node", "server.mjs", str(port), postgres.database_url]
        with subprocess.Popen(
            command, cwd=PLACE, env=environment(NODE_ENV="production")
        ) as process:
            try:
                await _ready(process, port)
                yield SocketIo(process.pid, port, postgres.database_url)
            finally:
                process.kill()
    finally:
        await postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _ready(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_S
    async with httpx.AsyncClient() as http:
        while time.monotonic() < end and process.poll() is None:
            with suppress(httpx.TransportError):
                if (await http.get(f"http://127.0.0.1:{port}/")).is_success:
                    return
            await asyncio.sleep(LOOK_S)
    raise MeasurementFailed("the Socket.IO server did not start")


def install() -> None:
    """Have what the lock file pins, once. Raises NotInstalled where there is no way to it."""
    lock = hashlib.sha256((PLACE / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == lock:
        return
    try:
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=PLACE,
            env=environment(NODE_ENV="production"),
            capture_output=True,
            check=True,
            timeout=INSTALL_S,
        )
    except OSError:
        raise NotInstalled("there is no npm on this machine") from None
    except subprocess.SubprocessError as error:
        raise NotInstalled(f"npm could not install its packages: {error}") from None
    STAMP.write_text(lock)

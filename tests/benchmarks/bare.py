"""A bare Starlette application on the product's own server settings: what the sockets cost anyway.

``/echo`` sends every text back, ``/room`` sends it to everybody who is there. It runs as a process
of its own: ``python -m tests.benchmarks.bare PORT``.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import psutil
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn._types import ASGI3Application

from ops.server import Server, allow_many_files, bound
from ops.settings import Settings
from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.server import CHECKOUT, clean_environment, free_port

START_S = 20.0


class Room:
    """Those who are in the room."""

    def __init__(self) -> None:
        self._here: set[WebSocket] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Send what comes to everybody."""
        await socket.accept()
        self._here.add(socket)
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                text = await socket.receive_text()
                for each in list(self._here):
                    await each.send_text(text)
        self._here.discard(socket)


async def echo(socket: WebSocket) -> None:
    """Send what comes back."""
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())


async def health(_: Request) -> PlainTextResponse:
    """Here."""
    return PlainTextResponse("ok")


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    allow_many_files()
    routes = [
        Route("/health", health),
        WebSocketRoute("/echo", echo),
        WebSocketRoute("/room", Room().serve),
    ]
    app = cast("ASGI3Application", Starlette(routes=routes))
    settings = Settings(port=port, limits_enabled=False)
    with bound(settings.host, settings.port) as listener:
        await Server(settings, app, listener).start()
        await asyncio.Event().wait()


class Bare:
    """The application as a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = psutil.Process(process.pid)
        self._base = f"127.0.0.1:{port}"

    def socket(self, path: str) -> str:
        """A socket's address."""
        return f"ws://{self._base}{path}"

    def wait_ready(self) -> None:
        """Wait until it answers. Raises MeasurementFailed where it ends instead."""
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.process.is_running():
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://{self._base}/health").is_success:
                    return
            time.sleep(0.02)
        raise MeasurementFailed("the bare server did not start")


@contextlib.contextmanager
def running_bare() -> Iterator[Bare]:
    """The application, running; ended in the end."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare", str(port)]
    with subprocess.Popen(command, cwd=Path(CHECKOUT), env=clean_environment()) as process:
        try:
            bare = Bare(process, port)
            bare.wait_ready()
            yield bare
        finally:
            process.kill()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))

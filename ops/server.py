"""The HTTP server: uvicorn without its own signals, start and stop, which are the node's to order.

Nothing here knows what is served.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn._types import ASGI3Application

from ops.errors import CannotRun
from ops.protocols import HttpProtocol, Places, WebSocketProtocol
from ops.settings import Settings

TICK_S = 1.0
"""Seconds between two looks at the clock for the Date header, whose own unit is the second."""

LOOK_S = 0.01
"""Seconds between two looks at how far the connections are."""


class Server:
    """Serves one application on one listening socket."""

    def __init__(self, settings: Settings, app: ASGI3Application, listener: socket.socket) -> None:
        self._listener = listener
        self._server = uvicorn.Server(_config(settings, app))
        self._ticking: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """Open connections, of either kind."""
        return len(self._server.server_state.connections)

    async def start(self) -> None:
        """Listen. Raises :class:`CannotRun` where somebody else has begun to, meanwhile."""
        server = self._server
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.on_tick(0)
        try:
            await server.startup(sockets=[self._listener])
        except OSError as error:
            host, port = self._listener.getsockname()[:2]
            raise _not_listening(host, port, error) from error
        self._ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self._server.on_tick(0)

    def stop_accepting(self) -> None:
        """Take no more connections; those that are open stay."""
        for server in self._server.servers:
            server.close()
        self._listener.close()

    async def heard(self) -> None:
        """Wait until every connection has brought a request."""
        while any(map(_is_new, self._connections())):  # noqa: ASYNC110 - uvicorn sets no Event
            await asyncio.sleep(LOOK_S)

    def keep_nobody(self) -> None:
        """End connections that have brought a request, each after the answer that is due."""
        for connection in self._connections():
            if isinstance(connection, HttpProtocol) and not _is_new(connection):
                connection.shutdown()

    async def stop(self, patience_s: float) -> None:
        """Close every connection, sockets with 1012; cut those that are open after the patience."""
        for connection in self._connections():
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._until_closed()
        for connection in self._connections():
            connection.transport.abort()
        await self._end_tasks()

    def _connections(self) -> list[Any]:
        return list(self._server.server_state.connections)

    async def _until_closed(self) -> None:
        state = self._server.server_state
        while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn sets no Event
            await asyncio.sleep(LOOK_S)

    async def _end_tasks(self) -> None:
        tasks = [*self._server.server_state.tasks]
        if self._ticking is not None:
            tasks.append(self._ticking)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)


def _is_new(connection: Any) -> bool:
    """Whether a connection has brought no request yet, of either kind."""
    return isinstance(connection, HttpProtocol) and connection.cycle is None


def _config(settings: Settings, app: ASGI3Application) -> uvicorn.Config:
    limits, places = settings.server, Places(settings)
    return uvicorn.Config(
        app,
        loop="none",
        http=_limited(HttpProtocol, settings, places),
        ws=_limited(WebSocketProtocol, settings, places),
        ws_max_size=limits.socket_message_bytes,
        ws_ping_interval=settings.heartbeat_s,
        ws_ping_timeout=settings.heartbeat_s,
        ws_per_message_deflate=False,  # about 50 KB a connection
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        backlog=limits.backlog,
        timeout_keep_alive=limits.keep_alive_s,
        h11_max_incomplete_event_size=limits.request_header_bytes,
    )


def _limited(
    protocol: type[asyncio.Protocol], settings: Settings, places: Places
) -> type[asyncio.Protocol]:
    """The protocol with this server's limits: uvicorn makes its instances by itself."""
    return type(protocol.__name__, (protocol,), {"limits": settings.server, "places": places})


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that has its address and does not listen yet: a port in use is known at once.

    Raises:
        CannotRun: in one sentence.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _not_listening(host, port, error) from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise _not_listening(host, port, error) from error
        yield listener


class PortInUse(CannotRun):
    """Somebody listens there already."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"Port {port} of {host} is in use by another program; choose one with --port."
        )


def _not_listening(host: str, port: int, error: OSError) -> CannotRun:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(host, port)
    return CannotRun(f"Port {port} of {host} cannot be listened on: {error.strerror}.")


def allow_many_files() -> None:
    """Take as many descriptors as the system gives without asking: one for each connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

"""Where a node is reached, and what is answered there at which time.

At its own address a node listens from the first moment and says that it is starting, until it is
opened. A node of several behind one port has a listening socket in common with them besides. From
that it takes connections only while it is open, so that whoever comes meanwhile is served by
another; its own address then tells no more than whether it is well.
"""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self, cast

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from api.starting import create_starting_app
from ops.gate import gated
from ops.roles import Role
from ops.server import Server
from ops.settings import Settings
from ops.version import program_version

NO_ROLE = frozenset[Role]()


class Entrance:
    """A node's addresses, with a server behind them for as long as it is entered."""

    def __init__(
        self, settings: Settings, own: socket.socket, shared: socket.socket | None = None
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._public: Server | None = None
        starting = create_starting_app(program_version())
        # Starlette and uvicorn each have their own words for one and the same interface.
        self._app = cast("ASGI3Application", starting)
        self._own = Server(settings, self._answer, own)
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._own.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _answer(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        await self._app(scope, receive, send)

    async def open(self, app: ASGI3Application) -> None:
        """Answer with this application from now on."""
        if self._shared is None:
            self._app = app
            return
        self._app = gated(app, NO_ROLE)
        self._public = Server(self._settings, app, self._shared)
        await self._public.start()

    def leave(self) -> None:
        """Take no more connections where others take them."""
        if self._public is not None:
            self._public.stop_accepting()

    async def heard(self) -> None:
        """Wait until nobody who was let in is still to say what it wants.

        After that no connection is kept for another request, which others can have.
        """
        if self._public is not None:
            await self._public.heard()
            self._public.keep_nobody()

    async def close(self) -> None:
        """Take no more connections and end those that are open; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        servers = [server for server in (self._own, self._public) if server is not None]
        for server in servers:
            server.stop_accepting()
        patience_s = self._settings.stop.sockets_s
        await asyncio.gather(*(server.stop(patience_s) for server in servers))

"""Where a node is reached, and what is answered there at which time.

It listens from the first moment and says that it is starting, until it is opened; what it answers
then is not known here.
"""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self, cast

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from api.starting import create_starting_app
from ops.server import Server
from ops.settings import Settings
from ops.version import program_version


class Entrance:
    """A node's address, with a server behind it for as long as it is entered."""

    def __init__(self, settings: Settings, own: socket.socket) -> None:
        self._settings = settings
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

    def open(self, app: ASGI3Application) -> None:
        """Answer with this application from now on."""
        self._app = app

    async def close(self) -> None:
        """Take no more connections and end those that are open; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._own.stop_accepting()
        await self._own.stop(self._settings.stop.sockets_s)

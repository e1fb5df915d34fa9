"""The sockets: ready-made ASGI apps from beside this room, at their addresses."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from api.deps import Deps
from api.routing import GET, Call, Route
from domain.errors import Refused

VISITOR = "/ws/visitor"
AGENT = "/ws/agent"


class Socket:
    """An ASGI app that Starlette takes for one, whatever it is made of."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def socket_routes(deps: Deps) -> list[WebSocketRoute]:
    """Where the sockets are."""
    return [
        WebSocketRoute(VISITOR, Socket(deps.visitor_socket)),
        WebSocketRoute(AGENT, Socket(deps.agent_socket)),
    ]


async def visitor_socket(_: Call) -> Response:
    """Tell who comes without asking for an upgrade."""
    return _plain()


async def agent_socket(_: Call) -> Response:
    """Tell who comes without asking for an upgrade."""
    return _plain()


def _plain() -> Response:
    refused = Refused("bad_request", "This address is a WebSocket's.")
    return problems.respond(refused, {"Upgrade": "websocket"})


ROUTES = (
    Route(GET, VISITOR, visitor_socket, "The visitors' socket (WebSocket, parley.v1)", status=101),
    Route(GET, AGENT, agent_socket, "The agents' socket (WebSocket, parley.v1)", status=101),
)

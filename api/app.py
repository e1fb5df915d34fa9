"""The application: every route, behind one gate, with one form of error."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import (
    agent_sessions,
    agents,
    conversation_events,
    conversations,
    health,
    openapi,
    problems,
    sockets,
    visitor_sessions,
    web,
)
from api.deps import Deps
from api.routing import Route, starlette_routes

ROUTES: tuple[Route, ...] = (
    *visitor_sessions.ROUTES,
    *agent_sessions.ROUTES,
    *conversations.ROUTES,
    *conversation_events.ROUTES,
    *agents.ROUTES,
    *health.ROUTES,
    *web.ROUTES,
    *sockets.ROUTES,
)


def create_app(deps: Deps) -> Starlette:
    """The ASGI application over these parts. Nothing is connected to here."""
    app = Starlette(
        routes=[
            *sockets.socket_routes(deps),
            *starlette_routes(deps, routes(deps)),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _refuse},
    )
    app.router.redirect_slashes = False
    return app


def routes(deps: Deps) -> tuple[Route, ...]:
    """Every HTTP route."""
    return (*ROUTES, openapi.route(ROUTES, deps.version))


async def _refuse(request: Request, error: Exception) -> Response:
    """No such address, or not with this method; or what went wrong before the gate."""
    headers = error.headers if isinstance(error, HTTPException) else None
    return problems.respond(problems.of(error, request), headers)

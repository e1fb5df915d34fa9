"""The application: every route, behind one gate, with one form of error."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import (
    agent_management,
    agent_sessions,
    agent_times,
    agents,
    analytics,
    asyncapi,
    audit,
    bodies,
    conversation_events,
    conversations,
    exports,
    file_contents,
    files,
    health,
    live,
    metrics,
    openapi,
    problems,
    search,
    settings,
    settings_sections,
    settings_sites,
    sites,
    sockets,
    visitor_sessions,
    visitors,
    visitors_present,
    web,
)
from api.deps import Deps
from api.routing import WAY, Route, starlette_routes
from domain import figures
from domain.errors import Refused

ROUTES: tuple[Route, ...] = (
    *visitor_sessions.ROUTES,
    *agent_sessions.ROUTES,
    *conversations.ROUTES,
    *conversation_events.ROUTES,
    *agents.ROUTES,
    *agent_management.ROUTES,
    *agent_times.ROUTES,
    *visitors.ROUTES,
    *visitors_present.ROUTES,
    *live.ROUTES,
    *audit.ROUTES,
    *search.ROUTES,
    *settings.ROUTES,
    *settings_sections.ROUTES,
    *settings_sites.ROUTES,
    *sites.ROUTES,
    *analytics.ROUTES,
    *exports.ROUTES,
    *files.ROUTES,
    *file_contents.ROUTES,
    *health.ROUTES,
    *asyncapi.ROUTES,
    *metrics.ROUTES,
    *web.ROUTES,
    *sockets.ROUTES,
)


def create_app(deps: Deps) -> Starlette:
    """The ASGI application over these parts. Nothing is connected to here."""
    for code in ("bad_credentials", "internal"):  # they alarm: a rise from nothing is not seen
        deps.telemetry.measures.count(figures.REFUSALS, WAY, code, amount=0)
    app = Starlette(
        routes=[
            *sockets.socket_routes(deps),
            *starlette_routes(deps, routes(deps)),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _refuse},
    )
    app.router.redirect_slashes = False
    app.router.default = _not_found
    return app


def routes(deps: Deps) -> tuple[Route, ...]:
    """Every HTTP route."""
    return (*ROUTES, openapi.route(ROUTES, deps.version))


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """No such address, for HTTP and for an upgrade to a socket alike."""
    headers = bodies.closing(Headers(scope=scope))
    await problems.respond(Refused("not_found"), headers)(scope, receive, send)


async def _refuse(request: Request, error: Exception) -> Response:
    """No such address, or not with this method; or what went wrong before the gate."""
    headers = {**(getattr(error, "headers", None) or {}), **bodies.closing(request.headers)}
    return problems.respond(problems.of(error, request), headers)

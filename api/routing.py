"""Routes as records, and the one gate that every request goes through.

Starlette's routes and ``/openapi.json`` are both made of the records. The gate is the only place
that asks ``domain.permissions`` and the only one that turns errors into answers, so no handler can
forget either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from api import bodies, clients, cors, problems, throttle
from api.deps import Deps
from domain import figures
from domain.credentials import is_api_key
from domain.errors import Refused
from domain.handling.doors import Caller
from domain.permissions import ANYONE, ROUTES, VISITOR, check_route
from domain.telemetry import HTTP_COMMAND

GET, POST, PUT, DELETE = "GET", "POST", "PUT", "DELETE"

WAY = "http"
"""How refusals by HTTP are told from those on a socket, in the figures."""

MAX_BEARER = 2048
"""Characters of a token or key that are looked at."""


class Call:
    """A request on its way.

    ``body`` and ``query`` are of the route's types; ``known`` is who calls, where the route asks
    for that; ``unread``: its body has not been read to the end; ``refused``: the code of its
    refusal, once there is one; ``trace``: the context of its step, where a trace is recorded.
    """

    def __init__(self, deps: Deps, request: Request) -> None:
        self.deps = deps
        self.request = request
        self.known: Caller | None = None
        self.unread = bodies.is_sent(request.headers)
        self.body: Any = None
        self.query: Any = None
        self.refused: str | None = None
        self.trace: str | None = None

    @property
    def caller(self) -> Caller:
        """Who calls; only for routes that ask for a token."""
        assert self.known is not None
        return self.known

    def id(self, name: str = "id") -> str:
        """An id in the path. Raises :class:`Refused` ``not_found`` where it can be none."""
        text: str = self.request.path_params[name]
        try:
            if str(UUID(text)) == text:
                return text
        except ValueError:
            pass
        raise Refused("not_found")


Handler = Callable[[Call], Awaitable[Struct | Response]]


class Route(Struct, frozen=True):
    """One route. ``body``, ``query`` and ``answer`` are Structs, or None where there is none.

    ``to_visitor``: what a visitor is answered instead. ``media``: what it answers. ``ill``: the
    status under which it gives the same answer where something is not well. ``cross_origin``: pages
    of other origins may call it as visitors. ``raw``: its body is bytes, which the handler reads.
    ``exact``: a body with an unknown field is refused. ``conditional``: it may be asked to hold for
    a version only (``api.conditions``).
    """

    method: str
    path: str
    handler: Handler
    summary: str
    body: type[Struct] | None = None
    query: type[Struct] | None = None
    answer: type[Struct] | None = None
    to_visitor: type[Struct] | None = None
    media: str = bodies.JSON
    status: int = 200
    ill: int | None = None
    cross_origin: bool = False
    raw: bool = False
    exact: bool = False
    conditional: bool = False

    @property
    def name(self) -> str:
        """As ``domain.permissions.ROUTES`` names it."""
        return f"{self.method} {self.path}"

    @property
    def open_to_anyone(self) -> bool:
        """Whether no token is asked for."""
        return ANYONE in ROUTES.get(self.name, frozenset())


def starlette_routes(deps: Deps, routes: Iterable[Route]) -> list[StarletteRoute]:
    """The records as Starlette's routes: one for each path, so that a wrong method is told."""
    paths: dict[str, dict[str, Route]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = route
    return [_starlette_route(deps, path, methods) for path, methods in paths.items()]


def _starlette_route(deps: Deps, path: str, methods: dict[str, Route]) -> StarletteRoute:
    cross_origin = any(route.cross_origin for route in methods.values())

    async def endpoint(request: Request) -> Response:
        if request.method == cors.PREFLIGHT:
            return cors.preflight(request, methods)
        route = methods["GET" if request.method == "HEAD" else request.method]
        return await _seen(route, Call(deps, request))

    names = [*methods, cors.PREFLIGHT] if cross_origin else list(methods)
    return StarletteRoute(path, endpoint, methods=names)


async def _seen(route: Route, call: Call) -> Response:
    """The gate, as operators see it: what may change something is a step of a trace."""
    measures, tracer = call.deps.telemetry.measures, call.deps.telemetry.tracer
    span = None if route.method == GET else tracer.begin(HTTP_COMMAND, route=route.name)
    call.trace = None if span is None else span.context
    response = await _answer(route, call)
    measures.count(figures.HTTP_REQUESTS, route.name, str(response.status_code))
    if call.refused is not None:
        measures.count(figures.REFUSALS, WAY, call.refused)
    if span is not None:
        span.end(call.refused, status=response.status_code)
    return response


async def _answer(route: Route, call: Call) -> Response:
    """The gate: who calls, may it, what does it ask, and what comes of it."""
    request = call.request
    try:
        call.known = await _caller(call.deps, route, request)
        answer = await _handled(route, call)
        response = answer if isinstance(answer, Response) else json(answer, route.status)
        readable = True
    except Exception as error:  # noqa: BLE001  # nothing may reach the client as a traceback
        refused = problems.of(error, request)
        call.refused = refused.code
        response = problems.respond(refused, problems.CLOSE if call.unread else None)
        readable = refused.code != "origin_not_allowed"
    if readable and route.cross_origin and (call.known is None or call.known.role == VISITOR):
        cors.let_read(request, response)
    return response


async def _handled(route: Route, call: Call) -> Struct | Response:
    """Read what is asked, and do it."""
    if route.query is not None:
        call.query = bodies.convert(dict(call.request.query_params), route.query)
    if route.raw:
        pass
    elif route.body is not None:
        raw = await bodies.read(call.request, call.deps.settings)
        call.unread = False
        call.body = bodies.parse(raw, route.body)
        if route.exact:
            bodies.check_exact(raw, call.body)
    else:
        await bodies.skip(call.request, call.deps.settings)
        call.unread = False
    return await route.handler(call)


async def _caller(deps: Deps, route: Route, request: Request) -> Caller | None:
    """Who calls a route that asks for a token. Raises :class:`Refused`."""
    if route.open_to_anyone:
        check_route(ANYONE, route.name)
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not 0 < len(token) <= MAX_BEARER:
        check_route(ANYONE, route.name)
        raise Refused("unauthorized")
    caller = await _authenticate(deps, request, token.strip())
    check_route(caller.role, route.name, caller.scopes, admin=caller.is_admin)
    if not deps.doors.origin_allowed(caller, clients.page_origin(request, deps.settings)):
        raise Refused("origin_not_allowed")
    return caller


async def _authenticate(deps: Deps, request: Request, token: str) -> Caller:
    """Who shows this. A token is known to be ours by its signature, a key only by the store."""
    if not is_api_key(token):
        return await deps.doors.authenticate(token)
    async with throttle.api_key(deps, request):
        return await deps.doors.authenticate(token)


def json(answer: Struct | bytes, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    raw = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(raw, status, headers, bodies.JSON)

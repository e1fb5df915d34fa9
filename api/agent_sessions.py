"""``/v1/agent/sessions``: an agent signs in, stays signed in over a reload, and signs out.

The renewal secret is in a cookie that no script reads and no other site's page sends. That and the
content type, which a form cannot set, keep other sites from using it; a foreign Origin is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from api import bodies, clients, throttle
from api.routing import DELETE, POST, Call, Route, json
from domain.errors import Refused
from domain.handling.agent_door import AgentCredentials, AgentSession
from domain.passwords import MAX_PASSWORD

PATH = "/v1/agent/sessions"
SOCKET = "/ws/agent"
COOKIE = "parley_agent"


class SignIn(Struct, frozen=True):
    """What an agent signs in with; empty: by the cookie of an earlier time."""

    tenant: Annotated[str, Meta(max_length=128)] | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    password: Annotated[str, Meta(max_length=MAX_PASSWORD)] | None = None

    @property
    def empty(self) -> bool:
        """Whether this asks for a renewal."""
        return self.tenant is None and self.email is None and self.password is None

    def __repr__(self) -> str:
        return "SignIn(…)"


class Session(Struct, frozen=True):
    """An agent's session."""

    token: str
    agent: str
    role: str
    name: str
    ws: str
    expires_at: datetime


async def open_session(call: Call) -> Response:
    """Let an agent in."""
    _check_page(call)
    assert isinstance(call.body, SignIn)
    return await (_renew(call) if call.body.empty else _sign_in(call, call.body))


async def close_session(call: Call) -> Response:
    """Let the cookie's secret and its kin be worth nothing, and forget the cookie."""
    _check_page(call)
    await throttle.count_session(call.deps, call.request)
    await call.deps.doors.close_agent(
        call.request.cookies.get(COOKIE, ""), clients.whence(call.request)
    )
    return _without_cookie(Response(status_code=204))


async def _sign_in(call: Call, given: SignIn) -> Response:
    form = bodies.convert(msgspec.to_builtins(given), AgentCredentials)
    async with throttle.sign_in(call.deps, call.request, form.tenant, form.email):
        opened = await call.deps.doors.open_agent(form, clients.whence(call.request))
        return _session(call, opened)


async def _renew(call: Call) -> Response:
    await throttle.count_session(call.deps, call.request)
    return _session(call, await call.deps.doors.renew_agent(call.request.cookies.get(COOKIE, "")))


def _session(call: Call, opened: AgentSession) -> Response:
    settings = call.deps.settings
    answer = Session(
        token=opened.token,
        agent=opened.agent,
        role=opened.role,
        name=opened.name,
        ws=clients.socket_url(call.request, settings, SOCKET),
        expires_at=opened.expires_at,
    )
    response = json(answer)
    response.set_cookie(
        COOKIE,
        opened.secret,
        max_age=opened.secret_s,
        path=PATH,
        secure=clients.secure(call.request, settings),
        httponly=True,
        samesite="strict",
    )
    return response


def _without_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return response


def _check_page(call: Call) -> None:
    if not clients.same_host(call.request, call.deps.settings):
        raise Refused("origin_not_allowed", "Agents sign in on this server's own pages.")


ROUTES = (
    Route(
        POST,
        PATH,
        open_session,
        "Sign an agent in; with an empty object, renew by the cookie",
        body=SignIn,
        answer=Session,
    ),
    Route(DELETE, PATH, close_session, "Sign an agent out", status=204),
)

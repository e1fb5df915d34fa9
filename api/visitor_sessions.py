"""``/v1/visitor/sessions``: a widget gets its session, and gives it up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from api import clients, throttle
from api.routing import DELETE, POST, Call, Route
from domain.handling.visitor_door import MAX_SECRET, Asked, Place, VisitorRequest
from domain.limits import MAX_TEXT

PATH = "/v1/visitor/sessions"
SOCKET = "/ws/visitor"


class Limits(Struct, frozen=True):
    """What a widget should not let people exceed. ``text`` in characters."""

    text: int = MAX_TEXT


class SiteSettings(Struct, frozen=True):
    """What of a site's settings everybody may know."""

    name: str
    heartbeat_s: int
    limits: Limits = Limits()


class Session(Struct, frozen=True):
    """A visitor's session. ``resume`` is the secret to come back with; nobody else may see it.

    ``invitation``: what an agent asked, and the visitor has not answered.
    """

    token: str
    visitor: str
    resume: str
    conversation: Place | None
    invitation: Asked | None
    ws: str
    expires_at: datetime
    settings: SiteSettings


class Ending(Struct, frozen=True):
    """The secret of the session that is given up."""

    resume: Annotated[str, Meta(max_length=MAX_SECRET)]


async def open_session(call: Call) -> Session:
    """Let a visitor in."""
    request, settings = call.request, call.deps.settings
    assert isinstance(call.body, VisitorRequest)
    await throttle.count_session(call.deps, request, len(call.body.pages))
    origin = clients.page_origin(request, settings)
    came = clients.came(request)
    opened = await call.deps.doors.open_visitor(call.body, origin, call.trace, came)
    return Session(
        token=opened.token,
        visitor=opened.visitor,
        resume=opened.resume,
        conversation=opened.conversation,
        invitation=opened.invitation,
        ws=clients.socket_url(request, settings, SOCKET),
        expires_at=opened.expires_at,
        settings=SiteSettings(opened.site_name, settings.heartbeat_s),
    )


async def close_session(call: Call) -> Response:
    """Let a secret and its kin be worth nothing."""
    await throttle.count_session(call.deps, call.request)
    assert isinstance(call.body, Ending)
    await call.deps.doors.close_visitor(call.body.resume)
    return Response(status_code=204)


ROUTES = (
    Route(
        POST,
        PATH,
        open_session,
        "Open a visitor's session, or come back to one",
        body=VisitorRequest,
        answer=Session,
        cross_origin=True,
    ),
    Route(
        DELETE,
        PATH,
        close_session,
        "Revoke a visitor's renewal secret",
        body=Ending,
        status=204,
        cross_origin=True,
    ),
)

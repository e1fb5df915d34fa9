"""What is answered while a node starts: not yet, to whomever, whatever was asked.

A load balancer and a person are told the same as later, in the same form; nothing here needs a
part that may not be there.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from api.health import PARTS, Health, Readiness
from api.routing import json
from domain.errors import Refused

STARTING = "starting"
RETRY_MS = 1000
"""When to come back: a start takes a second or two."""


def create_starting_app(version: str) -> ASGIApp:
    """The application of a node that has nothing else to answer with yet."""
    health = Health(**dict.fromkeys(PARTS, STARTING), version=version)
    told = {"/api/healthz": json(health, 503), "/readyz": json(Readiness(ready=False), 503)}

    async def starting(scope: Scope, receive: Receive, send: Send) -> None:
        refused = Refused("unavailable", "Parley is starting.", retry_after_ms=RETRY_MS)
        response = told.get(scope["path"]) or problems.respond(refused, problems.CLOSE)
        await response(scope, receive, send)

    return starting

"""Which addresses a node answers: what others are for, or tell, is not found here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from ops.roles import ALL, Role

EVERYWHERE = ("/api/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json")
"""What every node answers: whether it is well, its figures, and what there is."""

ADDRESSES: dict[Role, tuple[str, ...]] = {
    Role.VISITOR: (
        "/ws/visitor",
        "/v1/visitor/",
        "/v1/conversations",
        "/widget.js",
        "/demo",
        "/assets/",
    ),
    Role.AGENT: ("/ws/agent", "/v1/agent/", "/v1/agents", "/v1/conversations", "/desk", "/assets/"),
    Role.ADMIN: ("/v1/agent/", "/v1/agents", "/v1/conversations", "/assets/"),
    Role.RELAY: (),
    Role.PROJECTOR: (),
    Role.WEBHOOKS: (),
}
"""An address, and those below it, by the roles that answer it."""

OWN = ("/metrics",)
"""What tells of one process: where several share an address, only the own one of each answers it,
since nobody knows who of them takes a connection."""

NOT_FOUND = {"type": "http.response.start", "status": 404, "headers": []}


def answers(roles: frozenset[Role], path: str) -> bool:
    """Whether a node of these roles answers this address."""
    if roles == ALL:
        return True
    return _covered([*EVERYWHERE, *(each for role in roles for each in ADDRESSES[role])], path)


def _covered(addresses: Iterable[str], path: str) -> bool:
    return any(path == each or path.startswith(each.rstrip("/") + "/") for each in addresses)


def gated(app: ASGI3Application, roles: frozenset[Role]) -> ASGI3Application:
    """The application, as far as these roles go."""
    return app if roles == ALL else _only(app, lambda path: answers(roles, path))


def in_common(app: ASGI3Application) -> ASGI3Application:
    """The application at an address that it shares with other processes."""
    return _only(app, lambda path: not _covered(OWN, path))


def _only(app: ASGI3Application, answered: Callable[[str], bool]) -> ASGI3Application:
    async def gate(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan" or answered(scope["path"]):
            await app(scope, receive, send)
        else:
            await _not_found(scope["type"], send)

    return gate


async def _not_found(kind: str, send: Any) -> None:
    """404, for a request and for an upgrade alike."""
    before = "websocket." if kind == "websocket" else ""
    await send({**NOT_FOUND, "type": f"{before}http.response.start"})
    await send({"type": f"{before}http.response.body", "body": b""})

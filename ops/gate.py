"""Which addresses a node answers, by its roles: what another role is for is not found here."""

from __future__ import annotations

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
        "/v1/files",
        "/files",
        "/v1/sites",
        "/widget.js",
        "/chat",
        "/demo",
        "/assets/",
    ),
    Role.AGENT: (
        "/ws/agent",
        "/v1/agent/",
        "/v1/agents",
        "/v1/conversations",
        "/v1/files",
        "/files",
        "/v1/live",
        "/v1/search",
        "/v1/settings",
        "/v1/visitors",
        "/desk",
        "/assets/",
    ),
    Role.ADMIN: (
        "/v1/agent/",
        "/v1/agents",
        "/v1/analytics",
        "/v1/audit",
        "/v1/conversations",
        "/v1/exports",
        "/files",
        "/v1/live",
        "/v1/search",
        "/v1/settings",
        "/v1/sites",
        "/v1/visitors",
        "/admin",
        "/assets/",
    ),
    Role.RELAY: (),
    Role.PROJECTOR: (),
    Role.WEBHOOKS: (),
    Role.ROUTER: (),
}
"""An address, and those below it, by the roles that answer it."""

NOT_FOUND = {"type": "http.response.start", "status": 404, "headers": []}


def answers(roles: frozenset[Role], path: str) -> bool:
    """Whether a node of these roles answers this address."""
    if roles == ALL:
        return True
    served = [*EVERYWHERE, *(address for role in roles for address in ADDRESSES[role])]
    return any(_covers(address, path) for address in served)


def _covers(address: str, path: str) -> bool:
    return path == address or path.startswith(address.rstrip("/") + "/")


def gated(app: ASGI3Application, roles: frozenset[Role]) -> ASGI3Application:
    """The application, as far as these roles go."""
    if roles == ALL:
        return app

    async def gate(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan" or answers(roles, scope["path"]):
            await app(scope, receive, send)
        else:
            await _not_found(scope["type"], send)

    return gate


async def _not_found(kind: str, send: Any) -> None:
    """404, for a request and for an upgrade alike."""
    before = "websocket." if kind == "websocket" else ""
    await send({**NOT_FOUND, "type": f"{before}http.response.start"})
    await send({"type": f"{before}http.response.body", "body": b""})

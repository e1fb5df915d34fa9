"""Who may do what: one table for every socket operation and every HTTP route.

What is not in the table is not allowed. Whether a caller may touch *this* conversation is decided
by ``domain.access``; this table says which kinds of caller may ask at all. ``admin`` is an agent
whose role is that; what is every agent's is an admin's too.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import Refused

VISITOR = "visitor"
AGENT = "agent"
ADMIN = "admin"
SERVER = "server"
ANYONE = "anyone"

_ALL = frozenset({VISITOR, AGENT})
_AGENTS = frozenset({AGENT})
_VISITORS = frozenset({VISITOR})
_READERS = frozenset({AGENT, SERVER})
_OVERSEERS = frozenset({ADMIN, SERVER})
_ANYONE = frozenset({ANYONE})
_ADMINS = frozenset({ADMIN})

OPS: dict[str, frozenset[str]] = {
    "hello": _ALL,
    "subscribe": _ALL,
    "unsubscribe": _ALL,
    "start": _VISITORS,
    "post": _ALL,
    "post note": _AGENTS,
    "read": _ALL,
    "delivered": _ALL,
    "assign": _AGENTS,
    "transfer": _AGENTS,
    "leave": _AGENTS,
    "tag": _AGENTS,
    "close": _ALL,
    "reopen": _AGENTS,
    "rate": _VISITORS,
    "status": _AGENTS,
    "page": _VISITORS,
    "introduce": _ALL,
    "introduce visitor": _AGENTS,
    "greeted": _VISITORS,
    "invite": _AGENTS,
    "typing": _ALL,
    "ping": _ALL,
}
"""The socket's operations, by the role of the token given in ``hello``."""

ROUTES: dict[str, frozenset[str]] = {
    "POST /v1/visitor/sessions": _ANYONE,
    "DELETE /v1/visitor/sessions": _ANYONE,
    "POST /v1/agent/sessions": _ANYONE,
    "DELETE /v1/agent/sessions": _ANYONE,
    "GET /v1/conversations": _READERS,
    "GET /v1/conversations/{id}": frozenset({VISITOR, AGENT, SERVER}),
    "GET /v1/conversations/{id}/events": frozenset({VISITOR, AGENT, SERVER}),
    "GET /v1/search": _READERS,
    "GET /v1/agents": _READERS,
    "GET /v1/agents/{id}": _READERS,
    "GET /v1/agents/{id}/times": _READERS,
    "POST /v1/agents": _ADMINS,
    "PUT /v1/agents/{id}": _ADMINS,
    "DELETE /v1/agents/{id}": _ADMINS,
    "PUT /v1/agents/{id}/password": _ADMINS,
    "PUT /v1/agents/me/password": _AGENTS,
    "GET /v1/settings": _READERS,
    "PUT /v1/settings/departments/{department}": _OVERSEERS,
    "DELETE /v1/settings/departments/{department}": _OVERSEERS,
    "PUT /v1/settings/replies/{reply}": _OVERSEERS,
    "DELETE /v1/settings/replies/{reply}": _OVERSEERS,
    "PUT /v1/settings/welcomes/{rule}": _OVERSEERS,
    "DELETE /v1/settings/welcomes/{rule}": _OVERSEERS,
    "PUT /v1/settings/receptions/{rule}": _OVERSEERS,
    "DELETE /v1/settings/receptions/{rule}": _OVERSEERS,
    "PUT /v1/settings/statuses/{status}": _OVERSEERS,
    "DELETE /v1/settings/statuses/{status}": _OVERSEERS,
    "PUT /v1/settings/routing": _OVERSEERS,
    "PUT /v1/settings/tags": _OVERSEERS,
    "PUT /v1/settings/hours": _OVERSEERS,
    "POST /v1/settings/sites": _OVERSEERS,
    "PUT /v1/settings/sites/{site}": _OVERSEERS,
    "DELETE /v1/settings/sites/{site}": _OVERSEERS,
    "POST /v1/settings/sites/{site}/restore": _OVERSEERS,
    "POST /v1/settings/sites/{site}/secret": _ADMINS,
    "PUT /v1/settings/sites/{site}/appearance": _OVERSEERS,
    "GET /v1/sites/{site}/widget": _ANYONE,
    "GET /v1/visitors": _READERS,
    "GET /v1/visitors/{id}": _READERS,
    "GET /v1/visitors/{id}/pages": _READERS,
    "GET /v1/live": _AGENTS,
    "GET /v1/audit": _OVERSEERS,
    "GET /v1/analytics": _OVERSEERS,
    "GET /v1/analytics/{report}": _OVERSEERS,
    "GET /v1/exports/conversations": _OVERSEERS,
    "POST /v1/files": _ALL,
    "PUT /v1/files/{id}": _ALL,
    "GET /v1/files/{id}": _ALL,
    "DELETE /v1/files/{id}": _ALL,
    "GET /files/{id}": _ALL,
    "GET /files/{id}/thumbnail": _ALL,
    "GET /api/healthz": _ANYONE,
    "GET /readyz": _ANYONE,
    "GET /metrics": _ANYONE,
    "GET /openapi.json": _ANYONE,
    "GET /asyncapi.json": _ANYONE,
    "GET /": _ANYONE,
    "GET /widget.js": _ANYONE,
    "GET /chat/{site}": _ANYONE,
    "GET /chat/{site}/qr.svg": _ANYONE,
    "GET /demo": _ANYONE,
    "GET /desk": _ANYONE,
    "GET /admin": _ANYONE,
    "GET /assets/{path:path}": _ANYONE,
    "GET /ws/visitor": _ANYONE,
    "GET /ws/agent": _ANYONE,
}
"""The HTTP routes, by the kind of caller. ``anyone``: no token is asked; the route sees to it."""


SCOPES: dict[str, frozenset[str]] = {
    "conversations:read": frozenset(
        {
            "GET /v1/conversations",
            "GET /v1/conversations/{id}",
            "GET /v1/conversations/{id}/events",
            "GET /v1/search",
            "GET /v1/visitors",
            "GET /v1/visitors/{id}",
            "GET /v1/visitors/{id}/pages",
        }
    ),
    "conversations:export": frozenset({"GET /v1/exports/conversations"}),
    "agents:read": frozenset(
        {"GET /v1/agents", "GET /v1/agents/{id}", "GET /v1/agents/{id}/times"}
    ),
    "settings:read": frozenset({"GET /v1/settings"}),
    "settings:write": frozenset(
        {
            "PUT /v1/settings/departments/{department}",
            "DELETE /v1/settings/departments/{department}",
            "PUT /v1/settings/replies/{reply}",
            "DELETE /v1/settings/replies/{reply}",
            "PUT /v1/settings/welcomes/{rule}",
            "DELETE /v1/settings/welcomes/{rule}",
            "PUT /v1/settings/receptions/{rule}",
            "DELETE /v1/settings/receptions/{rule}",
            "PUT /v1/settings/statuses/{status}",
            "DELETE /v1/settings/statuses/{status}",
            "PUT /v1/settings/routing",
            "PUT /v1/settings/tags",
            "PUT /v1/settings/hours",
            "POST /v1/settings/sites",
            "PUT /v1/settings/sites/{site}",
            "DELETE /v1/settings/sites/{site}",
            "POST /v1/settings/sites/{site}/restore",
            "PUT /v1/settings/sites/{site}/appearance",
        }
    ),
    "audit:read": frozenset({"GET /v1/audit"}),
    "analytics:read": frozenset({"GET /v1/analytics", "GET /v1/analytics/{report}"}),
}
"""What an API key may be good for: the routes that each scope opens to servers."""

PAST: frozenset[str] = _READERS
"""Who may ask how something was (``at``), of what it may read now."""


def may(role: str, permitted: frozenset[str], *, admin: bool = False) -> bool:
    """Whether a caller of this role, an ``admin`` or not, is among the permitted."""
    return ANYONE in permitted or role in permitted or (admin and ADMIN in permitted)


def check_op(role: str, op: str) -> None:
    """Refuse an operation that this role may not ask for."""
    if not may(role, OPS.get(op, frozenset())):
        raise Refused("not_allowed")


def check_past(role: str) -> None:
    """Refuse a look into the past to a kind of caller that sees the present only."""
    if not may(role, PAST):
        raise Refused("not_allowed")


def check_route(role: str, route: str, scopes: Iterable[str] = (), *, admin: bool = False) -> None:
    """Refuse a route that this kind of caller may not use; ``anyone`` is a caller without token.

    ``scopes`` are a server's: one of them must open the route. ``admin``: an agent of that role.
    """
    permitted = ROUTES.get(route, frozenset())
    if may(role, permitted, admin=admin):
        opened = ANYONE in permitted or any(route in SCOPES.get(name, ()) for name in scopes)
        if role == SERVER and not opened:
            raise Refused("not_allowed", "This API key is not good for that.")
        return
    raise Refused("unauthorized" if role == ANYONE else "not_allowed")

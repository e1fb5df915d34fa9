"""Roles: which addresses a node answers."""

from __future__ import annotations

from typing import Any

import pytest

from api.app import ROUTES
from ops.errors import CannotRun
from ops.gate import ADDRESSES, answers, gated
from ops.roles import ALL, Role, parse

PROJECTOR = frozenset({Role.PROJECTOR})


def test_every_route_belongs_to_a_role() -> None:
    """No address is lost when the roles are split over processes."""
    split = [frozenset({role}) for role in Role]
    lost = {
        route.path
        for route in ROUTES
        if route.path != "/" and not any(answers(roles, route.path) for roles in split)
    }
    assert lost == set()


def test_every_address_is_a_route() -> None:
    """Nothing stands in the table that does not exist."""
    paths = {route.path for route in ROUTES}
    assert [
        address
        for addresses in ADDRESSES.values()
        for address in addresses
        if not any(path.startswith(address) for path in paths)
    ] == []


@pytest.mark.parametrize(
    ("roles", "path", "expected"),
    [
        ({Role.VISITOR}, "/ws/visitor", True),
        ({Role.VISITOR}, "/ws/agent", False),
        ({Role.VISITOR}, "/v1/agent/sessions", False),
        ({Role.AGENT}, "/v1/visitor/sessions", False),
        ({Role.AGENT}, "/v1/agents/x", True),
        ({Role.AGENT}, "/v1/agentsx", False),
        ({Role.PROJECTOR}, "/v1/conversations", False),
        ({Role.PROJECTOR}, "/api/healthz", True),
        ({Role.RELAY}, "/readyz", True),
        (ALL, "/anything", True),
    ],
)
def test_an_address_is_answered_by_its_role(
    roles: frozenset[Role], path: str, *, expected: bool
) -> None:
    """Each role answers what it is for, and every node says whether it is well."""
    assert answers(frozenset(roles), path) is expected


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_what_is_not_answered_is_not_found(kind: str) -> None:
    """A request and an upgrade alike get 404, and the application never sees them."""
    sent: list[dict[str, Any]] = []

    async def application(*_: Any) -> None:
        raise AssertionError("it was reached")

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": kind, "path": "/ws/visitor"}
    await gated(application, PROJECTOR)(scope, application, send)  # type: ignore[arg-type]  # nobody receives
    assert sent[0]["status"] == 404
    assert {message["type"].endswith(("response.start", "response.body")) for message in sent} == {
        True
    }


def test_unknown_roles_are_refused() -> None:
    """A role that does not exist is named, with those that do; none means all."""
    with pytest.raises(CannotRun, match="no role 'chef'; the roles are visitor, agent"):
        parse(["visitor", "chef"])
    assert parse([]) == ALL

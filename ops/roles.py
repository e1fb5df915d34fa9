"""The roles: parts of the product that run alone or together, in one process or many."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ops.errors import CannotRun


class Role(StrEnum):
    """One role. Its value is how the operator writes it."""

    VISITOR = "visitor"
    AGENT = "agent"
    ADMIN = "admin"
    RELAY = "relay"
    PROJECTOR = "projector"
    WEBHOOKS = "webhooks"
    ROUTER = "router"


ALL = frozenset(Role)

SERVING = frozenset({Role.VISITOR, Role.AGENT, Role.ADMIN})
"""Those that take commands; the others only say how they are (``ops.gate``)."""


def parse(names: Iterable[str]) -> frozenset[Role]:
    """The roles of these names. Raises :class:`CannotRun` for one that does not exist."""
    chosen = set()
    for name in names:
        try:
            chosen.add(Role(name))
        except ValueError:
            known = ", ".join(Role)
            raise CannotRun(f"There is no role {name!r}; the roles are {known}.") from None
    return frozenset(chosen) or ALL

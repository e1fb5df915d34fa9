"""What a configuration file says: everything that an operator sets up, and no secret.

Sites, webhooks and goals are found again by id, or else by what people know them by; agents by
their address. So a file fits another tenant too.
"""

from __future__ import annotations

from msgspec import Struct

from domain.webhooks.catalogue import STANDARD

FORMAT = 1
"""The number of this form; a change that an older program would misread raises it."""


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours, as ``parley tenant hours`` takes them."""

    zone: str
    week: str
    holidays: tuple[str, ...] = ()


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """A web site; its secret stays where it is."""

    name: str
    origins: tuple[str, ...] = ()
    id: str | None = None


class Agent(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who answers; of passwords nothing."""

    email: str
    name: str
    role: str = "agent"
    departments: tuple[str, ...] = ()


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """A server that is told; its secret stays where it is."""

    url: str
    format: str = STANDARD
    types: tuple[str, ...] = ()
    enabled: bool = True
    id: str | None = None


class Goal(Struct, frozen=True, forbid_unknown_fields=True):
    """A page that visitors are hoped to reach."""

    name: str
    url: str
    id: str | None = None


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. What is None is left as it is.

    ``tenant`` says whose it was. ``departments`` are those in use; given, agents have no others.
    """

    format: int
    tenant: str | None = None
    departments: tuple[str, ...] | None = None
    hours: Hours | None = None
    sites: tuple[Site, ...] = ()
    agents: tuple[Agent, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    goals: tuple[Goal, ...] = ()

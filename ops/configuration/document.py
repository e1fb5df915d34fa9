"""What a configuration file says: everything that an operator sets up, and no secret.

Sites, webhooks and goals are found again by id, or else by what people know them by; agents by
their address; what the settings have under keys by those. So a file fits another tenant too.
"""

from __future__ import annotations

from msgspec import Struct

from domain.tenant import values as v
from domain.webhooks.catalogue import STANDARD

FORMAT = 1
"""The number of this form; a change that an older program would misread raises it."""


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours, as ``parley tenant hours`` takes them."""

    zone: str
    week: str
    holidays: tuple[str, ...] = ()


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """A web site; its secret stays where it is. ``appearance`` None: as it is."""

    name: str
    origins: tuple[str, ...] = ()
    id: str | None = None
    appearance: v.Appearance | None = None


class Agent(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who answers; of passwords nothing. Skills and capacity None: as they are."""

    email: str
    name: str
    role: str = "agent"
    departments: tuple[str, ...] = ()
    skills: tuple[str, ...] | None = None
    capacity: int | None = None


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


class Department(Struct, frozen=True, forbid_unknown_fields=True):
    """A department. Without a name it is a label in use that nobody defined."""

    id: str
    name: str | None = None
    strategy: str | None = None
    offered: bool = False


class Reply(v.Reply, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A canned reply."""

    id: str


class Welcome(v.Welcome, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A welcome rule."""

    id: str


class Reception(v.Reception, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reception rule."""

    id: str


class Status(v.Status, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A status of the tenant's own."""

    id: str


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. What is None is left as it is.

    ``tenant`` says whose it was. ``departments`` are those in use or defined; given, agents have no
    others. One that is but a word is a label.
    """

    format: int
    tenant: str | None = None
    departments: tuple[str | Department, ...] | None = None
    tags: tuple[str, ...] | None = None
    hours: Hours | None = None
    routing: v.Routing | None = None
    sites: tuple[Site, ...] = ()
    agents: tuple[Agent, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    goals: tuple[Goal, ...] = ()
    statuses: tuple[Status, ...] = ()
    replies: tuple[Reply, ...] = ()
    welcomes: tuple[Welcome, ...] = ()
    receptions: tuple[Reception, ...] = ()

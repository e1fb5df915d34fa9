"""What can have happened to the sections of a tenant's settings. A value is whole each time."""

from __future__ import annotations

from msgspec import Struct

from domain.tenant import values as v


class DepartmentDefined(Struct, frozen=True):
    """There is this department, as it is said here."""

    department: str
    value: v.Department


class DepartmentRemoved(Struct, frozen=True):
    """A department is no longer defined. Who has its label keeps it."""

    department: str


class ReplyDefined(Struct, frozen=True):
    """Agents have this text at hand."""

    reply: str
    value: v.Reply


class ReplyRemoved(Struct, frozen=True):
    """Agents have a text at hand no more."""

    reply: str


class WelcomeDefined(Struct, frozen=True):
    """Visitors are spoken to by this rule."""

    rule: str
    value: v.Welcome


class WelcomeRemoved(Struct, frozen=True):
    """Visitors are not spoken to by a rule any more."""

    rule: str


class ReceptionDefined(Struct, frozen=True):
    """Conversations are received by this rule."""

    rule: str
    value: v.Reception


class ReceptionRemoved(Struct, frozen=True):
    """Conversations are not received by a rule any more."""

    rule: str


class StatusDefined(Struct, frozen=True):
    """Agents may have this status."""

    status: str
    value: v.Status


class StatusRemoved(Struct, frozen=True):
    """Agents may not choose a status any more."""

    status: str


class RoutingChanged(Struct, frozen=True):
    """How conversations find an agent from now on."""

    value: v.Routing


class TagsChanged(Struct, frozen=True):
    """The tags that desks suggest from now on."""

    value: v.Tags


class AppearanceChanged(Struct, frozen=True):
    """How a site's chat looks from now on."""

    site: str
    value: v.Appearance

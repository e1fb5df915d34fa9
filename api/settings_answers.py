"""What ``GET /v1/settings`` answers: each value with its key, and who said it when."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from domain.envelope import Actor
from domain.tenant import values as v
from domain.tenant.events import HoursChanged


class Said(Struct, frozen=True, kw_only=True):
    """When something was said, and by whom; null where nobody said it."""

    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Department(v.Department, frozen=True, kw_only=True):
    """A department."""

    department: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Reply(v.Reply, frozen=True, kw_only=True):
    """A canned reply."""

    reply: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Welcome(v.Welcome, frozen=True, kw_only=True):
    """A welcome rule."""

    rule: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Reception(v.Reception, frozen=True, kw_only=True):
    """A reception rule."""

    rule: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Status(v.Status, frozen=True, kw_only=True):
    """A status of the tenant's own."""

    status: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Routing(v.Routing, frozen=True, kw_only=True):
    """How conversations find an agent."""

    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Tags(v.Tags, frozen=True, kw_only=True):
    """The suggested tags."""

    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Hours(HoursChanged, frozen=True, kw_only=True):
    """The opening hours."""

    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Appearance(v.Appearance, frozen=True, kw_only=True):
    """How a site's chat looks."""

    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Site(Struct, frozen=True):
    """A site as every agent knows it."""

    site: str
    name: str


class WholeSite(Site, frozen=True, kw_only=True):
    """A site as admins set it up; ``snippet`` is what its pages are given. No secret."""

    origins: tuple[str, ...]
    appearance: Appearance
    snippet: str
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """What agents need. ``open``: by the hours somebody is there now; ``hours`` null: always."""

    version: int
    departments: list[Department]
    replies: list[Reply]
    statuses: list[Status]
    routing: Routing
    tags: Tags
    hours: Hours | None
    open: bool
    sites: list[Site]


class WholeSettings(Settings, frozen=True, kw_only=True):
    """All of it, for admins and servers."""

    welcomes: list[Welcome]
    receptions: list[Reception]
    sites: list[WholeSite]  # type: ignore[assignment]  # a list that is only read


class Done(Struct, frozen=True):
    """What came of a change: the settings' version, and whether it changed anything."""

    version: int
    changed: bool


class NewSite(Struct, frozen=True):
    """A site that was added."""

    site: str

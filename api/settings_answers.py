"""What ``GET /v1/settings`` answers: each value with its key, and who said it when."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from domain.envelope import Actor
from domain.tenant import values as v
from domain.tenant.events import HoursChanged


class Department(v.Department, frozen=True, kw_only=True):
    """A department."""

    department: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Reply(v.Reply, frozen=True, kw_only=True):
    """A canned reply."""

    reply: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Welcome(v.Welcome, frozen=True, kw_only=True):
    """A welcome rule."""

    rule: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Reception(v.Reception, frozen=True, kw_only=True):
    """A reception rule."""

    rule: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Status(v.Status, frozen=True, kw_only=True):
    """A status of the tenant's own."""

    status: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Routing(v.Routing, frozen=True, kw_only=True):
    """How conversations find an agent."""

    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Tags(v.Tags, frozen=True, kw_only=True):
    """The suggested tags."""

    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Hours(HoursChanged, frozen=True, kw_only=True):
    """The opening hours."""

    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Appearance(v.Appearance, frozen=True, kw_only=True):
    """How a site's chat looks."""

    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None


class Site(Struct, frozen=True):
    """A site as every agent knows it."""

    site: str
    name: str


class WholeSite(Site, frozen=True, kw_only=True):
    """A site as admins set it up; ``snippet`` is what its pages are given. No secret.

    Of that only when and by whom it was drawn.
    """

    origins: tuple[str, ...]
    appearance: Appearance
    snippet: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: Actor | None = None
    secret_changed_at: datetime | None = None
    secret_changed_by: Actor | None = None


class RemovedSite(Site, frozen=True, kw_only=True):
    """A site that was removed and can be had again, and who removed it when."""

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
    removed_sites: list[RemovedSite]
    sites: list[WholeSite]  # type: ignore[assignment]  # a list that is only read


class Done(Struct, frozen=True):
    """What came of a change: the settings' version, and whether it changed anything."""

    version: int
    changed: bool


class SiteSecret(Struct, frozen=True):
    """A site's new secret, which is told this once; those before are good until ``old_until``."""

    secret: str
    old_until: datetime

    def __repr__(self) -> str:
        return "SiteSecret(…)"


class NewSite(Struct, frozen=True):
    """A site that was added, and its secret, which admins are told this once."""

    site: str
    secret: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"NewSite({self.site!r})"

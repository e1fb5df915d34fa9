"""What can have happened to a tenant. Secrets in here are encrypted like everything else."""

from __future__ import annotations

from msgspec import Struct

Shifts = tuple[tuple[int, int], ...]
"""Spans of a day's opening hours: minutes from its midnight, by the clock on the wall. One that
ends behind 1,440 goes on into the next day."""


class TenantCreated(Struct, frozen=True):
    """The first event of a log. ``secret`` keys the tenant's blind digests (e-mail, user)."""

    name: str
    secret: bytes


class SiteAdded(Struct, frozen=True, omit_defaults=True):
    """A web site with the widget. ``secret`` signs identities on the customer's own server.

    ``origins``: pages of these origins may use the site's chat; empty means any.
    """

    site: str
    name: str
    secret: str
    origins: tuple[str, ...] = ()


class SiteChanged(Struct, frozen=True, omit_defaults=True):
    """A site has another name, or other origins; both as they are from now on."""

    site: str
    name: str
    origins: tuple[str, ...] = ()


class SiteRemoved(Struct, frozen=True):
    """A web site has no chat any more: nobody comes in by it."""

    site: str


class SiteRestored(Struct, frozen=True):
    """A site that was removed is there again, as it was."""

    site: str


class SiteSecretRotated(Struct, frozen=True):
    """A site has a new secret. Until ``old_until`` (Unix seconds) the one before is good too.

    Those before that are good no longer than it either.
    """

    site: str
    secret: str
    old_until: int


class ApiKeyCreated(Struct, frozen=True):
    """A key for the customer's servers; ``digest`` is SHA-256 of the secret part."""

    key: str
    digest: bytes
    scopes: tuple[str, ...]


class ApiKeyRevoked(Struct, frozen=True):
    """A key opens nothing any more."""

    key: str


class WebhookAdded(Struct, frozen=True, omit_defaults=True):
    """A server of the customer's is told of conversations from now on.

    ``types``: the events that it wants; empty means all that its format has. ``secret`` signs what
    it is sent.
    """

    webhook: str
    url: str
    secret: str
    format: str = "standard"
    types: tuple[str, ...] = ()


class WebhookChanged(Struct, frozen=True, omit_defaults=True):
    """A webhook has another address, format or wish; all three as they are from now on."""

    webhook: str
    url: str
    format: str = "standard"
    types: tuple[str, ...] = ()


class WebhookSecretRotated(Struct, frozen=True):
    """A webhook has a new secret. Until ``old_until`` (Unix seconds) the one before signs too.

    Those before that sign no longer than it either.
    """

    webhook: str
    secret: str
    old_until: int


class WebhookDisabled(Struct, frozen=True):
    """A webhook is told nothing any more; ``reason`` is a word such as ``gone``."""

    webhook: str
    reason: str


class WebhookEnabled(Struct, frozen=True):
    """A webhook that was disabled is told again, of what happens from now on."""

    webhook: str


class WebhookRemoved(Struct, frozen=True):
    """There is no such webhook any more."""

    webhook: str


class Holiday(Struct, frozen=True, omit_defaults=True):
    """A date (``2026-12-25``) with opening hours of its own; without any it is closed."""

    day: str
    shifts: Shifts = ()


class HoursChanged(Struct, frozen=True, omit_defaults=True):
    """The opening hours from now on, all of them.

    ``zone`` is a name of the IANA time zone database, ``week`` the shifts that begin on each day
    from Monday to Sunday, ``holidays`` the dates on which others do.
    """

    zone: str
    week: tuple[Shifts, ...]
    holidays: tuple[Holiday, ...] = ()


class GoalAdded(Struct, frozen=True):
    """A page that visitors are hoped to reach. ``url`` is a pattern of its path."""

    goal: str
    name: str
    url: str


class GoalChanged(Struct, frozen=True):
    """A goal has another name or pattern; both as they are from now on."""

    goal: str
    name: str
    url: str


class GoalRemoved(Struct, frozen=True):
    """There is no such goal any more."""

    goal: str

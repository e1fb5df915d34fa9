"""What can be asked of a tenant: by the operator, by its admins, and one by a receiver's 410."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.matching import Match
from domain.tenant.events import Holiday, Shifts
from domain.tenant.values import Value


class CreateTenant(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="create-tenant"):
    """Begin a log for a new customer."""

    id: UUID
    name: str
    secret: bytes


class AddSite(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="add-site"):
    """Add a web site."""

    id: UUID
    site: str
    name: str
    secret: str
    origins: tuple[str, ...] = ()


class ChangeSite(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="change-site"):
    """Give a site another name, or other origins."""

    id: UUID
    site: str
    name: str
    origins: tuple[str, ...] = ()
    match: Match | None = None


class RemoveSite(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="remove-site"):
    """Have no chat on a web site any more."""

    id: UUID
    site: str
    match: Match | None = None


class RestoreSite(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="restore-site"):
    """Have a site that was removed, as it was."""

    id: UUID
    site: str


class RotateSiteSecret(
    Struct, frozen=True, omit_defaults=True, tag_field="op", tag="rotate-site-secret"
):
    """Believe identities by another secret; by old ones until ``old_until`` (Unix seconds)."""

    id: UUID
    site: str
    secret: str
    old_until: int


class CreateApiKey(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="create-api-key"):
    """Add a key for the customer's servers."""

    id: UUID
    key: str
    digest: bytes
    scopes: tuple[str, ...]


class RevokeApiKey(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="revoke-api-key"):
    """Let a key open nothing any more."""

    id: UUID
    key: str


class AddWebhook(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="add-webhook"):
    """Tell a server of the customer's what happens in conversations."""

    id: UUID
    webhook: str
    url: str
    secret: str
    format: str = "standard"
    types: tuple[str, ...] = ()


class ChangeWebhook(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="change-webhook"):
    """Give a webhook another address or format, or other wishes."""

    id: UUID
    webhook: str
    url: str
    format: str = "standard"
    types: tuple[str, ...] = ()


class RotateWebhookSecret(
    Struct, frozen=True, omit_defaults=True, tag_field="op", tag="rotate-webhook-secret"
):
    """Sign with another secret, and with old ones until ``old_until`` (Unix seconds) at most."""

    id: UUID
    webhook: str
    secret: str
    old_until: int


class DisableWebhook(
    Struct, frozen=True, omit_defaults=True, tag_field="op", tag="disable-webhook"
):
    """Tell a webhook nothing any more. With a ``url``: only while that is its address."""

    id: UUID
    webhook: str
    reason: str
    url: str = ""


class EnableWebhook(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="enable-webhook"):
    """Tell a webhook again."""

    id: UUID
    webhook: str


class RemoveWebhook(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="remove-webhook"):
    """Forget a webhook."""

    id: UUID
    webhook: str


class SetHours(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="set-hours"):
    """Say when somebody is there to answer: all opening hours anew."""

    id: UUID
    zone: str
    week: tuple[Shifts, ...]
    holidays: tuple[Holiday, ...] = ()
    match: Match | None = None


class AddGoal(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="add-goal"):
    """Count who reaches a page."""

    id: UUID
    goal: str
    name: str
    url: str


class ChangeGoal(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="change-goal"):
    """Give a goal another name or page."""

    id: UUID
    goal: str
    name: str
    url: str


class RemoveGoal(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="remove-goal"):
    """Count a goal no more."""

    id: UUID
    goal: str


class Define(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="define"):
    """Say what a value of a section is from now on; see ``domain.tenant.sections``."""

    id: UUID
    section: str
    value: Value
    key: str = ""
    match: Match | None = None


class Remove(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="remove"):
    """Take a value out of a section."""

    id: UUID
    section: str
    key: str
    match: Match | None = None

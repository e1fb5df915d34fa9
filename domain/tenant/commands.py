"""What can be asked of a tenant. All of it comes from the operator."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


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

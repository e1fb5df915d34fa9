"""What can have happened to a tenant. Secrets in here are encrypted like everything else."""

from __future__ import annotations

from msgspec import Struct


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


class ApiKeyCreated(Struct, frozen=True):
    """A key for the customer's servers; ``digest`` is SHA-256 of the secret part."""

    key: str
    digest: bytes
    scopes: tuple[str, ...]


class ApiKeyRevoked(Struct, frozen=True):
    """A key opens nothing any more."""

    key: str

"""Names and secrets that say which log they are of: site ids, API keys, renewal secrets.

Each carries the log's id, so a tenant is found without a table of everybody's. What is secret in
one is never stored: only its SHA-256. Nothing is drawn here; randomness is handed in.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from domain import base64url

LOG_BYTES = 16
SITE_BYTES = 6
"""Random bytes of a site's id: sites of one tenant differ by them."""

KEY_BYTES = 8
"""Random bytes of an API key's id, under which the tenant's log keeps it."""

SECRET_BYTES = 32
"""Random bytes of a secret: nobody guesses 256 bits, so a plain SHA-256 is enough to keep."""

API_KEY = "pk_"
RENEWAL = {"visitor": "rv_", "agent": "ra_"}
"""What the secrets begin with; a renewal secret says whose kind it is."""

_API_KEY_ID = 4 * (LOG_BYTES + KEY_BYTES) // 3
"""Characters of base64url of log and key id; the secret follows after ``_``."""


class ApiKey(Struct, frozen=True):
    """An API key taken apart. ``key`` is its id in the log, ``digest`` SHA-256 of its secret."""

    log: UUID
    key: str
    digest: bytes


class Renewal(Struct, frozen=True):
    """A renewal secret taken apart: of which log, and the digest under which it is kept."""

    log: UUID
    digest: bytes


def site_id(log: UUID, unique: bytes) -> str:
    """The id of a site of this log; ``unique`` are ``SITE_BYTES`` random bytes."""
    assert len(unique) == SITE_BYTES
    return base64url.encode(log.bytes + unique)


def site_log(site: str) -> UUID | None:
    """The log that a site's id names, or None where the text is no site's id."""
    raw = base64url.decode(site)
    if raw is None or len(raw) != LOG_BYTES + SITE_BYTES:
        return None
    return UUID(bytes=raw[:LOG_BYTES])


def api_key(log: UUID, key: bytes, secret: bytes) -> str:
    """The text of an API key, of ``KEY_BYTES`` and ``SECRET_BYTES`` random bytes."""
    assert len(key) == KEY_BYTES
    assert len(secret) == SECRET_BYTES
    return f"{API_KEY}{base64url.encode(log.bytes + key)}_{base64url.encode(secret)}"


def is_api_key(text: str) -> bool:
    """Whether a text presents itself as an API key (a token never begins like one)."""
    return text.startswith(API_KEY)


def parse_api_key(text: str) -> ApiKey | None:
    """An API key taken apart, or None where the text is none."""
    body = text.removeprefix(API_KEY)
    name, mark, secret = body[:_API_KEY_ID], body[_API_KEY_ID:][:1], body[_API_KEY_ID + 1 :]
    raw, hidden = base64url.decode(name), base64url.decode(secret)
    if not is_api_key(text) or mark != "_" or raw is None or hidden is None:
        return None
    if len(raw) != LOG_BYTES + KEY_BYTES or len(hidden) != SECRET_BYTES:
        return None
    return ApiKey(UUID(bytes=raw[:LOG_BYTES]), raw[LOG_BYTES:].hex(), sha256(hidden).digest())


def renewal_secret(role: str, log: UUID, secret: bytes) -> str:
    """The text of a renewal secret for a ``visitor`` or an ``agent``."""
    assert len(secret) == SECRET_BYTES
    return RENEWAL[role] + base64url.encode(log.bytes + secret)


def parse_renewal(role: str, text: str) -> Renewal | None:
    """A renewal secret of this role taken apart, or None where the text is none."""
    prefix = RENEWAL[role]
    raw = base64url.decode(text.removeprefix(prefix))
    if not text.startswith(prefix) or raw is None or len(raw) != LOG_BYTES + SECRET_BYTES:
        return None
    return Renewal(UUID(bytes=raw[:LOG_BYTES]), sha256(text.encode()).digest())

"""Keyed digests: under which a person is found without being named, and by which one is vouched.

Streams and rows are named in clear, so an e-mail address or a user's name stands there only as
HMAC-SHA256 under the tenant's own secret: nobody without it can try addresses against them.
"""

from __future__ import annotations

import hmac

IDENTITY_SEPARATOR = "\n"
"""Stands between the parts of a signed identity; none of them may contain it."""


def normal_email(email: str) -> str:
    """The one form of an e-mail address under which its agent is kept and found."""
    return email.strip().casefold()


def email_key(tenant_secret: bytes, email: str) -> str:
    """The name of an address's stream, ``email-<this>``; whatever its case and outer spaces."""
    return _blind(tenant_secret, "email", normal_email(email))


def user_key(tenant_secret: bytes, user: str) -> str:
    """The name of a user's stream, ``identity-<this>``: one visitor for all sites of a tenant."""
    return _blind(tenant_secret, "user", user)


def nonce_digest(tenant_secret: bytes, nonce: str) -> bytes:
    """Under which a used nonce is kept."""
    return bytes.fromhex(_blind(tenant_secret, "nonce", nonce))


def identity_signature(secret: str, site: str, user: str, timestamp: int, nonce: str) -> str:
    """How a site's own back end vouches for a user, in hex.

    HMAC-SHA256 with the site's secret (its UTF-8 bytes) over site, user, timestamp and nonce, with
    a line feed between two of them.
    """
    signed = IDENTITY_SEPARATOR.join((site, user, str(timestamp), nonce))
    return hmac.digest(secret.encode(), signed.encode(), "sha256").hex()


def same(known: str, given: str) -> bool:
    """Whether two texts are equal, in time that does not tell where they differ."""
    return hmac.compare_digest(known.encode(), given.encode())


def _blind(tenant_secret: bytes, kind: str, text: str) -> str:
    return hmac.digest(tenant_secret, f"{kind}\0{text}".encode(), "sha256").hex()

"""Signatures as the Standard Webhooks specification (1.0.0) has them: HMAC-SHA256, ``v1``.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "whsec_"
"""What a secret begins with, as people see it; base64 of its bytes follows."""

SECRET_BYTES = 32
"""Random bytes of a secret that is drawn here."""

LEAST_BYTES, MOST_BYTES = 24, 64
"""What the specification lets a secret be."""


def secret_of(raw: bytes) -> str:
    """The text of a secret."""
    return PREFIX + base64.b64encode(raw).decode()


def key_of(secret: str) -> bytes | None:
    """The bytes that a secret signs with, or None where the text is no secret."""
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    fits = secret.startswith(PREFIX) and LEAST_BYTES <= len(raw) <= MOST_BYTES
    return raw if fits else None


def headers(message: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """What tells a receiver who sent a body: its id, when, and a signature by each secret."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(message, timestamp, body, secret) for secret in secrets
        ),
    }


def signature(message: str, timestamp: int, body: bytes, secret: str) -> str:
    """One signature. ``message`` holds no full stop, since that is what separates the parts."""
    assert "." not in message
    key = key_of(secret)
    assert key is not None
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()

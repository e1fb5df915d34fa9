"""Bytes as text that fits into URLs and headers: base64url without padding (RFC 4648, section 5).

Strict: every byte string has exactly one text, so what was changed in any way is not read.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(raw: bytes) -> str:
    """The text of these bytes."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    """The bytes of a text that :func:`encode` made, else None."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if encode(raw) == text else None

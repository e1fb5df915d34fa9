"""Tokens: who is calling, signed, so that any node can tell without asking anybody.

``base64url(claims) "." base64url(HMAC-SHA256)``, claims in msgpack. It is short-lived, and says
only *who*: what its bearer may do, and whether it was given out under a password that has been
changed since, is looked up when it is used (``domain.handling.callers``).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import base64url
from domain.errors import Refused

_PURPOSE = b"parley.token.1\0"
"""Signed along, so that the keys can sign nothing else that would pass for a token."""

MAX_TOKEN = 1024
"""Longer texts are not looked at: a token has about 170 characters."""


class Claims(Struct, frozen=True, array_like=True):
    """Who calls: ``role`` is ``visitor`` or ``agent``; ``expires_at`` is in seconds since 1970.

    ``site`` is the id of the site at which a visitor came in; ``password`` says by which of its
    passwords an agent did, counted from 1.
    """

    log: UUID
    role: str
    id: str
    expires_at: int
    site: str | None = None
    password: int = 0


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Claims)


class Tokens:
    """Makes and reads tokens with a ring of keys: the first signs, any of them verifies.

    A key is retired by putting a new one before it and dropping it a token's lifetime later.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        assert keys, "there is no key to sign tokens with"
        assert min(map(len, keys)) >= 32, "a key of tokens has at least 32 bytes"  # noqa: PLR2004  # as long as the digest
        self._keys = tuple(keys)

    def issue(self, claims: Claims) -> str:
        """The token that says this."""
        body = _encoder.encode(claims)
        return f"{base64url.encode(body)}.{base64url.encode(_sign(self._keys[0], body))}"

    def read(self, token: str, now: float) -> Claims:
        """What a token says.

        Raises :class:`Refused` ``unauthorized`` when it is not ours, or has expired by ``now``.
        """
        body = self._verified(token)
        if body is None:
            raise Refused("unauthorized")
        claims = _decoder.decode(body)
        if now >= claims.expires_at:
            raise Refused("unauthorized", "The token has expired.")
        return claims

    def _verified(self, token: str) -> bytes | None:
        """The claims' bytes if one of the keys signed them. Every key is tried, in equal time."""
        if len(token) > MAX_TOKEN or not token.isascii():
            return None
        first, _, second = token.partition(".")
        body, signature = base64url.decode(first), base64url.decode(second)
        if body is None or signature is None:
            return None
        matches = [hmac.compare_digest(_sign(key, body), signature) for key in self._keys]
        return body if any(matches) else None


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + body, "sha256")

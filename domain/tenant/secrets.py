"""Secrets that are replaced while others still hold the old one: for a while both are good."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

KEPT_SECRETS = 2
"""Old secrets that are good beside the present one; rotated more often, the oldest goes at once."""


class OldSecret(Struct, frozen=True):
    """A secret that was replaced, and until when (Unix seconds) it is good too."""

    secret: str
    until: int


def rotated(secret: str, old: tuple[OldSecret, ...], end: int) -> tuple[OldSecret, ...]:
    """The old secrets once this one is replaced and good until ``end``; none is any longer."""
    before = [replace(each, until=min(each.until, end)) for each in old]
    return (OldSecret(secret, end), *before)[:KEPT_SECRETS]


def good(secret: str, old: tuple[OldSecret, ...], now: float) -> tuple[str, ...]:
    """Those that are good at a time, the present one first."""
    return (secret, *(each.secret for each in old if now < each.until))

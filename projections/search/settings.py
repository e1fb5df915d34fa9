"""How much one search may do: it answers with what it found by then, and says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchSettings:
    """Limits of a request; the next one goes on where it stopped."""

    windows: int = 2_048
    """Windows of the log, of 16,384 events each, that a request looks into: 33 million events, some
    years of a busy tenant. Each costs a look-up for each word."""

    candidates: int = 5_000
    """Messages that hold all words of which a request looks at sender, placement and rights."""

    decrypted: int = 1_000
    """Messages that a request decrypts, to see whether they have what is asked for."""

    characters: int = 250_000
    """Characters of these messages that a request looks through: as many as so many messages of
    usual length have, and few enough that long ones take no longer."""

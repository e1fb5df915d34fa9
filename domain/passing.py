"""Passing things: what is told to whoever is there now, and never stored (typing, presence).

They reach sockets on every node through the broker, at most once, in no promised order.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct


class Typing(Struct, frozen=True, tag="typing"):
    """Somebody types, or does no more, in a conversation."""

    log: UUID
    role: str
    id: str
    conversation: str
    on: bool
    name: str | None = None


class Presence(Struct, frozen=True, tag="presence"):
    """Somebody has come, or is gone: the first of a person's sockets, or the last, on any node."""

    log: UUID
    role: Literal["visitor", "agent"]
    id: str
    online: bool


Passing = Typing | Presence

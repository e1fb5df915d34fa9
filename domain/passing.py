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


class Place(Struct, frozen=True, array_like=True):
    """What a visitor who waits is told. ``place`` 1 is next, of ``waiting`` in its department.

    ``staffed``: somebody is there for it. ``open``: it is within the opening hours. ``wait_s``: how
    long it will be, by how long each place took others lately; None where nobody can tell.
    """

    conversation: str
    place: int
    waiting: int
    staffed: bool
    open: bool
    wait_s: int | None = None


class Queue(Struct, frozen=True, tag="queue"):
    """Where some conversations of a log stand that nobody serves."""

    log: UUID
    places: tuple[Place, ...]


Passing = Typing | Presence | Queue

"""The hash chain over a log: h(n) = SHA-256(h(n-1), format, fields of event n).

It shows every change of a stored event to whoever kept a later hash. It does not stop somebody
who can write the database from recomputing the rest of the chain; a seal kept elsewhere does.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from domain.bytecode import fields

FORMAT = b"\x01"
"""The version of the layout below; a new layout gets a new byte, old events keep theirs."""


class Link(Struct, frozen=True):
    """The fields of an event that its hash covers, as they are stored."""

    log: UUID
    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    event_id: UUID
    actor_role: str
    actor_id: str
    recorded_at: int
    key_id: UUID
    metadata: bytes
    data: bytes


def genesis(log: UUID) -> bytes:
    """The hash before the first event."""
    return sha256(b"parley.log.1" + log.bytes).digest()


def next_hash(previous: bytes, link: Link) -> bytes:
    """The hash of an event that follows ``previous``."""
    body = fields(
        link.log,
        link.position,
        link.stream,
        link.version,
        link.type,
        link.schema_version,
        link.event_id,
        link.actor_role,
        link.actor_id,
        link.recorded_at,
        link.key_id,
        link.metadata,
        link.data,
    )
    return sha256(previous + FORMAT + body).digest()

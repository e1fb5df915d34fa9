"""Ids that follow from other ids, so that what is sent twice happens once.

An event's id belongs to the sender of its command: nobody can take another's ids, and the same
command names the same events on every node, for ever.
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from domain.bytecode import UUID_FIELD, field, fields

MAX_EVENTS_PER_COMMAND = 16
"""A command has at most so many events: a repeat is found by asking for all their ids at once."""


_NUMBERS = tuple(map(field, range(MAX_EVENTS_PER_COMMAND)))

_VERSION_AND_VARIANT = 0xF << 76 | 0x3 << 62
_EIGHT = 0x8 << 76 | 0x2 << 62


def _uuid8(time: bytes, digest: bytes) -> UUID:
    """A UUIDv8 of 48 bits of time order and 74 bits of a digest (RFC 9562, section 5.8)."""
    number = int.from_bytes(time + digest[:10], "big")
    return UUID(int=number & ~_VERSION_AND_VARIANT | _EIGHT)


def is_id(text: str) -> bool:
    """Whether this is an id as ids are written: an UUID in small letters."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def event_id(log: UUID, role: str, actor: str, command: UUID, n: int) -> UUID:
    """The id of the ``n``-th event (from 0) of a command that this actor sent to this log.

    The first 48 bits are the command id's own: with time-ordered command ids (UUIDv7) the index
    of event ids grows at one end.
    """
    raw = command.bytes
    named = (
        UUID_FIELD,
        log.bytes,
        field(role),
        field(actor),
        UUID_FIELD,
        raw,
        _NUMBERS[n],
    )
    return _uuid8(raw[:6], sha256(b"".join(named)).digest())


def event_ids(log: UUID, role: str, actor: str, command: UUID) -> list[UUID]:
    """Every id that an event of this command can have."""
    return [event_id(log, role, actor, command, n) for n in range(MAX_EVENTS_PER_COMMAND)]


def derived_id(kind: str, log: UUID, role: str, actor: str, command: UUID) -> UUID:
    """The id of a thing that a command makes, such as the conversation of a ``start``."""
    digest = sha256(fields(kind, log, role, actor, command)).digest()
    return _uuid8(command.bytes[:6], digest)


def caused_id(kind: str, log: UUID, thing: str, at: int) -> UUID:
    """The id of a command that follows from what happened to a thing at this time of its log.

    ``at`` is in microseconds since 1970: no two events of a log have the same. Whoever decides the
    same on any node so asks for it under the same id.
    """
    digest = sha256(fields(kind, log, thing, at)).digest()
    return _uuid8((at // 1000).to_bytes(6, "big"), digest)

"""What surrounds an event: who, when, where in the log, caused by what.

Two types carry the store's interface: :class:`NewEvent` is to be written, :class:`RecordedEvent`
was. Everything in an envelope except ``data`` and the actor's name is stored in clear, so nothing
personal may stand there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MARK_BYTES = 8
"""A mark is so many bytes of a chain hash: enough to tell histories apart, opaque to clients."""


class Actor(Struct, frozen=True):
    """Who did it. ``name`` is how others see it at that moment; it is stored encrypted."""

    role: str
    id: str
    name: str | None = None


class Access(Struct, frozen=True, array_like=True):
    """Where a conversation is: what alone decides which agents may read it."""

    department: str | None = None
    assignee: str | None = None


class Metadata(Struct, frozen=True, omit_defaults=True):
    """What is known of an event in clear, beside its place.

    ``command`` and ``cause`` are ids; ``before`` and ``after`` say which agents could read the
    conversation before the event and can after it (see ``domain.access``). ``trace`` is the W3C
    context of the span that appended it, where its trace is recorded (see ``domain.telemetry``).
    """

    command: UUID
    cause: UUID | None = None
    correlation: UUID | None = None
    before: Access | None = None
    after: Access | None = None
    trace: str | None = None


class NewEvent(Struct, frozen=True):
    """An event to be written. ``data`` is a registered event; ``subject`` names its key."""

    data: Any
    subject: str
    before: Access | None = None
    after: Access | None = None


class RecordedEvent(Struct, frozen=True):
    """An event as the log has it.

    ``recorded_at`` is in microseconds since 1970; ``decided`` the version of the stream's last
    deciding event up to this one; ``data`` is None when the subject was erased. ``damaged``: it is
    None because it cannot be read though its key was not destroyed; nothing may be decided on that.
    """

    log: UUID
    position: int
    stream: str
    version: int
    decided: int
    type: str
    schema_version: int
    id: UUID
    actor: Actor
    metadata: Metadata
    recorded_at: int
    key_id: UUID
    hash: bytes
    data: Any
    damaged: bool = False

    @property
    def mark(self) -> str:
        """The history's name at this event: given out with a range, asked back with an offset."""
        return self.hash[:MARK_BYTES].hex()

    @property
    def at(self) -> datetime:
        """``recorded_at`` as a time in UTC, exact to the microsecond."""
        return time_of(self.recorded_at)


def time_of(microseconds: int) -> datetime:
    """A time of the log, in microseconds since 1970, as one in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def mark(chain_hash: bytes) -> str:
    """The mark of a chain hash, in hex."""
    return chain_hash[:MARK_BYTES].hex()


class StoredEvent(Struct, frozen=True, array_like=True, gc=False):
    """An event as its row holds it, its data encrypted: what goes over the broker.

    The fields are a row's columns, in their order; ``docs/protocol.md`` says what each means.
    """

    position: int
    stream: str
    version: int
    decided: int
    type: str
    schema_version: int
    event_id: UUID
    actor_role: str
    actor_id: str
    key_id: UUID
    metadata: bytes
    recorded_at: int
    data: bytes
    hash: bytes


class StoredSlice(Struct, frozen=True):
    """A contiguous range ``(after, upto]`` of a log, as it is stored. ``tenant`` is its name."""

    log: UUID
    tenant: str
    after: int
    upto: int
    events: tuple[StoredEvent, ...]


class Slice(Struct, frozen=True):
    """A contiguous range ``(after, upto]`` of a log with all its events, in order."""

    log: UUID
    after: int
    upto: int
    events: tuple[RecordedEvent, ...]

"""Parley's own events as followers get them: topic, state, and the mapper that reads both.

The library's own mapper takes ``vars`` of an event, which a Struct does not have, and finds its
class by the topic; Parley's topics are the stable names of its event types.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol, TAggregateID
from eventsourcing.persistence import (
    Mapper,
    MapperDeserialisationError,
    ProgrammingError,
    StoredEvent,
)
from msgspec import Struct

from domain.envelope import Actor, RecordedEvent
from domain.event_types import REGISTRY

TOPICS = frozenset(event_type.name for event_type in REGISTRY)
"""The topics of Parley's own events, which no application may use for its own."""


class LogEvent(Struct, frozen=True):
    """An event of Parley's.

    ``originator_id`` and ``originator_version`` are its stream and version there, ``topic`` its
    type, ``data`` what happened, as values that JSON has. ``data`` and the actor's name are None
    once the subject was erased. Secrets are hidden.
    """

    originator_id: str
    originator_version: int
    topic: str
    id: UUID
    at: datetime
    actor: Actor
    data: Any


class State(Struct, frozen=True):
    """The state of a notification of Parley's own, in JSON."""

    id: UUID
    at: datetime
    actor: Actor
    data: Any


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(State)


def state_of(event: RecordedEvent, form: Any) -> bytes:
    """The state of an event, of whose data followers are told ``form``."""
    return _encoder.encode(State(event.id, event.at, event.actor, form))


class LogMapper(Mapper[TAggregateID]):
    """Reads Parley's events as :class:`LogEvent`, all others as the library does."""

    def to_stored_event(self, domain_event: DomainEventProtocol[TAggregateID]) -> StoredEvent:
        if isinstance(domain_event, LogEvent):
            raise ProgrammingError("Parley's own events come about by its commands only")
        return super().to_stored_event(domain_event)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[TAggregateID]:
        if stored_event.topic not in TOPICS:
            return super().to_domain_event(stored_event)
        return cast("DomainEventProtocol[TAggregateID]", log_event(stored_event))


def log_event(stored: StoredEvent) -> LogEvent:
    """The event of a notification of Parley's own. Raises MapperDeserialisationError."""
    try:
        state = _decoder.decode(stored.state)
    except msgspec.MsgspecError as error:
        raise MapperDeserialisationError(f"the state of a {stored.topic}: {error}") from error
    return LogEvent(
        originator_id=str(stored.originator_id),
        originator_version=stored.originator_version,
        topic=stored.topic,
        id=state.id,
        at=state.at,
        actor=state.actor,
        data=state.data,
    )

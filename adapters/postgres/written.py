"""One event on its way into the log: what is in clear of it, what is encrypted, how it comes back.

Pure: keys and nonces come in. How events become a call's arguments, ``batch`` and ``lone`` know.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.postgres.cipher import Content, DataKey, Place, encrypt_event
from domain.append import Append
from domain.envelope import Metadata, NewEvent, RecordedEvent
from domain.registry import EventType, Registry

metadata_encoder = msgspec.msgpack.Encoder(order="deterministic", uuid_format="bytes")


class Written(Struct, frozen=True, gc=False):
    """What of an event is needed again for the answer."""

    log: UUID
    command: Append
    stream: str
    id: UUID
    type: EventType
    metadata: Metadata
    key_id: UUID
    data: Any

    def recorded(
        self, position: int, version: int, decided: int, at: int, hash_: bytes
    ) -> RecordedEvent:
        """The event at the place that the log has given it."""
        return RecordedEvent(
            log=self.log,
            position=position,
            stream=self.stream,
            version=version,
            decided=decided,
            type=self.type.name,
            schema_version=self.type.schema_version,
            id=self.id,
            actor=self.command.actor,
            metadata=self.metadata,
            recorded_at=at,
            key_id=self.key_id,
            hash=hash_,
            data=self.data,
        )


class Writer:
    """How the events of one log are written."""

    def __init__(self, log: UUID, registry: Registry) -> None:
        self.log = log
        self._registry = registry

    def write(
        self, command: Append, stream: str, id_: UUID, new: NewEvent, key_id: UUID
    ) -> Written:
        """A command's event for this stream, under its id and the key of its subject."""
        metadata = Metadata(
            command.command,
            command.cause,
            command.correlation,
            new.before,
            new.after,
            command.trace,
        )
        event_type = self._registry.of(new.data)
        return Written(self.log, command, stream, id_, event_type, metadata, key_id, new.data)

    def encrypt(self, key: DataKey, event: Written, digest: bytes | None, nonce: bytes) -> bytes:
        """The event's ``data``; a digest of the command's content is in its first event only."""
        place = Place(self.log, event.id, event.type.name, event.type.schema_version, event.key_id)
        payload = self._registry.encode(event.data)
        return encrypt_event(key, place, Content(digest, event.command.actor.name, payload), nonce)

"""Stored rows as recorded events: decrypted, decoded, those of erased subjects without data.

Keys that a page needs are fetched in one query. Nothing here asks for events itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.cipher import DataKey, Place, Sealed, open_event
from adapters.postgres.keys import Key, SubjectKeys
from adapters.postgres.pools import Connection
from domain.envelope import Actor, Metadata, RecordedEvent
from domain.errors import EventDamaged
from domain.registry import Registry

_metadata = msgspec.msgpack.Decoder(Metadata)

Row = asyncpg.Record


class Reader:
    """Turns rows into events."""

    def __init__(self, keys: SubjectKeys, registry: Registry) -> None:
        self._keys = keys
        self._registry = registry

    async def keys_of(
        self, connection: Connection, log: UUID, rows: Sequence[Row]
    ) -> dict[UUID, Key]:
        """The keys that these rows are under."""
        ids = {row["key_id"] for row in rows}
        found = self._keys.kept(log, ids)
        missing = [key_id for key_id in ids if key_id not in found]
        if missing:
            found |= await self._keys.of_ids(connection, log, missing)
        return found

    def decode(self, log: UUID, rows: Sequence[Row], keys: dict[UUID, Key]) -> list[RecordedEvent]:
        """The events of rows. Raises EventDamaged and UnknownEvent."""
        return [self.event(log, row, unseal(log, row, keys)) for row in rows]

    def event(self, log: UUID, row: Row, sealed: Sealed | None) -> RecordedEvent:
        """The event of a row and of its opened data, None where its subject was erased."""
        position, type_, schema_version = row["position"], row["type"], row["schema_version"]
        try:
            data = sealed and self._registry.decode(type_, schema_version, sealed.payload)
            metadata = _metadata.decode(row["metadata"])
        except (EventDamaged, msgspec.MsgspecError) as error:
            raise EventDamaged(f"event {position} of log {log}: {error}") from error
        return RecordedEvent(
            log=log,
            position=position,
            stream=row["stream"],
            version=row["version"],
            decided=row["decided"],
            type=type_,
            schema_version=schema_version,
            id=row["event_id"],
            actor=Actor(row["actor_role"], row["actor_id"], sealed.name if sealed else None),
            metadata=metadata,
            recorded_at=row["recorded_at"],
            key_id=row["key_id"],
            hash=row["hash"],
            data=data,
        )


def unseal(log: UUID, row: Row, keys: dict[UUID, Key]) -> Sealed | None:
    """A row's data, opened; None where the subject was erased. Raises EventDamaged."""
    key = keys.get(row["key_id"])
    if key is None:
        raise EventDamaged(f"event {row['position']} of log {log} is under a key without a row")
    if not isinstance(key, DataKey):
        return None
    place = Place(log, row["event_id"], row["type"], row["schema_version"], row["key_id"])
    try:
        return open_event(key, place, row["data"])
    except EventDamaged as error:
        raise EventDamaged(f"event {row['position']} of log {log}: {error}") from error

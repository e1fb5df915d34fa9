"""Stored rows as recorded events: decrypted, decoded, those of erased subjects without data.

Keys that a page needs are fetched in one query. One event that cannot be read does not keep those
around it from being read. Nothing here asks for events itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from adapters.postgres.cipher import Content, DataKey, Place, decrypt_event
from adapters.postgres.keys import Destroyed, Key, SubjectKeys
from adapters.postgres.pools import Connection
from domain.envelope import Actor, Metadata, RecordedEvent, StoredEvent
from domain.errors import EventDamaged
from domain.registry import Registry

ALARMS_KEPT = 10_000
"""Damaged events that are remembered as told of."""

NO_METADATA = Metadata(command=UUID(int=0))
"""Of an event whose metadata does not decode: no command, and no agent may read it."""

_metadata = msgspec.msgpack.Decoder(Metadata)
_logger = logging.getLogger(__name__)


class Reader:
    """Turns rows into events."""

    def __init__(self, keys: SubjectKeys, registry: Registry) -> None:
        self._keys = keys
        self._registry = registry
        self._told: set[tuple[UUID, int]] = set()

    async def keys_of(
        self, connection: Connection, log: UUID, rows: Sequence[StoredEvent]
    ) -> dict[UUID, Key]:
        """The keys that these rows are under."""
        ids = {row.key_id for row in rows}
        found = self._keys.kept(log, ids)
        missing = [key_id for key_id in ids if key_id not in found]
        if missing:
            found |= await self._keys.of_ids(connection, log, missing)
        return found

    def kept_keys(self, log: UUID, events: Sequence[StoredEvent]) -> dict[UUID, Key] | None:
        """The keys that these events are under, where all of them are kept here."""
        ids = {event.key_id for event in events}
        found = self._keys.kept(log, ids)
        return found if len(found) == len(ids) else None

    def decode(
        self, log: UUID, rows: Sequence[StoredEvent], keys: dict[UUID, Key], page_bytes: int
    ) -> list[RecordedEvent]:
        """The events of rows, damaged ones without their data. Raises UnknownEvent.

        The first one, and what follows as long as their data are not more than ``page_bytes``:
        what is small as it is stored, compressed, may be large.
        """
        events: list[RecordedEvent] = []
        size = 0
        for row in rows:
            content, event = self._opened(log, row, keys)
            size += len(content.payload) if content else 0
            if events and size > page_bytes:
                break
            events.append(event)
        return events

    def event(self, log: UUID, row: StoredEvent, keys: dict[UUID, Key]) -> RecordedEvent:
        """The event of a row; one that cannot be read is told of once. Raises UnknownEvent."""
        return self._opened(log, row, keys)[1]

    def _opened(
        self, log: UUID, row: StoredEvent, keys: dict[UUID, Key]
    ) -> tuple[Content | None, RecordedEvent]:
        content: Content | None = None
        try:
            content = decrypted(log, row, keys)
            data = content and self._registry.decode(row.type, row.schema_version, content.payload)
            metadata = _metadata.decode(row.metadata)
        except EventDamaged as error:
            self._alarm(log, row.position, str(error))
        except msgspec.MsgspecError:
            self._alarm(log, row.position, "its metadata does not decode")
        else:
            name = content.name if content else None
            return content, _recorded(log, row, metadata, name, data)
        return content, damaged(log, row)

    def _alarm(self, log: UUID, position: int, reason: str) -> None:
        if (log, position) in self._told:
            return
        if len(self._told) >= ALARMS_KEPT:
            self._told.clear()
        self._told.add((log, position))
        _logger.error("alarm: event %d of log %s is damaged: %s", position, log, reason)


def stored(rows: Iterable[Iterable[Any]]) -> list[StoredEvent]:
    """Rows of the statements that read events, whose columns are in the order of the fields."""
    return [StoredEvent(*row) for row in rows]


def damaged(log: UUID, row: StoredEvent) -> RecordedEvent:
    """The event of a row of which only what stands in clear can be read."""
    try:
        metadata = _metadata.decode(row.metadata)
    except msgspec.MsgspecError:
        metadata = NO_METADATA
    return _recorded(log, row, metadata, None, None, damaged=True)


def _recorded(  # noqa: PLR0913  # the parts of an event that are not in clear columns
    log: UUID,
    row: StoredEvent,
    metadata: Metadata,
    name: str | None,
    data: object,
    *,
    damaged: bool = False,
) -> RecordedEvent:
    return RecordedEvent(
        log=log,
        position=row.position,
        stream=row.stream,
        version=row.version,
        decided=row.decided,
        type=row.type,
        schema_version=row.schema_version,
        id=row.event_id,
        actor=Actor(row.actor_role, row.actor_id, name),
        metadata=metadata,
        recorded_at=row.recorded_at,
        key_id=row.key_id,
        hash=row.hash,
        data=data,
        damaged=damaged,
    )


def decrypted(log: UUID, row: StoredEvent, keys: dict[UUID, Key]) -> Content | None:
    """A row's data, decrypted; None where the subject was erased. Raises EventDamaged."""
    key = keys.get(row.key_id)
    if key is None:
        raise EventDamaged("it is under a key without a row")
    if isinstance(key, Destroyed):
        return None
    if not isinstance(key, DataKey):
        raise EventDamaged(f"the wrapped key {key.key_id} does not open")
    place = Place(log, row.event_id, row.type, row.schema_version, row.key_id)
    return decrypt_event(key, place, row.data)

"""Commands of the past as the arguments of ``es.append_bulk``.

Pure: keys and nonces come in. The order of the arguments is that of the SQL function, where they
are described.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from adapters.postgres.batch import columns, written_array
from adapters.postgres.cipher import NONCE_BYTES, DataKey
from adapters.postgres.keys import Destroyed, Key, Offered
from adapters.postgres.written import Writer, metadata_encoder
from domain.append import Append, Dated, Expect, Part
from domain.envelope import NewEvent
from domain.errors import BatchRefused, EventDamaged
from domain.ids import MAX_EVENTS_PER_COMMAND, event_id
from domain.registry import EventType, Registry

NONCES_DRAWN = 1_000
"""Nonces drawn at a time: one question to the system instead of a thousand."""

_hex = attrgetter("hex")


def nonces(random: Callable[[int], bytes]) -> Iterator[bytes]:
    """Nonces without end."""
    while True:
        drawn = random(NONCE_BYTES * NONCES_DRAWN)
        for at in range(0, len(drawn), NONCE_BYTES):
            yield drawn[at : at + NONCE_BYTES]


class BulkBatch:
    """The arrays of one call. ``keys`` has one for every subject of its commands."""

    def __init__(
        self, log: UUID, registry: Registry, keys: Mapping[str, Key], nonce: Iterator[bytes]
    ) -> None:
        self._log = log
        self._writer = Writer(log, registry)
        self._keys_of = keys
        self._nonce = nonce
        self._streams: dict[str, int] = {}
        self._versions: list[int] = []  # of each stream before this batch
        self._now: list[int] = []  # and after what is in it so far
        self._keys: dict[UUID, int] = {}
        self._actors: dict[tuple[str, str], int] = {}
        self._types: dict[str, int] = {}
        self._kinds: list[EventType] = []
        self._events: list[tuple[Any, ...]] = []

    @property
    def count(self) -> int:
        """How many events it has."""
        return len(self._events)

    def add(self, dated: Dated) -> None:
        """Put a command in. Raises BatchRefused for one that cannot be, EventDamaged for a key."""
        parts, number = dated.append.parts, 0
        if not 0 < sum([len(part.events) for part in parts]) <= MAX_EVENTS_PER_COMMAND:
            raise BatchRefused(f"a command has 1 to {MAX_EVENTS_PER_COMMAND} events")
        for part in parts:
            stream = self._stream(part)
            for new in part.events:
                self._add(dated, part.stream, stream, new, number)
                number += 1
            self._now[stream - 1] += len(part.events)

    def _stream(self, part: Part) -> int:
        """The stream's index. Its version is said by the part that names it first."""
        expected = part.expectation
        if expected.kind is not Expect.VERSION:
            raise BatchRefused("what happened in the past happened at a version")
        stream = self._streams.get(part.stream)
        if stream is None:
            self._versions.append(expected.version)
            self._now.append(expected.version)
            stream = self._streams[part.stream] = len(self._versions)
        elif self._now[stream - 1] != expected.version:
            raise BatchRefused("a command does not continue the one before on its stream")
        return stream

    def _add(self, dated: Dated, name: str, stream: int, new: NewEvent, n: int) -> None:
        command = dated.append
        key = self._key(new.subject)
        id_ = event_id(self._log, command.actor.role, command.actor.id, command.command, n)
        written = self._writer.write(command, name, id_, new, key.key_id)
        digest = None if n else key.command_digest(command.content)
        self._events.append(
            (
                stream,
                self._keys.setdefault(key.key_id, len(self._keys) + 1),
                self._actor(command),
                self._type(written.type),
                id_,
                dated.at + n,
                metadata_encoder.encode(written.metadata),
                self._writer.encrypt(key, written, digest, next(self._nonce)),
            )
        )

    def _key(self, subject: str) -> DataKey:
        key = self._keys_of[subject]
        if isinstance(key, Destroyed):
            raise BatchRefused("nothing can be added under a key that was destroyed")
        if not isinstance(key, DataKey):
            raise EventDamaged(f"the wrapped key {key.key_id} does not open")
        return key

    def _actor(self, command: Append) -> int:
        who = (command.actor.role, command.actor.id)
        return self._actors.setdefault(who, len(self._actors) + 1)

    def _type(self, type_: EventType) -> int:
        index = self._types.get(type_.name)
        if index is None:
            self._kinds.append(type_)
            index = self._types[type_.name] = len(self._kinds)
        return index

    def arguments(self, after: int, offered: Sequence[Offered], master_key: str) -> tuple[Any, ...]:
        """The arguments of the statement ``append_bulk``, for a log that is at ``after``."""
        stream, key, actor, type_, id_, at, metadata, data = columns(self._events, 8)
        return (
            self._log,
            after,
            [each.key.key_id for each in offered],
            [each.key.subject for each in offered],
            [each.wrapped for each in offered],
            master_key,
            list(self._streams),
            written_array(self._versions),
            list(self._keys),
            [role for role, _ in self._actors],
            [name for _, name in self._actors],
            list(self._types),
            written_array(each.schema_version for each in self._kinds),
            written_array(each.deciding for each in self._kinds),
            *map(written_array, (stream, key, actor, type_, map(_hex, id_), at)),
            metadata,
            data,
        )

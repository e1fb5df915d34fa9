"""A batch of commands as the arguments of ``es.append``, and its row as their answers.

Pure: keys and nonces come in. The order of the arguments is that of the SQL function, where they
are described.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from adapters.postgres.cipher import NONCE_BYTES, DataKey
from adapters.postgres.keys import Destroyed, Key, Offered
from adapters.postgres.written import Writer, Written, metadata_encoder
from domain.append import Answer, Append, Appended, Conflict, SubjectErased
from domain.envelope import RecordedEvent
from domain.errors import BatchRefused, EventDamaged
from domain.ids import MAX_EVENTS_PER_COMMAND, event_id
from domain.registry import Registry

APPENDED, KNOWN, CONFLICT, ERASED = range(4)
"""The statuses that ``es.append`` answers."""

_hex = attrgetter("hex")


def subjects_of(batch: Sequence[Append]) -> list[str]:
    """Whose keys a batch needs, in order. Raises BatchRefused for too many events of a command."""
    subjects: dict[str, None] = {}
    for command in batch:
        new = [event for part in command.parts for event in part.events]
        if len(new) > MAX_EVENTS_PER_COMMAND:
            raise BatchRefused(f"a command has at most {MAX_EVENTS_PER_COMMAND} events")
        subjects.update(dict.fromkeys(event.subject for event in new))
    return list(subjects)


class Batch:
    """The arrays of one call. ``keys`` has one for every subject, ``fresh`` those made just now."""

    def __init__(
        self,
        log: UUID,
        registry: Registry,
        keys: Mapping[str, Key],
        fresh: Sequence[Offered],
        random: Callable[[int], bytes],
    ) -> None:
        self._log = log
        self._writer = Writer(log, registry)
        self._keys_of = keys
        self._erased = {name for name, key in keys.items() if isinstance(key, Destroyed)}
        self._fresh = fresh
        self._random = random
        self._written: list[Written] = []
        self._streams: dict[str, int] = {}
        self._keys: dict[UUID, int] = {}
        self._indexes: dict[UUID, int] = {}  # event id -> index of the last such event, from 1
        self._firsts: dict[UUID, int] = {}  # first event id -> index of the last such command
        self._commands: list[tuple[Any, ...]] = []
        self._parts: list[tuple[int, int, int]] = []
        self._events: list[tuple[Any, ...]] = []

    @property
    def fresh_keys_used(self) -> Iterator[DataKey]:
        """Those of the fresh keys that the batch's events are under."""
        for offered in self._fresh:
            if offered.key.key_id in self._keys:
                yield offered.key

    def add(self, commands: Sequence[Append]) -> None:
        """Put the batch's commands in, in order. Call it once."""
        total = sum(len(part.events) for command in commands for part in command.parts)
        drawn = self._random(NONCE_BYTES * total)
        nonces = (drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES))
        for command in commands:
            self._add(command, nonces)

    def _add(self, command: Append, nonces: Iterator[bytes]) -> None:
        actor, after = command.actor, command.after
        first = event_id(self._log, actor.role, actor.id, command.command, 0)
        erased = self._is_erased(command)
        # Looked up before the command's own events: it cannot depend on itself.
        after_event = self._indexes.get(after.event, 0) if after else 0
        for part in command.parts:
            kind, version = part.expectation.kind, part.expectation.version
            self._parts.append((self._stream(part.stream), kind, version))
        count = 0 if erased else self._add_events(command, first, nonces)
        self._commands.append(
            (
                first,
                self._firsts.get(first, 0),
                actor.role,
                actor.id,
                erased,
                after.event if after else None,
                after.stream if after else None,
                after.version if after else None,
                after_event,
                len(command.parts),
                count,
            )
        )
        self._firsts[first] = len(self._commands)

    def _is_erased(self, command: Append) -> bool:
        return bool(self._erased) and any(
            event.subject in self._erased for part in command.parts for event in part.events
        )

    def _add_events(self, command: Append, first: UUID, nonces: Iterator[bytes]) -> int:
        actor, n = command.actor, 0
        for part in command.parts:
            stream = self._stream(part.stream)
            for new in part.events:
                key = self._keys_of[new.subject]
                if not isinstance(key, DataKey):
                    raise EventDamaged(f"the wrapped key {key.key_id} does not open")
                id_ = event_id(self._log, actor.role, actor.id, command.command, n) if n else first
                digest = None if n else key.command_digest(command.content)
                written = self._writer.write(command, part.stream, id_, new, key.key_id)
                data = self._writer.encrypt(key, written, digest, next(nonces))
                self._add_event(written, stream, data)
                n += 1
        return n

    def _add_event(self, event: Written, stream: int, data: bytes) -> None:
        self._written.append(event)
        same, self._indexes[event.id] = self._indexes.get(event.id, 0), len(self._written)
        self._events.append(
            (
                stream,
                same,
                event.type.name,
                event.type.schema_version,
                event.id,
                event.type.deciding,
                self._keys.setdefault(event.key_id, len(self._keys) + 1),
                metadata_encoder.encode(event.metadata),
                data,
            )
        )

    def _stream(self, name: str) -> int:
        return self._streams.setdefault(name, len(self._streams) + 1)

    def arguments(self, master_key: str) -> tuple[Any, ...]:
        """The arguments of the statement ``append``, which makes those of ``es.append`` of them."""
        first, same, role, actor, erased, *after, after_event, parts, count = columns(
            self._commands, 11
        )
        after_id, after_stream, after_version = after
        stream, event_same, type_, schema, id_, deciding, key, metadata, data = columns(
            self._events, 9
        )
        return (
            self._log,
            [offered.key.key_id for offered in self._fresh],
            [offered.key.subject for offered in self._fresh],
            [offered.wrapped for offered in self._fresh],
            master_key,
            list(self._streams),
            list(self._keys),
            written_array(map(_hex, first)),
            written_array(same),
            written_array(role),
            actor,
            written_array(erased),
            written_array(after_id),
            after_stream,
            written_array(after_version),
            *map(written_array, (after_event, parts, count)),
            *map(written_array, columns(self._parts, 3)),
            *map(written_array, (stream, event_same)),
            written_array(type_),
            written_array(schema),
            written_array(map(_hex, id_)),
            *map(written_array, (deciding, key)),
            metadata,
            data,
        )

    def answers(self, row: asyncpg.Record) -> list[Answer | None]:
        """An answer for each command; None for one whose first answer is to be looked up."""
        recorded = self._recorded(row)
        answers: list[Answer | None] = []
        for status, (*_, count) in zip(row["o_status"], self._commands, strict=True):
            events = tuple(next(recorded) for _ in range(count))
            if status == APPENDED:
                answers.append(Appended(events))  # type: ignore[arg-type]  # none of them is None
            else:
                answers.append({KNOWN: None, CONFLICT: Conflict(), ERASED: SubjectErased()}[status])
        return answers

    def _recorded(self, row: asyncpg.Record) -> Iterator[RecordedEvent | None]:
        places = zip(
            row["o_position"],
            row["o_version"],
            row["o_decided"],
            row["o_recorded_at"],
            row["o_hash"],
            strict=True,
        )
        for event, place in zip(self._written, places, strict=True):
            yield None if place[0] is None else event.recorded(*place)


def columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[Sequence[Any]]:
    """The columns of rows, so many also where there is no row."""
    return list(zip(*rows, strict=True)) if rows else [()] * count


def written_array(values: Iterable[object]) -> str:
    """Numbers, truth values, ids, or names of ours, as PostgreSQL writes an array.

    It reads that faster than asyncpg looks at each element, whether that is an array too.
    """
    written = ",".join(["NULL" if value is None else str(value) for value in values])
    return f"{{{written}}}"

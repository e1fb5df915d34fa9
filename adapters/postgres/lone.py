"""One command with one event as the arguments of ``es.append_one``, and its row as the answer.

That is what comes while nothing else does, and its sender waits for all of it: so it has no arrays
of events, no indexes and nothing that only a batch needs. Whatever it comes to but an append is
the batch's to say. Pure: key and nonce come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from adapters.postgres.cipher import DataKey
from adapters.postgres.written import Writer, metadata_encoder
from domain.append import Append, Appended, Part
from domain.ids import event_id


def lone_part(batch: Sequence[Append]) -> Part | None:
    """The part with the batch's only event, if its only command depends on no other."""
    if len(batch) > 1 or batch[0].after is not None:
        return None
    writing = [part for part in batch[0].parts if part.events]
    return writing[0] if len(writing) == 1 and len(writing[0].events) == 1 else None


class Lone:
    """The values of one call. ``part`` has the command's only event, ``key`` is its subject's."""

    def __init__(
        self, writer: Writer, command: Append, part: Part, key: DataKey, nonce: bytes
    ) -> None:
        self._part = part
        actor, (new,) = command.actor, part.events
        first = event_id(writer.log, actor.role, actor.id, command.command, 0)
        self._written = writer.write(command, part.stream, first, new, key.key_id)
        digest = key.command_digest(command.content)
        self._data = writer.encrypt(key, self._written, digest, nonce)

    def arguments(self) -> tuple[Any, ...]:
        """The arguments of ``es.append_one``."""
        event, part = self._written, self._part
        actor = event.command.actor
        reads = [other for other in event.command.parts if other is not part]
        return (
            event.log,
            part.stream,
            part.expectation.kind,
            part.expectation.version,
            [read.stream for read in reads],
            [read.expectation.kind for read in reads],
            [read.expectation.version for read in reads],
            event.type.name,
            event.type.schema_version,
            event.id,
            actor.role,
            actor.id,
            event.type.deciding,
            event.key_id,
            metadata_encoder.encode(event.metadata),
            self._data,
        )

    def answer(self, row: asyncpg.Record) -> Appended | None:
        """The answer; None where nothing was appended, and the batch is to be sent."""
        _, position, *others = row
        return None if position is None else Appended((self._written.recorded(position, *others),))

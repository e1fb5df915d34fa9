"""Appending to sequences: all rows of an insertion, or none.

The library asks only that an originator's versions are unique; here they also rise, so that a
stream's last event tells whether a version is free. They may leave numbers out, as those of
snapshots do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import msgspec
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
)

from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.patience import patiently
from adapters.eventsourcing_bridge.sequences import Last, Row, last_of
from domain import streams
from domain.append import (
    ANY,
    Answer,
    Append,
    Appended,
    Conflict,
    Dependency,
    Known,
    LookupFailed,
    Part,
    at_version,
)
from domain.envelope import Actor, NewEvent
from domain.errors import StoreUnavailable
from domain.ids import MAX_EVENTS_PER_COMMAND, event_id

MAX_ROWS = 10_000
"""Events of one insertion, since it holds the tenant's lock as long as it takes."""

ROUNDS = 8
"""How often an insertion is judged anew because another one came to its streams before it."""


async def insert(log: OpenLog, actor: Actor, rows: Sequence[Row]) -> list[int]:
    """Append all rows, or none: their positions, which follow one another.

    Raises IntegrityError where an originator has had one of the versions, or a later one.
    """
    if len(rows) > MAX_ROWS:
        raise DataError(f"at most {MAX_ROWS} events are recorded at once, not {len(rows)}")
    if not rows:
        return []
    commands = [log.ids.uuid() for _ in range(0, len(rows), MAX_EVENTS_PER_COMMAND)]
    names = list(dict.fromkeys(row.stream for row in rows))
    for _ in range(ROUNDS):
        lasts = await last_of(log, names)
        judge(rows, lasts)
        batch = list(_batch(log.id, actor, commands, rows, lasts))
        positions = _positions(await _append(log, batch), batch)
        if positions is not None:
            return positions
    raise OperationalError("others kept writing to the same sequences")


def judge(rows: Iterable[Row], lasts: dict[str, Last]) -> None:
    """Refuse versions that do not rise. Raises IntegrityError."""
    reached = {stream: last.originator_version for stream, last in lasts.items()}
    for row in rows:
        before, version = reached[row.stream], row.data.originator_version
        if before is not None and version <= before:
            raise IntegrityError(f"{row.stream} has version {before}, so not {version} any more")
        reached[row.stream] = version


def _batch(
    log: UUID, actor: Actor, commands: Sequence[UUID], rows: Sequence[Row], lasts: dict[str, Last]
) -> Iterator[Append]:
    """Commands that come true together or not at all.

    A command has a bounded number of events, so one insertion may take several. The first carries
    every expectation, and each of the others depends on the one before; all are judged in one
    transaction, under the log's lock.
    """
    versions = {stream: last.version for stream, last in lasts.items()}
    expected = [Part(stream, at_version(version)) for stream, version in versions.items()]
    after = None
    for n, command in enumerate(commands):
        own = rows[n * MAX_EVENTS_PER_COMMAND : (n + 1) * MAX_EVENTS_PER_COMMAND]
        parts = [
            Part(stream, ANY, tuple(NewEvent(row.data, streams.TENANT) for row in several))
            for stream, several in groupby(own, attrgetter("stream"))
        ]
        content = msgspec.msgpack.encode([row.data for row in own])
        yield Append(command, actor, content, (*expected, *parts), after)
        for row in own:
            versions[row.stream] += 1
        last = event_id(log, actor.role, actor.id, command, len(own) - 1)
        expected, after = [], Dependency(last, own[-1].stream, versions[own[-1].stream])


async def _append(log: OpenLog, batch: Sequence[Append]) -> list[Answer]:
    """Append a batch. Lost on the way, it is given again: the ids guard against a second time."""

    async def append() -> list[Answer]:
        answers = await log.store.append_batch(log.id, batch)
        if any(isinstance(answer, LookupFailed) for answer in answers):
            raise StoreUnavailable("what was given before could not be looked up")
        return answers

    return await patiently(log, append)


def _positions(answers: Sequence[Answer], batch: Sequence[Append]) -> list[int] | None:
    """The rows' positions, or None where somebody else was quicker."""
    positions: list[int] = []
    for answer, command in zip(answers, batch, strict=True):
        count = sum(len(part.events) for part in command.parts)
        match answer:
            case Appended(events):
                positions += [event.position for event in events]
            case Known(last):
                positions += range(last.position - count + 1, last.position + 1)
            case _ if positions:
                raise AssertionError("commands that depend on each other came apart")
            case Conflict():
                return None
            case _:
                raise DatabaseError("the tenant was erased")
    return positions

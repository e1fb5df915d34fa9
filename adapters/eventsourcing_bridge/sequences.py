"""The library's sequences in a tenant's log: one stream for each originator and purpose.

How they are named, what a row of them is, and where they end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from eventsourcing.persistence import (
    DataError,
    ProgrammingError,
    StoredEvent,
)
from msgspec import Struct

from adapters.eventsourcing_bridge.log_events import TOPICS
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.patience import patiently
from domain.envelope import RecordedEvent
from domain.external.events import ExternalRecorded

EVENTS = "events"
"""The purpose of the sequences that followers are told of; the others are their reader's own."""

_KIND = "external-"
_DIGEST = "external.originator"


class Row(Struct, frozen=True):
    """An event that is to be recorded, and the stream that it belongs to."""

    stream: str
    data: ExternalRecorded


class Last(Struct, frozen=True):
    """The end of a stream: its version, and its last originator version (None: empty)."""

    version: int = 0
    originator_version: int | None = None


def is_told(stream: str) -> bool:
    """Whether followers are told of a stream's events: all but snapshots and the like."""
    return not stream.startswith(_KIND) or stream.startswith(f"{_KIND}{EVENTS}-")


async def streams_of(
    log: OpenLog, purpose: str, originator_ids: Iterable[UUID | str]
) -> dict[UUID | str, str]:
    """The streams of these originators.

    Streams stand in clear, and an id that is a text may be personal: a blind digest stands for it.
    """
    distinct = set(originator_ids)
    names: dict[UUID | str, str] = {each: str(each) for each in distinct if isinstance(each, UUID)}
    texts = [each for each in distinct if isinstance(each, str)]
    if texts:
        digests = await patiently(log, lambda: log.cipher.digests(log.id, _DIGEST, texts))
        names |= {text: digest.hex() for text, digest in zip(texts, digests, strict=True)}
    return {each: f"{_KIND}{purpose}-{name}" for each, name in names.items()}


def data_of(event: RecordedEvent) -> ExternalRecorded:
    """An event's data. Raises DataError where the tenant was erased."""
    if not isinstance(event.data, ExternalRecorded):
        raise DataError(f"event {event.position} of stream {event.stream} was erased")
    return event.data


async def last_of(log: OpenLog, names: Sequence[str]) -> dict[str, Last]:
    """The ends of these streams."""
    asked = [(name, 0) for name in names]
    heads = await patiently(log, lambda: log.store.stream_heads(log.id, asked))
    lasts = dict.fromkeys(names, Last())
    for name, head in zip(names, heads, strict=True):
        if head.number:
            lasts[name] = await _last(log, name, head.number)
    return lasts


async def _last(log: OpenLog, stream: str, version: int) -> Last:
    read = log.store.read_stream
    (event,) = await patiently(log, lambda: read(log.id, stream, version - 1, 1))
    return Last(version, data_of(event).originator_version)


async def rows_of(log: OpenLog, purpose: str, stored_events: Sequence[StoredEvent]) -> list[Row]:
    """The rows of events that are to be recorded. Raises ProgrammingError for a topic of ours."""
    names = await streams_of(log, purpose, (event.originator_id for event in stored_events))
    taken = {event.topic for event in stored_events} & TOPICS
    if taken:
        raise ProgrammingError(f"{taken.pop()!r} is a topic of Parley's own events")
    return [
        Row(
            names[event.originator_id],
            ExternalRecorded(
                str(event.originator_id),
                event.originator_version,
                event.topic,
                event.state,
                text_id=isinstance(event.originator_id, str),
            ),
        )
        for event in stored_events
    ]

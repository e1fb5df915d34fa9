"""Reading a tenant's log for the library: one originator's sequence, or the whole as notifications.

Everything is read in pages. What is filtered out is not kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from msgspec import Struct

from adapters.eventsourcing_bridge import log_events
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.patience import patiently
from adapters.eventsourcing_bridge.sequences import data_of, is_told
from domain.envelope import RecordedEvent
from domain.external.events import ExternalRecorded

PAGE_EVENTS = 500
"""Events read at a time: bounds memory, and how long one read takes."""


class Span(Struct, frozen=True):
    """Which part of a sequence is wanted, in the library's words.

    Versions beyond ``gt`` up to ``lte``, from the end where ``desc``, at most ``limit``.
    """

    gt: int | None = None
    lte: int | None = None
    desc: bool = False
    limit: int | None = None

    def holds(self, version: int) -> bool:
        """Whether an originator version lies within."""
        return (self.gt is None or version > self.gt) and (self.lte is None or version <= self.lte)

    def ends_before(self, version: int) -> bool:
        """Whether nothing more can come, once this version has."""
        bound = self.gt if self.desc else self.lte
        return bound is not None and (version <= bound if self.desc else version > bound)

    @property
    def page(self) -> int:
        """How many events are read at a time."""
        return PAGE_EVENTS if self.limit is None else max(1, min(PAGE_EVENTS, self.limit))


async def select_events(log: OpenLog, stream: str, span: Span) -> list[StoredEvent]:
    """The events of a sequence, in order or from the end."""
    found: list[StoredEvent] = []
    if span.limit is not None and span.limit <= 0:
        return found
    events = _backward(log, stream, span) if span.desc else _forward(log, stream, span)
    async for event in events:
        version = data_of(event).originator_version
        if span.ends_before(version):
            break
        if span.holds(version):
            found.append(stored_event(event))
            if len(found) == span.limit:
                break
    return found


async def _forward(log: OpenLog, stream: str, span: Span) -> AsyncIterator[RecordedEvent]:
    after = max(0, (span.gt or 0) - 1)
    page = await _page(log, stream, after, span.page)
    if after and not (page and data_of(page[0]).originator_version <= (span.gt or 0)):
        # Versions are left out here, so what is wanted may lie before this stream version.
        page = await _page(log, stream, 0, span.page)
    while page:
        for event in page:
            yield event
        page = await _page(log, stream, page[-1].version, span.page)


async def _backward(log: OpenLog, stream: str, span: Span) -> AsyncIterator[RecordedEvent]:
    (head,) = await patiently(log, lambda: log.store.stream_heads(log.id, [(stream, 0)]))
    upto = head.number
    if span.lte is not None:
        # Originator versions begin at 0 and rise, so they are never two behind the stream's.
        upto = max(0, min(upto, span.lte + 1))
    while upto > 0:
        after = max(0, upto - span.page)
        events: list[RecordedEvent] = []
        read = after
        while read < upto and (page := await _page(log, stream, read, upto - read)):
            events += page
            read = page[-1].version
        for event in reversed(events):
            yield event
        upto = after


async def _page(log: OpenLog, stream: str, after: int, limit: int) -> list[RecordedEvent]:
    return await patiently(log, lambda: log.store.read_stream(log.id, stream, after, limit))


def stored_event(event: RecordedEvent) -> StoredEvent:
    """An external event as the library has it."""
    data = data_of(event)
    return StoredEvent(_originator(data), data.originator_version, data.topic, data.state)


def _originator(data: ExternalRecorded) -> UUID | str:
    return data.originator_id if data.text_id else UUID(data.originator_id)


# --- notifications --------------------------------------------------------------------------


class Told(Struct, frozen=True):
    """Notifications of the log up to this position; ``upto`` counts those left out, too."""

    upto: int
    notifications: list[Notification]


async def read_notifications(
    log: OpenLog, after: int, topics: Collection[str], limit: int = PAGE_EVENTS
) -> Told:
    """The notifications on one page of the log, beyond a position."""
    page = await _log_page(log, after, limit)
    told = (notification(log, event) for event in page if is_told(event.stream))
    wanted = [each for each in told if not topics or each.topic in topics]
    return Told(page[-1].position if page else after, wanted)


async def select_notifications(
    log: OpenLog, after: int, limit: int, stop: int | None, topics: Collection[str]
) -> list[Notification]:
    """At most ``limit`` notifications beyond ``after``, up to ``stop``."""
    found: list[Notification] = []
    while len(found) < limit and (stop is None or after < stop):
        size = PAGE_EVENTS if topics else min(PAGE_EVENTS, limit - len(found))
        told = await read_notifications(log, after, topics, size)
        if told.upto == after:
            break
        found += [each for each in told.notifications if stop is None or each.id <= stop]
        after = told.upto
    return found[:limit]


async def max_notification_id(log: OpenLog) -> int | None:
    """The position of the last event that followers are told of."""
    (head,) = await patiently(log, lambda: log.store.heads([log.id]))
    upto, size = head.position, 1
    while upto > 0:
        after = max(0, upto - size)
        last, read = None, after
        while read < upto and (page := await _log_page(log, read, upto - read)):
            told = [event.position for event in page if is_told(event.stream)]
            last, read = (told[-1] if told else last), page[-1].position
        if last is not None:
            return last
        upto, size = after, PAGE_EVENTS
    return None


async def _log_page(log: OpenLog, after: int, limit: int) -> list[RecordedEvent]:
    return await patiently(log, lambda: log.store.read_log(log.id, after, limit))


def notification(log: OpenLog, event: RecordedEvent) -> Notification:
    """An event of the log as followers get it."""
    if isinstance(event.data, ExternalRecorded):
        stored = stored_event(event)
    else:
        state = log_events.state_of(event, log.form(event))
        stored = StoredEvent(event.stream, event.version, event.type, state)
    return Notification(
        stored.originator_id, stored.originator_version, stored.topic, stored.state, event.position
    )

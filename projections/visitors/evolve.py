"""How events change what is known of visitors. Pure.

Who was here when, and how often, is taken from the envelopes alone, so that an erasure leaves just
what a rebuild would find: that somebody was, and nothing of who.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from domain import streams
from domain.conversation.events import ConversationStarted, Page
from domain.envelope import RecordedEvent
from domain.visitor.events import PageViewed, VisitorIdentified
from domain.visitor.source import source_of
from domain.visitor.visits import begins_anew
from projections.visitors.rows import (
    EMPTY,
    Arrival,
    PageRow,
    View,
    VisitorRow,
    Visitors,
)

PAGE, STARTED, MESSAGE = "page.viewed", "conversation.started", "message.posted"
IDENTIFIED, ERASED = "visitor.identified", "visitor.erased"

TYPES = frozenset({PAGE, STARTED, MESSAGE, IDENTIFIED, ERASED})


def visitor_of(event: RecordedEvent) -> str | None:
    """Whom an event is about; None for what somebody else than a visitor said."""
    if event.type in {STARTED, MESSAGE}:
        return event.actor.id if event.actor.role == "visitor" else None
    return streams.visitor_id(event.stream)


def evolve(visitors: Visitors, events: Iterable[RecordedEvent]) -> Visitors:
    """The rows after the events."""
    rows, added, erased = dict(visitors.rows), [], set()
    for event in events:
        visitor = visitor_of(event)
        if visitor is None:
            continue
        row = rows.get(visitor) or VisitorRow(visitor, event.at, event.at)
        if event.type == ERASED:
            rows[visitor] = replace(row, erased=True, label=EMPTY)
            erased.add(visitor)
            continue
        if event.type != IDENTIFIED:  # the site's server says that, whenever it likes
            row = _active(row, event)
        rows[visitor] = row if row.erased else _told(row, event)
        if event.type == PAGE:
            added.append(_page(rows[visitor], event))
    gone = frozenset(erased)
    kept = tuple(replace(page, view=None) if page.visitor in gone else page for page in added)
    return Visitors(rows, kept, gone)


def _active(row: VisitorRow, event: RecordedEvent) -> VisitorRow:
    """What the envelope alone tells: that it did something, and what kind of thing."""
    row = replace(row, last_at=event.at, conversations=row.conversations + (event.type == STARTED))
    if event.type != PAGE:
        return row
    visits = row.visits + begins_anew(row.viewed_at, event.at)
    return replace(row, viewed_at=event.at, visits=visits, pages=row.pages + 1)


def _told(row: VisitorRow, event: RecordedEvent) -> VisitorRow:
    """What the event's data tells: who it is, and how it came."""
    data, label = event.data, row.label
    if isinstance(data, VisitorIdentified):
        return replace(row, label=replace(label, user=data.user))
    if not isinstance(data, PageViewed | ConversationStarted) or data.page is None:
        return row
    if label.arrival is not None:
        return row
    return replace(row, label=replace(label, arrival=_arrival(data.page, data.site)))


def _arrival(page: Page, site: str | None) -> Arrival:
    return Arrival(page.url, source_of(page), page.referrer, site)


def _page(row: VisitorRow, event: RecordedEvent) -> PageRow:
    data = event.data
    known = isinstance(data, PageViewed) and not row.erased
    view = View(data.page, data.site) if known else None
    return PageRow(row.id, event.position, event.at, row.visits, view)

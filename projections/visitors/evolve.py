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
from domain.visitor.events import (
    DeviceSeen,
    PageViewed,
    VisitorGreeted,
    VisitorIdentified,
    VisitorIntroduced,
    VisitorInvited,
)
from domain.visitor.source import INTERNAL, source_of
from domain.visitor.state import merged
from domain.visitor.visits import begins_anew
from projections.visitors.rows import (
    EMPTY,
    Arrival,
    Greeted,
    Invited,
    Label,
    PageRow,
    View,
    VisitorRow,
    Visitors,
)

PAGE, STARTED, MESSAGE = "page.viewed", "conversation.started", "message.posted"
ERASED = "visitor.erased"
SAID = frozenset(
    {
        "visitor.identified",
        "visitor.introduced",
        "visitor.device_seen",
        "visitor.greeted",
        "visitor.invited",
    }
)
"""What is told of a visitor, whoever does: nothing that it did itself."""

TYPES = frozenset({PAGE, STARTED, MESSAGE, ERASED, *SAID})


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
        before = row.visit_at
        if event.type not in SAID:
            row = _active(row, event)
        if not row.erased:
            row = replace(row, label=_told(row.label, event, anew=row.visit_at != before))
        rows[visitor] = row
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
    if begins_anew(row.viewed_at, event.at):
        row = replace(row, visits=row.visits + 1, visit_at=event.at)
    return replace(row, viewed_at=event.at, pages=row.pages + 1)


def _told(label: Label, event: RecordedEvent, *, anew: bool) -> Label:
    """What the event's data tells: who it is, and how it came. ``anew``: a visit begins with it."""
    match event.data:
        case VisitorIdentified() as data:
            return replace(label, user=data.user)
        case VisitorIntroduced() as data:
            return replace(label, known=merged(label.known or VisitorIntroduced(), data))
        case DeviceSeen() as data:
            return replace(label, device=data)
        case VisitorGreeted() as data:
            return replace(label, greeted=Greeted(data.rule, data.text, event.at))
        case VisitorInvited() as data:
            who = event.actor
            invited = Invited(data.invitation, data.text, event.at, who.id, who.name)
            return replace(label, invited=invited)
        case ConversationStarted() as data:
            return _came(replace(label, invited=None), data.page, data.site)
        case PageViewed() as data:
            label = _came(label, data.page, data.site)
            return _visited(label, _arrival(data.page, data.site)) if anew else label
        case _:
            return label


def _came(label: Label, page: Page | None, site: str | None) -> Label:
    """How it came the first time is how it came."""
    if label.arrival is not None or page is None:
        return label
    return replace(label, arrival=_arrival(page, site))


def _visited(label: Label, arrival: Arrival) -> Label:
    """Who reads on after a pause still comes from where it came, as reports have it."""
    if arrival.source.medium == INTERNAL and label.visit is not None:
        arrival = replace(label.visit, url=arrival.url, site=arrival.site)
    return replace(label, visit=arrival)


def _arrival(page: Page, site: str | None) -> Arrival:
    return Arrival(page.url, source_of(page), page.referrer, site)


def _page(row: VisitorRow, event: RecordedEvent) -> PageRow:
    data = event.data
    known = isinstance(data, PageViewed) and not row.erased
    view = View(data.page, data.site) if known else None
    return PageRow(row.id, event.position, event.at, row.visits, view)

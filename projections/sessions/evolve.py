"""How events change session views. Pure.

What an erasure leaves must be what a rebuild would find: so all that stands in clear is taken from
the event's envelope, which stays, and all that came out of its data goes when that is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from domain import streams
from domain.conversation import events as e
from domain.envelope import MARK_BYTES, Actor, RecordedEvent
from domain.routing.serving import served
from domain.visitor.events import VisitorIdentified, VisitorIntroduced
from projections.sessions.rows import (
    EMPTY,
    LAST_TEXT,
    Called,
    Label,
    Last,
    SessionRow,
    Sessions,
)
from projections.unfit import evolved

_ACTIVITY = frozenset({"message.posted", "conversation.closed", "conversation.reopened"})
"""What moves ``last_at``."""

TYPES = frozenset(
    {
        "conversation.started",
        "message.posted",
        "note.added",
        "message.read",
        "message.delivered",
        "conversation.assigned",
        "conversation.transferred",
        "conversation.tagged",
        "conversation.closed",
        "conversation.reopened",
        "conversation.rated",
        "conversation.missed",
        "conversation.unanswered",
        "conversation.erased",
        "visitor.identified",
        "visitor.introduced",
        "visitor.erased",
    }
)
"""All of a conversation's events, since each raises its version, and who visitors are."""


def evolve(sessions: Sessions, events: Iterable[RecordedEvent]) -> Sessions:
    """The views after the events. Raises LookupError for a conversation without a beginning."""
    rows, users = dict(sessions.rows), dict(sessions.users)
    for event in events:
        conversation = streams.conversation_id(event.stream)
        if conversation is not None:
            row = rows.get(conversation) or _started(conversation, event, users)
            rows[conversation] = _moved(row, event, users.get(row.visitor, Called()))
        else:
            _visitor(event, rows, users)
    return Sessions(rows, users)


def folded_over(sessions: Sessions, events: Collection[RecordedEvent]) -> Sessions:
    """The views after the events, without those that the engine would step over.

    It passes what is not of the views or damaged, and parks what cannot be folded.
    """
    fit = [event for event in events if event.type in TYPES and not event.damaged]
    return evolved(evolve, sessions, fit)[0]


def _visitor(event: RecordedEvent, rows: dict[str, SessionRow], users: dict[str, Called]) -> None:
    visitor = streams.visitor_id(event.stream)
    called = users.get(visitor, Called())
    match event.data:
        case VisitorIdentified(user=user):
            called = replace(called, user=user)
        case VisitorIntroduced(name=name):
            called = replace(called, name=called.name if name is None else name or None)
        case _:
            users.pop(visitor, None)
            return
    users[visitor] = called
    for name, row in rows.items():
        if row.visitor == visitor and row.status != "erased":
            rows[name] = replace(row, label=replace(row.label, visitor_name=called.shown))


def visitor_of(started: RecordedEvent) -> str:
    """Whose conversation begins here. After an erasure the envelope tells it: who began it."""
    return started.actor.id if started.data is None else started.data.visitor


def _started(conversation: str, event: RecordedEvent, users: dict[str, Called]) -> SessionRow:
    if event.type != "conversation.started":
        raise LookupError("a conversation does not begin with its start")
    visitor = visitor_of(event)
    return SessionRow(
        id=conversation,
        visitor=visitor,
        status="open",
        assignee=None,
        department=None,
        started_at=event.at,
        last_at=event.at,
        version=0,
        mark=b"",
        position=0,
        label=Label(visitor_name=users.get(visitor, Called()).shown),
    )


def _moved(row: SessionRow, event: RecordedEvent, called: Called) -> SessionRow:
    row = _in_clear(row, event)
    if event.data is None or row.status == "erased":
        return erased(row)
    # Whom the site vouches for goes by that name, whatever it calls itself: so the two orders in
    # which a reader may learn both come to the same.
    vouched = event.actor.name if event.actor.role == "visitor" else None
    name = called.user or vouched or called.name
    if name is not None and name != row.label.visitor_name:
        row = replace(row, label=replace(row.label, visitor_name=name))
    return _told(row, event)


def _in_clear(row: SessionRow, event: RecordedEvent) -> SessionRow:
    """What the envelope alone tells, after an erasure too."""
    access = event.metadata.after
    posted = event.type == "message.posted"
    by_visitor = posted and event.actor.role == "visitor"
    return replace(
        row,
        version=event.version,
        mark=event.hash[:MARK_BYTES],
        position=event.position,
        assignee=row.assignee if access is None else access.assignee,
        department=row.department if access is None else access.department,
        last_at=event.at if event.type in _ACTIVITY else row.last_at,
        last_message_version=event.version if posted else row.last_message_version,
        last_visitor_version=event.version if by_visitor else row.last_visitor_version,
        **served(row, event),
    )


def erased(row: SessionRow) -> SessionRow:
    """What is left of a view when its visitor was erased."""
    return replace(
        row,
        status="erased",
        visitor_read=0,
        reads={},
        rating=None,
        channel=None,
        invited=False,
        queued_at=None,
        served_at=None,
        unanswered_at=None,
        unreminded_at=None,
        unreminded_version=0,
        missed=None,
        label=EMPTY,
    )


def _told(row: SessionRow, event: RecordedEvent) -> SessionRow:
    """What the event's data tells. A note tells nothing beyond the envelope."""
    data, label = event.data, row.label
    match data:
        case e.ConversationStarted():
            label = replace(label, language=data.language, skills=data.skills)
            invited = data.invitation is not None
            return replace(row, channel=data.channel, invited=invited, label=label)
        case e.MessagePosted():
            said = data.body.text or (data.file.name if data.file is not None else "")
            last = Last(said[:LAST_TEXT], event.actor.role, event.at)
            return replace(row, label=replace(label, last=last))
        case e.MessageRead():
            return _read(row, event.actor, data.upto)
        case e.ConversationAssigned() | e.ConversationTransferred():
            return replace(row, label=replace(label, assignee_name=data.name))
        case e.ConversationTagged():
            return replace(row, label=replace(label, tags=data.tags))
        case e.ConversationClosed():
            return replace(row, status="closed")
        case e.ConversationReopened():
            return replace(row, status="open")
        case e.ConversationRated():
            return replace(row, rating=data.rating, label=replace(label, comment=data.comment))
        case e.ConversationErased():
            return erased(row)
        case _:
            return row


def _read(row: SessionRow, reader: Actor, upto: int) -> SessionRow:
    if reader.role == "visitor":
        return replace(row, visitor_read=max(row.visitor_read, upto))
    return replace(row, reads={**row.reads, reader.id: max(row.reads.get(reader.id, 0), upto)})

"""How a conversation's events change its fact. Pure.

Times, numbers and who served it come from the envelopes alone. ``definitions`` says when the clocks
start and stop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from domain.conversation import events as e
from domain.envelope import RecordedEvent
from domain.visitor.visits import begins_anew
from projections.analytics.folding import Folding
from projections.analytics.rows import Fact, FactLabel, Took
from projections.analytics.visits import source_text
from projections.sessions.evolve import visitor_of

TYPES = frozenset(
    {
        "conversation.started",
        "message.posted",
        "conversation.assigned",
        "conversation.transferred",
        "conversation.tagged",
        "conversation.closed",
        "conversation.reopened",
        "conversation.rated",
        "conversation.erased",
    }
)

_COUNTED = {
    "visitor": "visitor_messages",
    "agent": "agent_messages",
    "bot": "bot_messages",
}
"""By whose role a message is counted where."""


def fold(folding: Folding, conversation: str, event: RecordedEvent) -> None:
    """Fold one event of a conversation. Raises LookupError where its start is missing."""
    fact = folding.facts.get(conversation)
    if fact is None:
        fact = _started(folding, conversation, event)
        folding.begin(fact)
    else:
        fact = _moved(folding, fact, event)
    folding.facts[conversation] = _told(fact, event)


def _started(folding: Folding, conversation: str, event: RecordedEvent) -> Fact:
    if event.type != "conversation.started":
        raise LookupError("a conversation does not begin with its start")
    data, access = event.data, event.metadata.after
    return Fact(
        conversation=conversation,
        visitor=visitor_of(event),
        begun=event.position,
        position=event.position,
        own_position=event.position,
        started_at=event.at,
        department=None if access is None else access.department,
        site=None if data is None else data.site,
        label=FactLabel(None if data is None else _source(folding, data, event.at)),
    )


def _source(folding: Folding, data: e.ConversationStarted, at: datetime) -> str | None:
    """That of the visit in which it began, else of the page that came with its start."""
    visit = folding.last_visit(data.visitor)
    if visit is not None and visit.label is not None and not begins_anew(visit.ended_at, at):
        return visit.label.source
    return None if data.page is None else source_text(data.page)


def _moved(folding: Folding, fact: Fact, event: RecordedEvent) -> Fact:
    """What the envelope tells, which stays after an erasure."""
    changes: dict[str, Any] = {}
    if event.type != "conversation.erased":
        changes = {"position": event.position, "own_position": event.position}
    match event.type:
        case "message.posted":
            changes |= _posted(folding, fact, event)
        case "conversation.assigned":
            pass
        case "conversation.transferred":
            changes["transfers"] = fact.transfers + 1
        case "conversation.closed":
            changes |= {"status": "closed", "closed_at": event.at}
            changes["resolution"] = folding.took(fact.started_at, event.at)
        case "conversation.reopened":
            changes |= {"status": "open", "closed_at": None, "resolution": None}
            changes["reopenings"] = fact.reopenings + 1
    return replace(fact, **changes, **_served(folding, fact, event))


def _posted(folding: Folding, fact: Fact, event: RecordedEvent) -> dict[str, Any]:
    counted = _COUNTED.get(event.actor.role)
    if counted is None:
        return {}
    changes: dict[str, Any] = {counted: getattr(fact, counted) + 1}
    if counted == "visitor_messages" and fact.asked_at is None:
        changes["asked_at"] = event.at
    if counted == "agent_messages" and fact.answered_at is None:
        changes["answered_at"] = event.at
        changes["first_response"] = folding.took(_asked(fact), event.at)
    return changes


def _served(folding: Folding, fact: Fact, event: RecordedEvent) -> dict[str, Any]:
    """Who serves it from now on, and what that does to the clocks of wait and handling."""
    access = event.metadata.after
    if access is None:
        return {}
    changes: dict[str, Any] = {"department": access.department}
    is_open = event.type != "conversation.closed" and (
        fact.status == "open" or event.type == "conversation.reopened"
    )
    if access.assignee is not None:
        changes["agent"] = access.assignee
        if fact.assigned_at is None:
            changes["assigned_at"] = event.at
            changes["wait"] = folding.took(_asked(fact), event.at)
    serves = is_open and access.assignee is not None
    if serves and fact.serving_since is None:
        changes["serving_since"] = event.at
    elif not serves and fact.serving_since is not None:
        changes["serving_since"] = None
        changes["handling"] = _more(fact.handling, folding.took(fact.serving_since, event.at))
    return changes


def _asked(fact: Fact) -> datetime:
    """From when on the visitor has waited."""
    return fact.asked_at or fact.started_at


def _more(sum_: Took | None, took: Took) -> Took:
    return took if sum_ is None else Took(sum_.ms + took.ms, sum_.business_ms + took.business_ms)


def _told(fact: Fact, event: RecordedEvent) -> Fact:
    """What the event's data tells; nothing any more once it is gone."""
    data = event.data
    if data is None or isinstance(data, e.ConversationErased) or fact.erased:
        return erased(fact)
    if isinstance(data, e.ConversationRated):
        return replace(fact, rating=data.rating)
    if isinstance(data, e.ConversationTagged) and fact.label is not None:
        return replace(fact, label=replace(fact.label, tags=data.tags))
    return fact


def erased(fact: Fact) -> Fact:
    """What is left of a fact when its visitor was erased; of goals not even when they were."""
    gone: dict[str, Any] = {"site": None, "goals": 0, "rating": None, "label": None}
    return replace(fact, erased=True, position=fact.own_position, **gone)

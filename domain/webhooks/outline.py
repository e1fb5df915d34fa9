"""What may be kept of a conversation between two deliveries: nothing that a person wrote.

It is folded by what stands in clear in the store, and knows which events tell the rest.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import RecordedEvent


class Outline(Struct, frozen=True):
    """What of a conversation at one of its versions stands in clear in the store too.

    Times are microseconds since 1970; 0 is never. The last six fields are the versions of the
    events that tell the rest: 0 is none.
    """

    conversation: str
    version: int = 0
    visitor: str = ""
    status: str = "open"
    assignee: str | None = None
    team: str | None = None
    erased: bool = False
    started_at: int = 0
    last_at: int = 0
    first_reply_at: int = 0
    waiting_since: int = 0
    agent_seen_at: int = 0
    visitor_seen_at: int = 0
    unread: int = 0
    started: int = 0
    named: int = 0
    assigned: int = 0
    tagged: int = 0
    rated: int = 0
    said: int = 0

    @property
    def telling(self) -> frozenset[int]:
        """The versions of the events that tell what is not in here."""
        places = (self.started, self.named, self.assigned, self.tagged, self.rated, self.said)
        return frozenset(places) - {0}


def evolve(outline: Outline, event: RecordedEvent) -> Outline:
    """The outline after one more event, of which only the envelope is looked at."""
    access, at = event.metadata.after, event.recorded_at
    outline = replace(
        outline,
        version=event.version,
        last_at=at,
        assignee=None if access is None else access.assignee,
        team=None if access is None else access.department,
    )
    if event.actor.role == "visitor":
        named = event.version if event.actor.name else outline.named
        outline = replace(outline, visitor=event.actor.id, named=named, visitor_seen_at=at)
    elif event.actor.role == "agent":
        outline = replace(outline, agent_seen_at=at, unread=0)
    return _by_type(outline, event)


def _by_type(outline: Outline, event: RecordedEvent) -> Outline:
    version = event.version
    match event.type:
        case "conversation.started":
            return replace(outline, started=version, started_at=event.recorded_at)
        case "message.posted":
            return replace(_said(outline, event), said=version)
        case "conversation.assigned" | "conversation.transferred":
            return replace(outline, assigned=version)
        case "conversation.tagged":
            return replace(outline, tagged=version)
        case "conversation.rated":
            return replace(outline, rated=version)
        case "conversation.closed":
            return replace(outline, status="resolved")
        case "conversation.reopened":
            return replace(outline, status="open")
        case "conversation.erased":
            nothing = dict.fromkeys(("started", "named", "assigned", "tagged", "rated", "said"), 0)
            return replace(outline, erased=True, **nothing)
        case _:
            return outline


def _said(outline: Outline, event: RecordedEvent) -> Outline:
    """Who waits for whom after a message."""
    at = event.recorded_at
    if event.actor.role == "visitor":
        since, unread = outline.waiting_since or at, outline.unread + 1
        return replace(outline, waiting_since=since, unread=unread)
    return replace(outline, first_reply_at=outline.first_reply_at or at, waiting_since=0)

"""Since when a conversation waits, and for what: told by its events alone. Pure.

Session views keep it and the router decides by it, with this one fold: so the router may begin
from a view, at the position that it reflects, and go on by the events behind.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from domain.conversation.events import ConversationMissed
from domain.envelope import RecordedEvent

BEGINNING = frozenset({"conversation.started", "conversation.reopened"})
_PLACING = BEGINNING | {"conversation.assigned", "conversation.transferred"}
_OVER: dict[str, Any] = {
    "queued_at": None,
    "served_at": None,
    "unanswered_at": None,
    "unreminded_at": None,
    "unreminded_version": 0,
}
_REMINDED: dict[str, Any] = {"unreminded_at": None, "unreminded_version": 0}
_ANSWERED: dict[str, Any] = {"unanswered_at": None, "missed": None, **_REMINDED}


class Served(Protocol):
    """What this fold goes on from; every time is None where it is not so.

    ``queued_at``: since when nobody serves it; ``served_at``: since when its assignee does;
    ``unanswered_at``: since when the visitor waits for an answer; ``unreminded_at``: the same since
    the last reminder, from the message at ``unreminded_version`` on (else 0). ``missed``: why
    nobody answered, until somebody does or it begins again.
    """

    @property
    def queued_at(self) -> datetime | None: ...

    @property
    def served_at(self) -> datetime | None: ...

    @property
    def unanswered_at(self) -> datetime | None: ...

    @property
    def unreminded_at(self) -> datetime | None: ...

    @property
    def unreminded_version(self) -> int: ...

    @property
    def missed(self) -> str | None: ...


def served(before: Served, event: RecordedEvent) -> dict[str, Any]:
    """The fields that an event of the conversation changes.

    All but why it was missed comes of the envelope, which stays after an erasure.
    """
    if event.type == "message.posted":
        return _posted(before, event)
    if event.type in _PLACING:
        return _placed(before, event)
    match event.type:
        case "conversation.closed":
            return _OVER
        case "conversation.unanswered":
            return _REMINDED
        case "conversation.missed" if isinstance(event.data, ConversationMissed):
            return {"missed": event.data.reason}
        case _:
            return {}


def _posted(before: Served, event: RecordedEvent) -> dict[str, Any]:
    if event.actor.role == "agent":
        waits = before.unanswered_at or before.unreminded_at or before.missed
        return _ANSWERED if waits else {}
    if event.actor.role != "visitor":
        return {}
    changed: dict[str, Any] = {}
    if before.unanswered_at is None:
        changed["unanswered_at"] = event.at
    if before.unreminded_at is None:
        changed |= {"unreminded_at": event.at, "unreminded_version": event.version}
    return changed


def _placed(before: Served, event: RecordedEvent) -> dict[str, Any]:
    """Whoever is passed on while nobody serves it keeps its place in time."""
    access = event.metadata.after
    changed: dict[str, Any] = {"queued_at": None, "served_at": event.at}
    if access is None or access.assignee is None:
        changed = {"queued_at": before.queued_at or event.at, "served_at": None}
    return {**changed, "missed": None} if event.type in BEGINNING else changed

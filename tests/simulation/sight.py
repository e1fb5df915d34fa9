"""Who may see what, said once more and by itself: what the product shows is judged by this.

It must share no line with ``domain/visibility.py`` and ``domain/access.py``: a mistake there would
hide itself. Written from ``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from domain.envelope import Access, RecordedEvent
from tests.simulation.history import Committed, Reader

VISITOR_FIELDS = {
    "conversation.started": {"visitor", "page"},
    "message.posted": {"message", "body"},
    "message.read": {"upto"},
    "message.delivered": {"upto"},
    "conversation.assigned": {"agent", "name"},
    "conversation.transferred": {"agent", "name"},
    "conversation.closed": set(),
    "conversation.reopened": set(),
    "conversation.rated": {"rating", "comment"},
    "conversation.erased": set(),
}
"""What a visitor sees of its own conversation: event types, and fields of each."""

AGENT_FIELDS = {
    **VISITOR_FIELDS,
    "conversation.started": {"visitor", "department", "page", "site"},
    "conversation.transferred": {"agent", "name", "department"},
    "note.added": {"note", "body"},
    "conversation.tagged": {"tags"},
    "visitor.identified": {"user"},
    "visitor.erased": set(),
    "page.viewed": {"page", "site"},
    "agent.created": {"name", "role", "departments"},
    "agent.rights_changed": {"role", "departments"},
    "agent.status_changed": {"status"},
    "agent.deactivated": set(),
    "tenant.site_added": {"site"},
    "tenant.site_changed": {"site"},
    "tenant.hours_changed": set(),
}
"""What an agent sees of what it may read, in a conversation's feed and in its inbox."""


CHANGES_OF_RIGHTS = frozenset({"agent.created", "agent.rights_changed", "agent.deactivated"})
"""From each of these on an agent may see something else."""


class Right(Struct, frozen=True):
    """What an agent may read, from a position of the log on and a moment on, by which event.

    One that is not ``active`` was deactivated and reads nothing.
    """

    position: int
    at: float
    limited: bool
    departments: frozenset[str]
    agent: str
    event: UUID = UUID(int=0)
    active: bool = True

    def reads(self, access: Access | None) -> bool:
        """Whether a conversation that stands there may be read."""
        if access is None or not self.active:
            return False
        if not self.limited:
            return True
        return access.assignee == self.agent or access.department in self.departments

    def touches(self, event: RecordedEvent) -> bool:
        """Whether an event is of a conversation that may be read before it, or after it."""
        return self.reads(event.metadata.before) or self.reads(event.metadata.after)


def rights_of(agent: str, log: Sequence[Committed]) -> list[Right]:
    """All rights that an agent ever had, in order."""
    return [
        _right(agent, each)
        for each in log
        if each.event.stream == f"agent-{agent}" and each.event.type in CHANGES_OF_RIGHTS
    ]


def _right(agent: str, each: Committed) -> Right:
    """The right that an event gives, or leaves."""
    event, none = each.event, frozenset[str]()
    if event.type == "agent.deactivated":
        return Right(event.position, each.at, True, none, agent, event.id, active=False)
    limited, departments = event.data.role == "limited", frozenset(event.data.departments)
    return Right(event.position, each.at, limited, departments, agent, event.id)


def fields_of(reader: Reader, event_type: str) -> set[str] | None:
    """The fields that a reader is shown at most; None: not even that it happened."""
    table = VISITOR_FIELDS if reader.role == "visitor" else AGENT_FIELDS
    return table.get(event_type)


def is_for_visitor(event: RecordedEvent) -> bool:
    """Whether a visitor is shown an event of its own conversation."""
    if event.type not in VISITOR_FIELDS:
        return False
    if event.type not in ("message.read", "message.delivered") or event.actor.role == "visitor":
        return True
    access = event.metadata.after
    return access is not None and access.assignee == event.actor.id


def is_in_inbox(event: RecordedEvent, right: Right) -> bool:
    """Whether an agent with this right has the event in its inbox."""
    if event.type not in AGENT_FIELDS or not right.active:
        return False
    kind = event.stream.partition("-")[0]
    if kind == "conversation":
        return right.touches(event)
    if kind == "visitor":
        return not right.limited or right.touches(event)
    return True

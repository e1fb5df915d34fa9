"""Which events may be sent, in which format: those of a conversation that an agent may see.

A format is a shape of the body. ``standard`` has every such event as agents see it, ``chatwoot``
those for which Chatwoot has a name.
"""

from __future__ import annotations

from typing import Final

from domain.conversation import events as conversation
from domain.event_types import REGISTRY
from domain.visibility import VISIBLE

STANDARD = "standard"
CHATWOOT = "chatwoot"

CHATWOOT_NAMES: Final[dict[str, str]] = {
    "conversation.started": "conversation_created",
    "message.posted": "message_created",
    "note.added": "message_created",
    "conversation.assigned": "conversation_updated",
    "conversation.transferred": "conversation_updated",
    "conversation.tagged": "conversation_updated",
    "conversation.rated": "conversation_updated",
    "conversation.erased": "conversation_updated",
    "conversation.closed": "conversation_status_changed",
    "conversation.reopened": "conversation_status_changed",
}
"""What Chatwoot calls each event. It has nothing for what is not here."""

SENDABLE: Final[dict[str, frozenset[str]]] = {
    STANDARD: frozenset(
        each.name
        for each in REGISTRY
        if each.cls.__module__ == conversation.__name__ and VISIBLE[each.name].agent is not None
    ),
    CHATWOOT: frozenset(CHATWOOT_NAMES),
}
"""The event types of each format."""


def wants(format_: str, types: tuple[str, ...], event_type: str) -> bool:
    """Whether a webhook of this format, with these wishes, is sent an event of this type."""
    return event_type in SENDABLE[format_] and (not types or event_type in types)

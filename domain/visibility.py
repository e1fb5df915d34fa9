"""Who sees what: one table, event type by event type and field by field.

What is not in the table is not shown. The visitor's column speaks of the visitor whose
conversation it is; the agent's of an agent that may read the conversation (``domain.access``).
``docs/protocol.md`` carries the same table, and a test holds the two together.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.envelope import Actor, RecordedEvent


class Audience(Enum):
    """For whom an event is written out. Its bytes are the same for everybody in an audience."""

    VISITOR = "visitor"
    AGENT = "agent"


class Shown(Struct, frozen=True):
    """The fields of an event's data that each audience sees; None: not even that it happened.

    ``inbox``: the event belongs into agents' inboxes.
    """

    visitor: tuple[str, ...] | None
    agent: tuple[str, ...] | None
    inbox: bool = True


NOBODY = Shown(visitor=None, agent=None, inbox=False)

VISIBLE: dict[str, Shown] = {
    "conversation.started": Shown(
        visitor=("visitor", "page", "channel", "language", "greeting", "invitation"),
        agent=(
            "visitor",
            "department",
            "page",
            "site",
            "channel",
            "language",
            "skills",
            "reception",
            "greeting",
            "invitation",
        ),
    ),
    "message.posted": Shown(visitor=("message", "body", "file"), agent=("message", "body", "file")),
    "note.added": Shown(visitor=None, agent=("note", "body", "file")),
    "message.read": Shown(visitor=("upto",), agent=("upto",)),
    "message.delivered": Shown(visitor=("upto",), agent=("upto",)),
    "conversation.assigned": Shown(visitor=("agent", "name"), agent=("agent", "name", "reason")),
    "conversation.transferred": Shown(
        visitor=("agent", "name"), agent=("agent", "name", "department", "reason")
    ),
    "conversation.tagged": Shown(visitor=None, agent=("tags",)),
    "conversation.closed": Shown(visitor=(), agent=()),
    "conversation.reopened": Shown(visitor=(), agent=()),
    "conversation.rated": Shown(visitor=("rating", "comment"), agent=("rating", "comment")),
    "conversation.missed": Shown(visitor=None, agent=("reason",)),
    "conversation.unanswered": Shown(visitor=None, agent=("upto", "after_s")),
    "conversation.erased": Shown(visitor=(), agent=()),
    "visitor.identified": Shown(visitor=None, agent=("user",)),
    "visitor.introduced": Shown(visitor=None, agent=("name", "email", "phone", "attributes")),
    "visitor.greeted": Shown(visitor=None, agent=("rule", "text")),
    "visitor.invited": Shown(visitor=None, agent=("invitation", "text")),
    "visitor.device_seen": Shown(
        visitor=None,
        agent=(
            "browser",
            "browser_version",
            "os",
            "os_version",
            "device",
            "language",
            "country",
            "region",
            "city",
            "address",
        ),
    ),
    "page.viewed": Shown(visitor=None, agent=("page", "site")),
    "visitor.conversation_opened": NOBODY,
    "visitor.conversation_ended": NOBODY,
    "visitor.erased": Shown(visitor=None, agent=()),
    "identity.bound": NOBODY,
    "agent.created": Shown(visitor=None, agent=("name", "role", "departments")),
    "agent.rights_changed": Shown(visitor=None, agent=("role", "departments")),
    "agent.profile_changed": Shown(visitor=None, agent=("name", "capacity", "skills")),
    "agent.password_changed": NOBODY,
    "agent.status_changed": Shown(visitor=None, agent=("status", "automatic", "reason")),
    "agent.deactivated": Shown(visitor=None, agent=()),
    "agent.signed_in": NOBODY,
    "agent.sign_in_failed": NOBODY,
    "agent.signed_out": NOBODY,
    "email.bound": NOBODY,
    "tenant.created": NOBODY,
    "tenant.site_added": Shown(visitor=None, agent=("site",)),
    "tenant.site_changed": Shown(visitor=None, agent=("site",)),
    "tenant.site_removed": Shown(visitor=None, agent=("site",)),
    "tenant.site_restored": Shown(visitor=None, agent=("site",)),
    "tenant.site_secret_rotated": Shown(visitor=None, agent=("site",)),
    "tenant.api_key_created": NOBODY,
    "tenant.api_key_revoked": NOBODY,
    "tenant.webhook_added": NOBODY,
    "tenant.webhook_changed": NOBODY,
    "tenant.webhook_secret_rotated": NOBODY,
    "tenant.webhook_disabled": NOBODY,
    "tenant.webhook_enabled": NOBODY,
    "tenant.webhook_removed": NOBODY,
    "tenant.hours_changed": Shown(visitor=None, agent=()),
    "tenant.goal_added": NOBODY,
    "tenant.goal_changed": NOBODY,
    "tenant.goal_removed": NOBODY,
    "tenant.department_defined": Shown(visitor=None, agent=("department",)),
    "tenant.department_removed": Shown(visitor=None, agent=("department",)),
    "tenant.reply_defined": Shown(visitor=None, agent=("reply",)),
    "tenant.reply_removed": Shown(visitor=None, agent=("reply",)),
    "tenant.welcome_defined": Shown(visitor=None, agent=("rule",)),
    "tenant.welcome_removed": Shown(visitor=None, agent=("rule",)),
    "tenant.reception_defined": Shown(visitor=None, agent=("rule",)),
    "tenant.reception_removed": Shown(visitor=None, agent=("rule",)),
    "tenant.status_defined": Shown(visitor=None, agent=("status",)),
    "tenant.status_removed": Shown(visitor=None, agent=("status",)),
    "tenant.routing_changed": Shown(visitor=None, agent=()),
    "tenant.tags_changed": Shown(visitor=None, agent=()),
    "tenant.appearance_changed": Shown(visitor=None, agent=("site",)),
    "file.stored": NOBODY,
    "file.shared": NOBODY,
    "external.recorded": NOBODY,
}
"""The table. Every registered event type stands in it; a test sees to that."""

MARKS = ("message.read", "message.delivered")
"""How far somebody has got: of agents, for visitors only when the agent serves them."""

OF_A_CONVERSATION = ("conversation-", "visitor-")
"""Streams whose events only those agents see who may read the conversation named by Access."""


class ClientEvent(Struct, frozen=True, omit_defaults=True):
    """An event as clients see it. ``data`` is null in one that was erased or is damaged."""

    id: UUID
    type: str
    stream: str
    version: int
    at: datetime
    actor: Actor
    data: Any
    position: int | UnsetType = UNSET
    erased: bool = False
    damaged: bool = False


_encoder = msgspec.json.Encoder()
_VISITORS = {name: shown.visitor for name, shown in VISIBLE.items()}
_AGENTS = {name: shown.agent for name, shown in VISIBLE.items()}


def _fields(type_: str, audience: Audience) -> tuple[str, ...] | None:
    """The fields that an audience sees; asked several times an event."""
    return (_VISITORS if audience is Audience.VISITOR else _AGENTS).get(type_)


def is_shown(event: RecordedEvent, audience: Audience) -> bool:
    """Whether this audience learns of the event at all.

    Of agents' marks a visitor learns only those of the agent that serves it.
    """
    if _fields(event.type, audience) is None:
        return False
    if event.type in MARKS and audience is Audience.VISITOR:
        return event.actor.role == "visitor" or _serves(event)
    return True


def _serves(event: RecordedEvent) -> bool:
    access = event.metadata.after
    return access is not None and access.assignee == event.actor.id


def in_inbox(event: RecordedEvent) -> bool:
    """Whether the event belongs into agents' inboxes, as far as its type says."""
    shown = VISIBLE.get(event.type)
    return shown is not None and shown.inbox


def client_event(event: RecordedEvent, audience: Audience) -> ClientEvent:
    """The event as this audience sees it. Only for events that it is shown."""
    fields = _fields(event.type, audience)
    assert fields is not None
    return ClientEvent(
        id=event.id,
        type=event.type,
        stream=event.stream,
        version=event.version,
        at=event.at,
        actor=event.actor,
        data=None if event.data is None else _only(event.data, fields),
        position=event.position if audience is Audience.AGENT else UNSET,
        erased=event.data is None and not event.damaged,
        damaged=event.damaged,
    )


def _only(data: Struct, fields: tuple[str, ...]) -> Any:
    """The data itself where all of it may be seen, else a copy of what may."""
    if len(fields) == len(data.__struct_fields__):
        return data
    form = msgspec.to_builtins(data)
    return {name: form[name] for name in fields if name in form}


def encode(event: RecordedEvent, audience: Audience) -> bytes:
    """The event's JSON for this audience. Only for events that it is shown."""
    return _encoder.encode(client_event(event, audience))


def differs(event: RecordedEvent) -> bool:
    """Whether agents see other data of it than its visitor, who does not see the position."""
    return _fields(event.type, Audience.VISITOR) != _fields(event.type, Audience.AGENT)


def with_position(shown: bytes, event: RecordedEvent) -> bytes:
    """What an agent sees of an event, made of what its visitor sees, where only that differs."""
    return b'%b,"position":%d}' % (shown[:-1], event.position)

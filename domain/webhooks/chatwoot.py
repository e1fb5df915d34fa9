"""The body of a webhook with Chatwoot's names and shapes, for receivers that were built for it.

As close as the two products are: ids are texts here, and what Parley does not have is null or
empty. ``docs/webhooks.md`` lists the differences. Shapes follow Chatwoot's own presenters
(``app/presenters/conversations/event_data_presenter.rb``, ``app/listeners/webhook_listener.rb``,
``Message#webhook_data``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from domain.envelope import RecordedEvent
from domain.tenant.state import Tenant
from domain.webhooks.catalogue import CHATWOOT_NAMES
from domain.webhooks.threads import Person, Thread

CHANNEL = "Channel::WebWidget"
_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Form = dict[str, Any]

_encoder = msgspec.json.Encoder()


def body(event: RecordedEvent, before: Thread, tenant: Tenant) -> bytes:
    """An event of a conversation that stood as ``before`` when it happened."""
    after = before.after(event)
    name = CHATWOOT_NAMES[event.type]
    around = {
        "inbox": _inbox(after, tenant),
        "account": {"id": str(event.log), "name": tenant.name},
        "event": name,
    }
    if name == "message_created":
        message = _message(event)
        told = message | {"sender": _sender(event, after), "conversation": _conversation(after)}
    else:
        told = _conversation(after)
    if name in {"conversation_updated", "conversation_status_changed"}:
        told["changed_attributes"] = _changes(before, after)
    return _encoder.encode(told | around)


def ping(log: UUID, tenant: str, at: datetime) -> bytes:
    """What is sent to see whether a webhook answers; Chatwoot has nothing of the kind."""
    account = {"id": str(log), "name": tenant}
    return _encoder.encode({"event": "ping", "account": account, "created_at": at})


def _message(event: RecordedEvent) -> Form:
    """A message, or a note, which Chatwoot calls private. Without its text where it was erased."""
    text = None if event.data is None else event.data.body.text
    incoming = event.actor.role == "visitor"
    return {
        "id": str(event.metadata.command),
        "content": text,
        "created_at": event.at,
        "message_type": "incoming" if incoming else "outgoing",
        "content_type": "text",
        "content_attributes": {"deleted": True} if event.data is None else {},
        "private": event.type == "note.added",
        "source_id": None,
        "additional_attributes": {},
    }


def _sender(event: RecordedEvent, thread: Thread) -> Form:
    if event.actor.role == "visitor":
        return _contact(thread.visitor)
    return _user(Person(event.actor.id, event.actor.name))


def _contact(who: Person) -> Form:
    return {
        "id": who.id,
        "name": who.name,
        "email": None,
        "phone_number": None,
        "identifier": None,
        "thumbnail": "",
        "additional_attributes": {},
        "custom_attributes": {},
        "type": "contact",
    }


def _user(who: Person) -> Form:
    return {"id": who.id, "name": who.name, "email": None, "type": "user"}


def _inbox(thread: Thread, tenant: Tenant) -> Form:
    site = tenant.sites.get(thread.site or "")
    return {"id": thread.site, "name": None if site is None else site.name}


def _conversation(thread: Thread) -> Form:
    outline, page, last = thread.outline, thread.page, thread.last_message
    return {
        "id": outline.conversation,
        "additional_attributes": {
            "referer": None if page is None else page.url,
            "initiated_at": {"timestamp": _at(outline.started_at)},
        },
        "can_reply": not outline.erased,
        "channel": CHANNEL,
        "inbox_id": thread.site,
        "contact_inbox": {
            "contact_id": thread.visitor.id,
            "inbox_id": thread.site,
            "source_id": thread.visitor.id,
        },
        "messages": [] if last is None else [_shown(last, thread)],
        "labels": list(thread.labels),
        "meta": {
            "sender": _contact(thread.visitor),
            "assignee": None if thread.assignee is None else _user(thread.assignee),
            "team": None if outline.team is None else {"id": outline.team, "name": outline.team},
        },
        "status": outline.status,
        "custom_attributes": _custom(thread),
        "snoozed_until": None,
        "unread_count": outline.unread,
        "first_reply_created_at": _at(outline.first_reply_at),
        "priority": None,
        "waiting_since": outline.waiting_since // _US,
        "agent_last_seen_at": outline.agent_seen_at // _US,
        "contact_last_seen_at": outline.visitor_seen_at // _US,
        "last_activity_at": outline.last_at // _US,
        "timestamp": outline.last_at // _US,
        "created_at": outline.started_at // _US,
        "updated_at": outline.last_at / _US,
    }


def _shown(event: RecordedEvent, thread: Thread) -> Form:
    """The last message within a conversation: there Chatwoot counts types, and tells seconds."""
    message = _message(event)
    incoming = message["message_type"] == "incoming"
    return message | {
        "message_type": 0 if incoming else 1,
        "created_at": event.recorded_at // _US,
        "conversation_id": thread.outline.conversation,
        "inbox_id": thread.site,
        "sender": _sender(event, thread),
    }


def _custom(thread: Thread) -> Form:
    """What has no place of its own in Chatwoot's conversation."""
    if thread.outline.erased:
        return {"erased": True}
    if thread.rating is None:
        return {}
    return {"rating": thread.rating.rating, "rating_comment": thread.rating.comment}


def _changes(before: Thread, after: Thread) -> list[Form]:
    """What differs, each as Chatwoot writes it: previous and current value under its name."""
    values = {
        "status": (before.outline.status, after.outline.status),
        "assignee_id": (before.outline.assignee, after.outline.assignee),
        "team_id": (before.outline.team, after.outline.team),
        "label_list": (list(before.labels), list(after.labels)),
        "custom_attributes": (_custom(before), _custom(after)),
    }
    return [
        {name: {"previous_value": was, "current_value": now}}
        for name, (was, now) in values.items()
        if was != now
    ]


def _at(us: int) -> datetime | None:
    """A time as it is written out, to the microsecond; None for never."""
    return _EPOCH + timedelta(microseconds=us) if us else None

"""What of a conversation leaves the house: everything that an agent may see, in flat records.

The fields are a contract (``docs/export-format.md``): a change of one raises ``SCHEMA``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from domain.conversation.events import ConversationStarted, MessagePosted, NoteAdded
from domain.envelope import Actor, RecordedEvent
from domain.visibility import Audience, client_event, is_shown
from projections.sessions.items import item
from projections.sessions.rows import SessionRow

SCHEMA = 1
"""The number of this contract, which every form of an export says."""

SAID: dict[str, Literal["message", "note"]] = {"message.posted": "message", "note.added": "note"}
"""The events that people write, and what each is called in an export."""


class Conversation(Struct, frozen=True):
    """A conversation as it was. ``site`` and ``page`` (a URL) are where it began."""

    id: str
    visitor: str
    visitor_name: str | None
    status: str
    assignee: str | None
    assignee_name: str | None
    department: str | None
    tags: tuple[str, ...]
    site: str | None
    page: str | None
    started_at: datetime
    last_at: datetime
    rating: int | None
    comment: str | None
    version: int
    version_mark: str
    reads: dict[str, int]
    visitor_read: int


class Message(Struct, frozen=True):
    """What somebody wrote: a message for both sides, or a note for agents.

    ``file`` is the id of a file in place of a text. What is ``erased`` or ``damaged`` has neither.
    """

    version: int
    position: int
    id: str
    at: datetime
    kind: Literal["message", "note"]
    sender: Actor
    text: str | None
    file: str | None
    erased: bool
    damaged: bool


MESSAGE_COLUMNS = (
    *("conversation", "version", "position", "id", "at", "kind"),
    *("sender_role", "sender_id", "sender_name", "text", "file", "erased", "damaged"),
)
"""A message in a table; :func:`message_row` has their values."""


class Event(Struct, frozen=True):
    """What else happened, as the protocol shows it to agents."""

    version: int
    position: int
    id: str
    type: str
    at: datetime
    actor: Actor
    data: Any
    erased: bool
    damaged: bool


class Stand(Struct, frozen=True):
    """Whose export it is and what it is as of. ``behind``: events that the log had beyond that."""

    tenant: str
    position: int
    mark: str
    at: datetime
    behind: int = 0


class Totals(Struct, frozen=True):
    """What an export has; ``erased`` of its conversations, ``messages`` with the notes.

    ``unreadable`` conversations were left out, since their beginning is damaged; of those that the
    session views have. One that was damaged before they met it is in neither.
    """

    conversations: int = 0
    messages: int = 0
    erased: int = 0
    unreadable: int = 0


class Chunk(Struct, frozen=True):
    """A conversation, or a part of one that is too long for memory: its messages, then the rest.

    ``conversation`` stands in its first chunk; its last one ``ends`` it. No message follows once an
    event came.
    """

    conversation: Conversation | None
    messages: Sequence[Message] = ()
    events: Sequence[Event] = ()
    ends: bool = True


def counted(totals: Totals, chunks: Sequence[Chunk], unreadable: int = 0) -> Totals:
    """The totals with these."""
    begun = [chunk.conversation for chunk in chunks if chunk.conversation is not None]
    return Totals(
        totals.conversations + len(begun),
        totals.messages + sum(len(chunk.messages) for chunk in chunks),
        totals.erased + sum(each.status == "erased" for each in begun),
        totals.unreadable + unreadable,
    )


def conversation(row: SessionRow, first: RecordedEvent) -> Conversation:
    """The record of a session view and the conversation's first event."""
    view, data = item(row), first.data
    started = data if isinstance(data, ConversationStarted) and row.status != "erased" else None
    page = started.page if started else None
    return Conversation(
        id=view.id,
        visitor=view.visitor,
        visitor_name=view.visitor_name,
        status=view.status,
        assignee=view.assignee,
        assignee_name=view.assignee_name,
        department=view.department,
        tags=view.tags,
        site=started.site if started else None,
        page=page.url if page else None,
        started_at=view.started_at,
        last_at=view.last_at,
        rating=view.rating,
        comment=view.comment,
        version=view.version,
        version_mark=view.version_mark,
        reads=view.reads,
        visitor_read=view.visitor_read,
    )


def messages(events: Sequence[RecordedEvent]) -> list[Message]:
    """Those of the events that people wrote."""
    return [_message(event) for event in events if event.type in SAID]


def others(events: Sequence[RecordedEvent]) -> list[Event]:
    """All other events that agents are shown."""
    return [
        _event(event)
        for event in events
        if event.type not in SAID and is_shown(event, Audience.AGENT)
    ]


def message_row(conversation: str, each: Message) -> tuple[Any, ...]:
    """A message of a conversation as a row of a table."""
    sender = each.sender
    return (
        *(conversation, each.version, each.position, each.id, each.at, each.kind),
        *(sender.role, sender.id, sender.name, each.text, each.file, each.erased, each.damaged),
    )


def _message(event: RecordedEvent) -> Message:
    body = event.data.body if isinstance(event.data, MessagePosted | NoteAdded) else None
    return Message(
        version=event.version,
        position=event.position,
        id=str(event.id),
        at=event.at,
        kind=SAID[event.type],
        sender=event.actor,
        text=body.text if body else None,
        file=body.file if body else None,
        erased=event.data is None and not event.damaged,
        damaged=event.damaged,
    )


def _event(event: RecordedEvent) -> Event:
    shown = client_event(event, Audience.AGENT)
    return Event(
        version=event.version,
        position=event.position,
        id=str(event.id),
        type=event.type,
        at=event.at,
        actor=event.actor,
        data=shown.data,
        erased=shown.erased,
        damaged=shown.damaged,
    )

"""A conversation as Chatwoot shows one, folded up to the event that is sent.

Chatwoot's bodies hold the whole conversation as it stood, so it is folded from the stream. What was
folded is kept for a while, since the next delivery of a conversation goes on from there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import streams
from domain.conversation import events as e
from domain.envelope import RecordedEvent
from domain.ports import EventStore

PAGE_EVENTS = 500
"""Events read at a time."""

KEPT = 256
"""Conversations kept folded: those in work, and then some."""


class Person(Struct, frozen=True):
    """A visitor or an agent. No name: it has none, or it was erased."""

    id: str
    name: str | None = None


class Thread(Struct, frozen=True):
    """A conversation at one of its versions. Times are microseconds since 1970; 0 is never."""

    conversation: str
    version: int = 0
    visitor: Person = Person("")
    site: str | None = None
    page: e.Page | None = None
    status: str = "open"
    assignee: Person | None = None
    team: str | None = None
    labels: tuple[str, ...] = ()
    rating: e.ConversationRated | None = None
    erased: bool = False
    started_at: int = 0
    last_at: int = 0
    first_reply_at: int = 0
    waiting_since: int = 0
    agent_seen_at: int = 0
    visitor_seen_at: int = 0
    unread: int = 0
    last_message: RecordedEvent | None = None


def evolve(thread: Thread, event: RecordedEvent) -> Thread:
    """The conversation after one more event."""
    thread = _in_clear(thread, event)
    match event.data:
        case e.ConversationStarted() as data:
            return replace(thread, site=data.site, page=data.page)
        case e.ConversationAssigned() as data:
            return replace(thread, assignee=Person(data.agent, data.name))
        case e.ConversationTransferred(agent=str() as agent, name=name):
            return replace(thread, assignee=Person(agent, name))
        case e.ConversationTagged() as data:
            return replace(thread, labels=data.tags)
        case e.ConversationRated() as data:
            return replace(thread, rating=data)
        case e.ConversationErased():
            return _erased(thread)
        case _:
            return thread


def _in_clear(thread: Thread, event: RecordedEvent) -> Thread:
    """What the envelope tells, of an erased event too."""
    access, at = event.metadata.after, event.recorded_at
    assignee = None if access is None else access.assignee
    kept = thread.assignee is not None and thread.assignee.id == assignee
    thread = replace(
        thread,
        version=event.version,
        last_at=at,
        assignee=thread.assignee if kept else None if assignee is None else Person(assignee),
        team=None if access is None else access.department,
    )
    if event.actor.role == "visitor":
        name = event.actor.name or thread.visitor.name
        thread = replace(thread, visitor=Person(event.actor.id, name), visitor_seen_at=at)
    elif event.actor.role == "agent":
        thread = replace(thread, agent_seen_at=at, unread=0)
    return _by_type(thread, event, at)


def _by_type(thread: Thread, event: RecordedEvent, at: int) -> Thread:
    match event.type:
        case "conversation.started":
            return replace(thread, started_at=at)
        case "message.posted" if event.actor.role == "visitor":
            since = thread.waiting_since or at
            unread = thread.unread + 1
            return replace(thread, waiting_since=since, unread=unread, last_message=event)
        case "message.posted":
            first = thread.first_reply_at or at
            return replace(thread, first_reply_at=first, waiting_since=0, last_message=event)
        case "conversation.closed":
            return replace(thread, status="resolved")
        case "conversation.reopened":
            return replace(thread, status="open")
        case _:
            return thread


def _erased(thread: Thread) -> Thread:
    """What is left when the visitor was erased."""
    return replace(
        thread,
        erased=True,
        visitor=Person(thread.visitor.id),
        page=None,
        labels=(),
        rating=None,
        last_message=None,
    )


class Threads:
    """Folded conversations, the least recently used first to go."""

    def __init__(self, store: EventStore, kept: int = KEPT) -> None:
        self._store = store
        self._kept = kept
        self._threads: OrderedDict[tuple[UUID, str], Thread] = OrderedDict()

    async def before(self, event: RecordedEvent) -> Thread:
        """The conversation as it stood before an event of it. Raises StoreUnavailable."""
        key = (event.log, event.stream)
        thread = self._threads.get(key)
        if thread is None or thread.version >= event.version:
            conversation = streams.conversation_id(event.stream)
            assert conversation is not None
            thread = Thread(conversation)
        while thread.version < event.version - 1:
            thread = _folded(thread, await self._page(event, thread.version))
        self._keep(key, thread)
        return thread

    async def _page(self, event: RecordedEvent, after: int) -> list[RecordedEvent]:
        limit = min(PAGE_EVENTS, event.version - 1 - after)
        page = await self._store.read_stream(event.log, event.stream, after, limit)
        assert page, "a stream ends before one of its own events"
        return page

    def _keep(self, key: tuple[UUID, str], thread: Thread) -> None:
        self._threads[key] = thread
        self._threads.move_to_end(key)
        while len(self._threads) > self._kept:
            self._threads.popitem(last=False)


def _folded(thread: Thread, events: Iterable[RecordedEvent]) -> Thread:
    for event in events:
        thread = evolve(thread, event)
    return thread

"""A conversation as Chatwoot shows one, as it stood when the event that is sent had happened.

Chatwoot's bodies hold the whole conversation, so it is folded from the stream. What was folded is
kept for a while, since the next delivery of a conversation goes on from there. But only an outline
is: what people wrote, and what they are called, is read anew for each attempt, so that what was
erased meanwhile is not told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.conversation import events as e
from domain.envelope import RecordedEvent
from domain.ports import EventStore
from domain.webhooks.outline import Outline, evolve

PAGE_EVENTS = 500
"""Events read at a time."""

KEPT = 256
"""Outlines kept: of the conversations in work, and then some."""

Told = TypeVar("Told")


class Person(Struct, frozen=True):
    """A visitor or an agent. No name: it has none, or it was erased."""

    id: str
    name: str | None = None


class Thread(Struct, frozen=True):
    """A conversation at one of its versions: its outline, and by version the events that tell more.

    It holds what people wrote, so it lasts for one attempt.
    """

    outline: Outline
    events: Mapping[int, RecordedEvent] = {}

    def after(self, event: RecordedEvent) -> Thread:
        """The conversation after one more event."""
        return Thread(evolve(self.outline, event), {**self.events, event.version: event})

    @property
    def visitor(self) -> Person:
        """Whose conversation it is, by the name that was used last."""
        named = self.events.get(self.outline.named)
        return Person(self.outline.visitor, None if named is None else named.actor.name)

    @property
    def assignee(self) -> Person | None:
        """Who is to answer."""
        outline = self.outline
        if outline.assignee is None:
            return None
        match self._data(outline.assigned):
            case e.ConversationAssigned(name=name) as data if data.agent == outline.assignee:
                return Person(outline.assignee, name)
            case e.ConversationTransferred(name=name) as data if data.agent == outline.assignee:
                return Person(outline.assignee, name)
        return Person(outline.assignee)

    @property
    def site(self) -> str | None:
        """Where it began."""
        started = self._told(self.outline.started, e.ConversationStarted)
        return None if started is None else started.site

    @property
    def page(self) -> e.Page | None:
        """On which page it began."""
        started = self._told(self.outline.started, e.ConversationStarted)
        return None if started is None else started.page

    @property
    def labels(self) -> tuple[str, ...]:
        """Its tags."""
        tagged = self._told(self.outline.tagged, e.ConversationTagged)
        return () if tagged is None else tagged.tags

    @property
    def rating(self) -> e.ConversationRated | None:
        """What the visitor thinks of it."""
        return self._told(self.outline.rated, e.ConversationRated)

    @property
    def last_message(self) -> RecordedEvent | None:
        """What was said last."""
        return self.events.get(self.outline.said)

    def _told(self, version: int, kind: type[Told]) -> Told | None:
        """What an event of this kind tells; None where there is none, or it was erased."""
        data = self._data(version)
        return data if isinstance(data, kind) else None

    def _data(self, version: int) -> object:
        event = self.events.get(version)
        return None if event is None else event.data


class Threads:
    """Reads conversations. Keeps outlines, the least recently used first to go."""

    def __init__(self, store: EventStore, kept: int = KEPT) -> None:
        self._store = store
        self._kept = kept
        self._outlines: OrderedDict[tuple[UUID, str], Outline] = OrderedDict()

    async def before(self, event: RecordedEvent) -> Thread:
        """The conversation as it stood before an event of it. Raises StoreUnavailable."""
        outline = await self._outline(event)
        told: dict[int, RecordedEvent] = {}
        for version in sorted(outline.telling):
            (told[version],) = await self._page(event, version - 1, 1)
        return Thread(outline, told)

    async def _outline(self, event: RecordedEvent) -> Outline:
        key = (event.log, event.stream)
        outline = self._outlines.get(key)
        if outline is None or outline.version >= event.version:
            conversation = streams.conversation_id(event.stream)
            assert conversation is not None
            outline = Outline(conversation)
        while outline.version < event.version - 1:
            limit = min(PAGE_EVENTS, event.version - 1 - outline.version)
            outline = _folded(outline, await self._page(event, outline.version, limit))
        self._keep(key, outline)
        return outline

    async def _page(self, event: RecordedEvent, after: int, limit: int) -> list[RecordedEvent]:
        page = await self._store.read_stream(event.log, event.stream, after, limit)
        assert page, "a stream ends before one of its own events"
        return page

    def _keep(self, key: tuple[UUID, str], outline: Outline) -> None:
        self._outlines[key] = outline
        self._outlines.move_to_end(key)
        while len(self._outlines) > self._kept:
            self._outlines.popitem(last=False)


def _folded(outline: Outline, events: Iterable[RecordedEvent]) -> Outline:
    for event in events:
        outline = evolve(outline, event)
    return outline

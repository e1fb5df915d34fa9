"""A conversation's view as it was: its streams folded anew, up to a moment, as the projector does.

Nothing of the past is stored beside the log. The view is what the projector would have had when it
stood there, of what can be read today: what was erased since is erased there too. Nothing is
written, and who may ask is the caller's business.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from uuid import UUID

from domain import streams
from domain.envelope import RecordedEvent
from domain.errors import Refused
from domain.moments import Moment
from domain.ports import EventStore
from projections.sessions.evolve import TYPES, folded_over, visitor_of
from projections.sessions.items import SessionPage, item
from projections.sessions.rows import Sessions

PAGE_EVENTS = 200
"""Events read and folded at a time: some 5 ms of this process, then others have their turn."""

MOST_EVENTS = 100_000
"""Events of a conversation, and of its visitor, that are folded for one view: about two seconds.
Whoever asks for a longer past is told so."""

AT_ONCE = 2
"""Views that a process folds at the same time: the past waits, not the chat."""


class PastViews:
    """Session views as they were."""

    def __init__(self, store: EventStore, *, most_events: int = MOST_EVENTS) -> None:
        self._store = store
        self._most_events = most_events
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def one(self, log: UUID, conversation: str, moment: Moment) -> SessionPage | None:
        """One conversation's view at a moment, as a page of one; None where there was none yet.

        Raises Refused ``too_large``, StoreUnavailable, and UnknownEvent where this program is too
        old for an event.
        """
        async with self._turns:
            sessions = await self._folded(log, conversation, moment.position)
        row = sessions.rows.get(conversation)
        if row is None:
            return None
        return SessionPage(moment.position, moment.mark, [item(row)], None)

    async def _folded(self, log: UUID, conversation: str, upto: int) -> Sessions:
        """The conversation's row, from its own events and who its visitor was said to be."""
        sessions = Sessions()
        said: deque[RecordedEvent] = deque()
        async for event in self._wanted(log, streams.conversation(conversation), upto):
            if event.type == "conversation.started":
                said = await self._said(log, visitor_of(event), upto)
            while said and said[0].position < event.position:
                sessions = folded_over(sessions, (said.popleft(),))
            sessions = folded_over(sessions, (event,))
        return folded_over(sessions, said)

    async def _said(self, log: UUID, visitor: str, upto: int) -> deque[RecordedEvent]:
        """Who the visitor was said to be, and that it was erased: the little that views need."""
        return deque([event async for event in self._wanted(log, streams.visitor(visitor), upto)])

    async def _wanted(self, log: UUID, stream: str, upto: int) -> AsyncIterator[RecordedEvent]:
        """A stream's events up to a position of the log, in order: those that the engine folds."""
        version = 0
        while page := await self._store.read_stream(log, stream, version, PAGE_EVENTS):
            for event in page:
                if event.position > upto:
                    return
                if event.type in TYPES and not event.damaged:
                    yield event
            version = page[-1].version
            if version >= self._most_events:
                raise Refused("too_large", "This is too long to be shown as it was.")

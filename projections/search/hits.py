"""From candidates to hits: who may be shown, who fits the filters, and whose text really has it.

What stands in clear is asked first; only what is left is decrypted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.access import Rights
from domain.envelope import Actor, RecordedEvent
from domain.ports import Clock, EventStore
from projections.pauses import Pauses
from projections.ports import ReadModels
from projections.search.projection import sql
from projections.search.query import Query
from projections.search.snippet import Snippet, snippet
from projections.sessions.among import Placed, SessionsAmong

DECRYPTED_AT_ONCE = 100
"""Messages that are read and decrypted together: a page of hits, where all of them are."""


class Sources(Protocol):
    """Who knows where conversations came from: ``projections.analytics``."""

    @property
    def checkpoint(self) -> str:
        """Under which it stands how far they know it."""

    async def coming_from(self, log: UUID, source: str, conversations: set[str]) -> set[str]:
        """Those of the conversations that came from this source. Raises StoreUnavailable."""


class Filters(Placed, Protocol):
    """What a search is limited to; None is no limit. ``first`` and ``until`` are times."""

    @property
    def sender(self) -> str | None: ...

    @property
    def source(self) -> str | None: ...

    @property
    def first(self) -> datetime | None: ...

    @property
    def until(self) -> datetime | None: ...


class Hit(Struct, frozen=True):
    """A message or note that has what was asked for."""

    conversation: str
    version: int
    position: int
    at: datetime
    kind: str
    sender: Actor
    snippet: Snippet


class Left(Struct):
    """What a search may still do.

    Look at so many candidates, decrypt so many messages, look through so many of their characters.
    """

    candidates: int
    decrypted: int
    characters: int

    @property
    def is_spent(self) -> bool:
        return min(self.candidates, self.decrypted, self.characters) <= 0


class Examination:
    """What becomes of one search's candidates. ``hits`` are the newest first, ``wanted`` enough.

    ``examined``: no candidate at or above this position is still to be looked at.
    """

    def __init__(  # noqa: PLR0913  # what a search consists of, by name
        self,
        *,
        store: EventStore,
        models: ReadModels,
        clock: Clock,
        sessions: SessionsAmong,
        sources: Sources,
        log: UUID,
        query: Query,
        filters: Filters,
        rights: Rights | None,
        left: Left,
        wanted: int,
    ) -> None:
        self._store = store
        self._models = models
        self._pauses = Pauses(clock)
        self._sessions = sessions
        self._sources = sources
        self._log = log
        self._query = query
        self._filters = filters
        self._rights = rights
        self._wanted = wanted
        self.left = left
        self.hits: list[Hit] = []
        self.examined: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether there are enough hits, or nothing may be done any more."""
        return len(self.hits) >= self._wanted or self.left.is_spent

    async def take(self, candidates: Sequence[int]) -> None:
        """Look at candidates, newest first, until there are enough hits or it may not go on."""
        size, start = DECRYPTED_AT_ONCE, 0
        while start < len(candidates) and not self.is_done:
            chunk = candidates[start : start + min(size, self.left.candidates)]
            await self._decrypt(await self._fitting(chunk))
            if not self.is_done:
                self.examined = chunk[-1]
            self.left.candidates -= len(chunk)
            start += len(chunk)
            size *= 2  # of those so far few fitted, or none

    async def _fitting(self, candidates: Sequence[int]) -> list[int]:
        """Those that fit by what stands in clear, and that may be read."""
        async with self._models.reading(self._log) as transaction:
            rows = await transaction.fetch(
                sql("envelopes"), self._log, candidates, self._filters.sender
            )
        placed = [
            (position, streams.conversation_id(stream) or "")
            for position, stream in msgspec.convert(
                [(row["position"], row["stream"]) for row in rows], list[tuple[int, str]]
            )
        ]
        named = {conversation for _, conversation in placed}
        fitting = await self._sessions.fitting(self._log, named, self._filters, self._rights)
        source = self._filters.source
        if source is not None:
            fitting = await self._sources.coming_from(self._log, source, fitting)
        return [position for position, conversation in placed if conversation in fitting]

    async def _decrypt(self, positions: Sequence[int]) -> None:
        """Read these, and keep those whose text has it."""
        for part in _parts(positions):
            for event in await self._read(part):
                self._look_at(event)
                if self.left.is_spent:
                    return
                await self._pauses.due()
            self.left.decrypted -= len(part)
            self.examined = part[-1]
            if self.is_done:
                return

    async def _read(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """The events there, however many pages they are."""
        events: list[RecordedEvent] = []
        rest = list(positions)
        while rest:
            page = await self._store.read_positions(self._log, rest)
            if not page:
                break
            events += page
            rest = rest[rest.index(page[-1].position) + 1 :]
        return events

    def _look_at(self, event: RecordedEvent) -> None:
        text = _text(event.data) or ""
        marks = self._query.found_in(text)
        if marks is not None:
            self.hits.append(_hit(event, snippet(text, marks)))
        self.left.characters -= len(text)
        self.examined = event.position


def _hit(event: RecordedEvent, shown: Snippet) -> Hit:
    return Hit(
        conversation=streams.conversation_id(event.stream) or "",
        version=event.version,
        position=event.position,
        at=event.at,
        kind="note" if event.type == "note.added" else "message",
        sender=event.actor,
        snippet=shown,
    )


def _text(data: Any) -> str | None:
    """What is searched of a message or note; None of what is erased, damaged, or has no text."""
    body = getattr(data, "body", None)
    text: str | None = getattr(body, "text", None)
    return text


def _parts(positions: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(positions), DECRYPTED_AT_ONCE):
        yield positions[start : start + DECRYPTED_AT_ONCE]

"""Searching for requests: pages of hits, the newest first, within limits that the answer admits.

An answer reflects ``as_of``: every message up to there that may be found is found, nothing beyond.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain import moments
from domain.access import Rights
from domain.envelope import Actor
from domain.ports import Clock, EventStore
from projections.ports import LabelCipher, ReadModels
from projections.search.cursor import Cursor
from projections.search.hits import Examination, Filters, Hit, Left, Sources
from projections.search.projection import blind
from projections.search.query import Query
from projections.search.settings import SearchSettings
from projections.search.snippet import Snippet
from projections.search.walk import BEYOND, INDEX, Range, Walk
from projections.sessions.among import CHECKPOINT as PLACED
from projections.sessions.among import SessionsAmong, Visitor
from projections.values import check

PAGE_HITS = 100
"""Hits of a page at most."""

AT_ONCE = 4
"""Searches that a process does at a time: others read by the same connections, and chat goes on."""


class Found(Struct, frozen=True):
    """A hit as clients get it."""

    conversation: str
    version: int
    position: int
    at: datetime
    kind: str
    sender: Actor
    visitor: str
    visitor_name: str | None
    snippet: Snippet


class SearchPage(Struct, frozen=True):
    """A part of what is found. ``next`` is the cursor of the part after it, None at the end.

    ``complete`` is False where it stopped at a limit with fewer than asked; ``next`` goes on.
    """

    as_of: int
    mark: str
    items: list[Found]
    next: str | None
    complete: bool


class SearchReader:
    """Searches of messages and notes."""

    def __init__(  # noqa: PLR0913, PLR0917  # the composition root wires it once
        self,
        store: EventStore,
        models: ReadModels,
        cipher: LabelCipher,
        clock: Clock,
        sources: Sources,
        settings: SearchSettings,
    ) -> None:
        self._store = store
        self._models = models
        self._clock = clock
        self._cipher = cipher
        self._settings = settings
        self._sources = sources
        self._sessions = SessionsAmong(models, cipher)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def page(  # noqa: PLR0913, PLR0917  # what a search consists of, as with all lists
        self,
        log: UUID,
        q: str,
        filters: Filters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> SearchPage:
        """What these rights (None: all) may read of what has all the words.

        Raises Refused for what cannot be searched, filtered by or gone on from, and
        ``not_caught_up``; StoreUnavailable.
        """
        limit = max(1, min(limit, PAGE_HITS))
        query = Query.of(q)
        check((filters.assignee, filters.department, filters.tag, filters.source))
        below = BEYOND if cursor is None else Cursor.of(cursor).below
        async with self._turns:
            return await self._page(log, query, filters, limit, below, rights)

    async def _page(  # noqa: PLR0913, PLR0917  # as above
        self,
        log: UUID,
        query: Query,
        filters: Filters,
        limit: int,
        below: int,
        rights: Rights | None,
    ) -> SearchPage:
        digests = await blind(self._cipher, log, sorted(query.terms))
        wanted = await self._range(log, filters, below)
        parts = (INDEX, PLACED, *([self._sources.checkpoint] if filters.source is not None else []))
        walk = Walk(self._models, self._clock, log, parts, digests, wanted, self._settings.windows)
        examination = self._examination(log, query, filters, rights, limit)
        next_ = await _through(walk, examination, limit)
        items = await self._shown(log, examination.hits[:limit])
        return SearchPage(
            as_of=walk.as_of,
            mark=walk.mark,
            items=items,
            next=None if next_ is None else Cursor(next_).text(),
            complete=next_ is None or len(items) == limit,
        )

    def _examination(
        self, log: UUID, query: Query, filters: Filters, rights: Rights | None, limit: int
    ) -> Examination:
        settings = self._settings
        return Examination(
            store=self._store,
            models=self._models,
            clock=self._clock,
            sessions=self._sessions,
            sources=self._sources,
            log=log,
            query=query,
            filters=filters,
            rights=rights,
            left=Left(settings.candidates, settings.decrypted, settings.characters),
            wanted=limit + 1,  # so that it is known whether the page is the last one
        )

    async def _range(self, log: UUID, filters: Filters, below: int) -> Range:
        """The positions that are looked at: times never go back within a log."""
        first = 1 if filters.first is None else await self._since(log, filters.first)
        end = below if filters.until is None else await self._since(log, filters.until)
        return Range(first, min(below, end))

    async def _since(self, log: UUID, time: datetime) -> int:
        """The first position at or after a time, one beyond the head where there is none."""
        return (await self._store.moment(log, moments.before(time))).position + 1

    async def _shown(self, log: UUID, hits: list[Hit]) -> list[Found]:
        """Hits with whose conversation each is in."""
        visitors = await self._sessions.visitors(log, {hit.conversation for hit in hits})
        there = (hit for hit in hits if hit.conversation in visitors)  # else they are built anew
        return [_found(hit, visitors[hit.conversation]) for hit in there]


async def _through(walk: Walk, examination: Examination, limit: int) -> int | None:
    """Go on until the page is full, the end, or a limit. Below where the next page begins, if any.

    Raises StoreUnavailable.
    """
    while not walk.ended:
        if walk.tired:
            return walk.reached
        await examination.take(await walk.look())
        if len(examination.hits) > limit:
            return examination.hits[limit - 1].position
        if examination.left.is_spent:
            return examination.examined
    return None


def _found(hit: Hit, visitor: Visitor) -> Found:
    return Found(
        conversation=hit.conversation,
        version=hit.version,
        position=hit.position,
        at=hit.at,
        kind=hit.kind,
        sender=hit.sender,
        visitor=visitor.id,
        visitor_name=visitor.name,
        snippet=hit.snippet,
    )

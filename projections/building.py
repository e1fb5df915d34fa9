"""The builder: folds logs into the next generation, several projections in one pass.

It is the engines of the live tables over other tables and larger pages, so that each event counts
exactly once here too, whatever dies where: whoever comes next goes on from the checkpoints. What
is read is read for all of them, and decrypted once; what none wants is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from msgspec import Struct

from domain.checkpoints import Checkpoint
from domain.envelope import RecordedEvent
from domain.ports import Clock
from projections.engine import Engine, Fenced

PAGE_EVENTS = 20_000
"""Positions of a page: rows that recur in it are written once, and many rows go by COPY."""

PAGE_BYTES = 32 * 1024 * 1024
"""Bytes of events of a page, as stored: what one process holds at a time is a few times that."""


class Page(Struct, frozen=True):
    """A part of a log, without the events that nobody wants. ``upto`` is its end."""

    events: Sequence[RecordedEvent]
    upto: Checkpoint


class Pages(Protocol):
    """Reads a log in large pages."""

    async def page(
        self, log: UUID, after: int, upto: int, types: frozenset[str] | None
    ) -> Page | None:
        """What follows position ``after``, at most to ``upto``; None: the log ends there.

        ``types`` are the wanted ones (None: all). Raises StoreUnavailable, and UnknownEvent for an
        event of a newer program, wanted or not, and says where it is.
        """


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How much of the machine a rebuild takes."""

    workers: int = 2
    """Processes that fold, each a log at a time; beyond the cores they only keep each other up."""

    page_events: int = PAGE_EVENTS
    """Events read, folded and committed at a time; bounds memory and the age of transactions."""

    page_bytes: int = PAGE_BYTES
    """Bytes of events read at a time, as they are stored."""

    share: float = 0.8
    """The part of the time that each process works; the rest is for whoever chats."""

    slow_s: float = 0.05
    """When a query that finds one row takes longer than this many seconds, the database has enough
    to do: a rebuild waits until it does not, each time up to ``yield_s``."""

    yield_s: float = 2.0
    """Seconds that a page waits at most because of that, so that a rebuild ends all the same."""

    locks_ms: int = 100
    """Milliseconds that a switch waits for readers to leave the tables. Others wait behind it, and
    have 250 ms of patience."""

    switch_s: float = 600.0
    """Seconds for which a switch is tried again while somebody's long query reads the tables."""


class Pace(Protocol):
    """When to go on. Nothing depends on it but who waits for whom."""

    async def rest(self, log: UUID, worked_s: float) -> None:
        """Leave the machine to others after so long a piece of work on a log."""


class _Stand(NamedTuple):
    """Where an engine is, and how many histories there had been when that was found."""

    at: Checkpoint
    histories: int


class Builder:
    """Engines of one generation, over any log. Several may run at once, also on the same log."""

    def __init__(
        self, pages: Pages, engines: Sequence[Engine], clock: Clock, pace: Pace | None = None
    ) -> None:
        self._pages = pages
        self._engines = engines
        self._clock = clock
        self._pace = pace
        wanted = [engine.projection.types for engine in engines]
        found = [types for types in wanted if types is not None]
        self._types = frozenset[str]().union(*found) if len(found) == len(wanted) else None

    def only(self, identifiers: Collection[str], *, hurried: bool = False) -> Builder:
        """The builder of some of them; ``hurried``: it does not rest."""
        engines = [each for each in self._engines if each.identifier in identifiers]
        return Builder(self._pages, engines, self._clock, None if hurried else self._pace)

    async def build(
        self,
        log: UUID,
        upto: int,
        limits: Mapping[str, int],
        page_events: int = PAGE_EVENTS,
        progressed: Callable[[], None] = lambda: None,
    ) -> None:
        """Fold a log up to a position, or an engine to its limit, which is by identifier.

        What comes meanwhile is left: a log that grows steadily would never be done. ``progressed``
        is called after every page. Raises what :class:`Pages` and engines raise.
        """
        ends = {each: min(upto, limits.get(each.identifier, upto)) for each in self._engines}
        stands: dict[Engine, _Stand] = {}
        try:
            while behind := await self._behind(log, ends, stands):
                begun = self._clock.monotonic()
                page = await self._next(log, behind, ends, page_events)
                if page is None:
                    return
                for engine, stand in behind.items():
                    await self._step(log, engine, stand, page, stands)
                progressed()
                if self._pace is not None:
                    await self._pace.rest(log, self._clock.monotonic() - begun)
        finally:
            for engine in self._engines:
                engine.leave(log)  # rows of a large page, and the next log may be as large

    async def _behind(
        self, log: UUID, ends: Mapping[Engine, int], stands: dict[Engine, _Stand]
    ) -> dict[Engine, _Stand]:
        """Those that are not at their end, once it is known of all where they are."""
        for engine in self._engines:
            if engine not in stands:
                histories = engine.histories
                stands[engine] = _Stand(await engine.begin(log), histories)
        return {each: stand for each, stand in stands.items() if stand.at.position < ends[each]}

    async def _next(
        self,
        log: UUID,
        behind: Mapping[Engine, _Stand],
        ends: Mapping[Engine, int],
        page_events: int,
    ) -> Page | None:
        """The page after the one that is last; it goes beyond nobody's end, nor another's place.

        So whoever was killed between two engines' commits has them together again after one page.
        """
        places = [stand.at.position for stand in behind.values()]
        first = min(places)
        others = [position for position in places if position > first]
        upto = min([first + page_events, *(ends[each] for each in behind), *others])
        return await self._pages.page(log, first, upto, self._types)

    async def _step(
        self,
        log: UUID,
        engine: Engine,
        stand: _Stand,
        page: Page,
        stands: dict[Engine, _Stand],
    ) -> None:
        """Let an engine have the page, if it is at its beginning."""
        if stand.at.position >= page.upto.position:
            return
        del stands[engine]  # whatever happens now, it is asked for or known below
        try:
            await engine.step(log, stand.at, page.events, page.upto, stand.histories)
        except Fenced:
            return  # another builder, or another history, was here: it begins where that is
        stands[engine] = _Stand(page.upto, stand.histories)

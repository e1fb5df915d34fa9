"""The one engine of all projections: reads a log page by page, folds, writes, moves the checkpoint.

Rows and checkpoint move in one transaction, and the checkpoint by compare-and-set, so every event
counts exactly once whatever dies where. The engine never skips silently: an event that a
projection cannot fold is parked in the transaction that steps over it; one that this program is
too old for stops the projection on that log.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain import figures
from domain.envelope import MARK_BYTES, RecordedEvent
from domain.errors import EventDamaged, UnknownEvent, described
from domain.ports import Clock, EventStore
from domain.telemetry import NO_TELEMETRY, PROJECT, Span, Telemetry
from projections.ports import NOTHING, Checkpoint, Projecting, ReadModels
from projections.projection import Projection, Write, identifier, statement
from projections.recent import LOGS, RecentEvents
from projections.unfit import evolved

_logger = logging.getLogger("parley.projections")

PAGE_EVENTS = 500
"""Events read, folded and committed at a time: bounds memory and the age of transactions."""

_KEPT_PAGES = 4
"""So many times as many where they are in memory already: rows that recur are written once."""

TURN_S = 1.0
"""Seconds after which a turn ends with the page that it is at: neither a log that always grows nor
one that is far behind keeps other logs and projections from their turns."""

_NARROWER = 8
"""By how much a page shrinks while the event in it that cannot be read is looked for."""

TRACED_S = 60.0
"""How old an event may be for its trace to go on here: what is rebuilt is nobody's message."""

ERASING = frozenset({"conversation.erased", "visitor.erased"})
"""What takes away what a person wrote: generations beside the live one must not keep it."""

DAMAGED = EventDamaged.__name__
"""Why an event is parked of which the store cannot read the data."""


class Fenced(Exception):  # said among projectors only
    """Somebody else moved the checkpoint; what was folded here is void."""


class Parked(Struct, frozen=True):
    """An event that was stepped over. ``error`` tells the kind and place of the failure only."""

    position: int
    event_id: UUID
    error: str


class Engine:
    """One projection over any log. Several may run at once, also on the same log.

    ``written`` is told what a page has changed once that is committed; it must not wait or raise.
    ``generation`` is appended to the name that checkpoints and parked events stand under: empty for
    the live tables, see ``projections.generations``.
    """

    def __init__(  # noqa: PLR0913  # the composition root wires it once
        self,
        store: EventStore,
        models: ReadModels,
        projection: Projection[Any],
        clock: Clock,
        *,
        page_events: int = PAGE_EVENTS,
        turn_s: float = TURN_S,
        recent: RecentEvents | None = None,
        telemetry: Telemetry = NO_TELEMETRY,
        written: Callable[[UUID, Write], None] = lambda *_: None,
        generation: str = "",
    ) -> None:
        self.projection = projection
        self.identifier = identifier(projection) + generation
        self._is_live = not generation
        self._store = store
        self._models = models
        self._clock = clock
        self._page_events = page_events
        self._turn_s = turn_s
        self._recent = recent or RecentEvents()
        self._stands: dict[UUID, Checkpoint] = {}
        self._kept: OrderedDict[UUID, tuple[Checkpoint, Any]] = OrderedDict()
        self._generations: int | None = None  # as it was before anything was loaded
        self._telemetry = telemetry
        self._written = written

    @property
    def histories(self) -> int:
        """How many histories there have been here, for :meth:`step`."""
        return self._recent.histories

    async def checkpoints(self) -> dict[UUID, Checkpoint]:
        """How far this projection has come, in every log that it has begun."""
        return await self._models.checkpoints(self.identifier)

    async def follow(
        self, log: UUID, progressed: Callable[[Checkpoint], None], upto: int | None = None
    ) -> None:
        """Fold what the log has beyond the checkpoint; ``progressed`` learns of every commit.

        It ends with the page that has position ``upto`` (None: with the log), and before where that
        takes more than ``turn_s``. Raises StoreUnavailable, and UnknownEvent where this program is
        too old for an event; both leave what was committed before.
        """
        ends = self._clock.monotonic() + self._turn_s
        checkpoint = self._continued(log)
        here = checkpoint is not None  # then what was committed here is all that is known of
        histories = self._recent.histories
        while True:
            try:
                if checkpoint is None:
                    checkpoint = await self.begin(log)
                    progressed(checkpoint)
                following = await self._step(log, checkpoint, histories, here=here)
            except Fenced:
                checkpoint, here = None, False  # begin again where the other one is
                histories = self._recent.histories
                continue
            if following is not None:
                progressed(following)
            stands = following or checkpoint
            if here and upto is not None and stands.position < upto:
                here = False  # others have written behind what is kept
            elif not following or self._is_enough(checkpoint, following, ends, upto, here=here):
                self._stands[log] = stands
                return
            checkpoint = stands

    def _is_enough(
        self,
        checkpoint: Checkpoint,
        following: Checkpoint,
        ends: float,
        upto: int | None,
        *,
        here: bool,
    ) -> bool:
        """Whether a turn ends with this page: what came meanwhile is for the next one.

        With ``here`` only what is kept is folded: then a page that is not full was all. A page of
        the store may be short for other reasons. Whoever wrote on at once would write the same rows
        again and again, and never rest.
        """
        if upto is not None and following.position >= upto:
            return True
        events = following.position - checkpoint.position
        if here and events < _KEPT_PAGES * self._page_events:
            return True
        return self._clock.monotonic() >= ends

    def leave(self, log: UUID) -> None:
        """Let go of what is kept of a log: whoever comes back begins it again."""
        self._stands.pop(log, None)
        self._kept.pop(log, None)

    def _continued(self, log: UUID) -> Checkpoint | None:
        """Where it stood after the last turn, if what was committed here continues just that.

        Then nobody has to be asked; whoever has moved the checkpoint meanwhile fences this turn.
        """
        stands = self._stands.pop(log, None)
        return stands if stands and self._recent.after(log, stands, 1) else None

    async def begin(self, log: UUID) -> Checkpoint:
        """The checkpoint, proved to be of the log's own history; else begin anew."""
        if self._generations is None:
            async with self._models.projecting(log) as transaction:
                self._generations = await transaction.generations(self.projection.name)
        checkpoint = await self._models.checkpoint(self.identifier, log)
        if checkpoint == NOTHING:
            return checkpoint
        if checkpoint.mark == await self._mark(log, checkpoint.position):
            return checkpoint
        _logger.error(
            "alarm: projection %s of log %s was built on another history; it is rebuilt",
            self.identifier,
            log,
        )
        self._recent.forget(log)
        await self.rebuild(log, checkpoint)
        return NOTHING

    async def _mark(self, log: UUID, position: int) -> bytes | None:
        (head,) = await self._store.stream_heads(log, [(None, position)])
        return None if head.asked is None else head.asked[:MARK_BYTES]

    async def rebuild(self, log: UUID, checkpoint: Checkpoint) -> None:
        """Throw away what is folded of a log, so that ``follow`` begins at its first event."""
        async with self._models.projecting(log) as transaction:
            await self._move(transaction, log, checkpoint, NOTHING)
            await self.projection.clear(transaction, log)
            await transaction.execute(_sql("clear_parked"), self.identifier, log)

    async def _step(
        self, log: UUID, checkpoint: Checkpoint, histories: int, *, here: bool
    ) -> Checkpoint | None:
        """Fold one page. None: there was nothing more, or with ``here`` nothing that is kept.

        The checkpoint was found when so many ``histories`` had been: page and rows are of the last.
        """
        page = self._recent.after(log, checkpoint, _KEPT_PAGES * self._page_events)
        if not page and not here:
            page = await self._read(log, checkpoint.position)
            self._demand(histories)
            self._recent.take(log, page)
        if not page:
            return None
        assert page[0].position == checkpoint.position + 1, "the store left a hole in the log"
        upto = Checkpoint(page[-1].position, page[-1].hash[:MARK_BYTES])
        with _steps(self._spans(page)):
            await self.step(log, checkpoint, page, upto, histories)
        return upto

    async def step(
        self,
        log: UUID,
        checkpoint: Checkpoint,
        page: Sequence[RecordedEvent],
        upto: Checkpoint,
        histories: int = 0,
    ) -> None:
        """Fold the wanted events of a page, and move the checkpoint to its end, ``upto``.

        Events that the projection does not want may be left out of the page. Raises Fenced.
        """
        generations = self._generations
        rows, write, parked = await self._fold(log, checkpoint, page)
        async with self._models.projecting(log) as transaction:
            self._demand(histories)  # whose connection is new knows it by now
            await self._move(transaction, log, checkpoint, upto)
            await self._demand_generation(transaction, generations)
            if write is not None:
                await write(transaction)
            for event in parked:
                await self._park(transaction, log, event)
            if self._is_live:
                await self._note_erasure(transaction, log, page)
        self._keep(log, upto, rows)
        self._measure(upto.position - checkpoint.position, parked)
        if write is not None:
            self._written(log, write)

    def _spans(self, page: Sequence[RecordedEvent]) -> list[Span]:
        """A step for each wanted event of the page whose trace is recorded and still young."""
        name, types, tracer = self.projection.name, self.projection.types, self._telemetry.tracer
        oldest = (self._clock.now() - TRACED_S) * 1e6
        spans = [
            tracer.start(PROJECT, event.metadata.trace, projection=name, page=len(page))
            for event in page
            if event.metadata.trace is not None and event.recorded_at > oldest
            if types is None or event.type in types
        ]
        return [span for span in spans if span is not None]

    def _measure(self, events: int, parked: Sequence[Parked]) -> None:
        name, measures = self.projection.name, self._telemetry.measures
        measures.count(figures.PROJECTOR_EVENTS, name, amount=events)
        if parked:
            measures.count(figures.PARKED_EVENTS, name, amount=len(parked))

    async def _read(self, log: UUID, after: int) -> list[RecordedEvent]:
        """A page; a small one just before an event that this program is too old for."""
        limit = self._page_events
        while True:
            try:
                return await self._store.read_log(log, after, limit)
            except UnknownEvent:
                if limit == 1:
                    raise
                limit = max(1, limit // _NARROWER)

    async def _fold(
        self, log: UUID, stands: Checkpoint, page: Sequence[RecordedEvent]
    ) -> tuple[Any, Write | None, list[Parked]]:
        """The rows after a page, what writes them, and what could not be folded."""
        types = self.projection.types
        # A damaged event is parked whatever its type says: that may be what is damaged.
        parked = [Parked(event.position, event.id, DAMAGED) for event in page if event.damaged]
        events = [
            event for event in page if not event.damaged and (types is None or event.type in types)
        ]
        left, kept = self._kept.pop(log, (NOTHING, None))
        if not events:
            return kept if left == stands else None, None, parked
        before = await self.projection.load(log, events, kept if left == stands else None)
        after, unfit = self._evolve(before, events)
        return after, await self.projection.change(log, before, after), parked + unfit

    def _keep(self, log: UUID, upto: Checkpoint, rows: Any) -> None:
        """Keep what a committed page left, for the next one: a busy log's rows recur."""
        if rows is not None:
            self._kept[log] = (upto, rows)
            while len(self._kept) > LOGS:
                self._kept.popitem(last=False)

    def _evolve(self, rows: Any, events: Sequence[RecordedEvent]) -> tuple[Any, list[Parked]]:
        """Fold all at once; if that fails, one by one, stepping over those that do."""
        rows, unfit = evolved(self.projection.evolve, rows, events)
        return rows, [Parked(event.position, event.id, described(error)) for event, error in unfit]

    def _demand(self, histories: int) -> None:
        """Begin again where the store may have another history than the turn began in."""
        if histories != self._recent.histories:
            raise Fenced

    async def _move(
        self, transaction: Projecting, log: UUID, was: Checkpoint, to: Checkpoint
    ) -> None:
        """First of all in a transaction: a stale projector waits for the other's commit here."""
        if not await transaction.move_checkpoint(self.identifier, log, was, to):
            raise Fenced

    async def _demand_generation(self, transaction: Projecting, loaded: int | None) -> None:
        """Fold again what was loaded from tables that are the live ones no more."""
        generations = await transaction.generations(self.projection.name)
        if generations != loaded:
            self._generations = generations
            self._kept.clear()
            raise Fenced

    async def _note_erasure(
        self, transaction: Projecting, log: UUID, page: Sequence[RecordedEvent]
    ) -> None:
        """Let it be known what is to be thrown away: see ``rm.forget_erased``."""
        types = self.projection.types
        erasing = ERASING if types is None else ERASING & types
        if erasures := [event.position for event in page if event.type in erasing]:
            owned = list(self.projection.owned)
            await transaction.execute(
                _sql("note_erasure"), self.identifier, log, erasures[-1], owned
            )

    async def _park(self, transaction: Projecting, log: UUID, event: Parked) -> None:
        _logger.error(
            "alarm: projection %s parked position %d of log %s: %s",
            self.identifier,
            event.position,
            log,
            event.error,
        )
        await transaction.execute(
            _sql("park"),
            self.identifier,
            log,
            event.position,
            event.event_id,
            event.error,
            self._clock.now(),
        )


@contextmanager
def _steps(spans: Sequence[Span]) -> Iterator[None]:
    """End these spans with what is inside, by whether it was committed."""
    error: str | None = "failed"
    try:
        yield
        error = None
    finally:
        for span in spans:
            span.end(error)


def _sql(name: str) -> str:
    return statement("projections", name)

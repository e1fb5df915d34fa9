"""The tail: what this node's sockets are to hear of each log, from wherever it comes first.

Slices come from this node's own commits at once, from the broker, and from the store where there is
a hole; here they are put in order by position, and nothing is told twice. Streams are told of a
slice as soon as it is here; the log as a whole only in order, so a hole holds back nobody but those
who follow the whole log. Heads are looked at besides, seldom while the broker reaches all and often
while it does not: whatever it loses is noticed by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from brokers.ordering import Ordering
from brokers.settings import TailSettings
from domain import figures
from domain.broker import Broker, End, Heads
from domain.envelope import RecordedEvent, Slice, StoredSlice
from domain.errors import ParleyError, StoreUnavailable
from domain.ports import Clock, EventStore
from domain.pulse import Pulse
from domain.telemetry import NO_TELEMETRY, RECEIVE, Telemetry

_logger = logging.getLogger("parley.tail")


class Ears(Protocol):
    """Who is told. Nothing here waits or raises."""

    def tell_streams(self, committed: Slice) -> None:
        """Tell those who follow single streams; slices of a log may come in any order."""

    def tell_log(self, committed: Slice) -> None:
        """Tell those who follow the log as a whole; slices come in order and without a hole."""

    def learn(self, events: Sequence[RecordedEvent]) -> None:
        """Take note of what others have committed."""


@dataclass(slots=True)
class _Followed:
    """A log that somebody follows, and the tasks that go on for it."""

    log: UUID
    order: Ordering
    users: int = 0
    idle_since: float = 0.0
    beginning: asyncio.Task[None] | None = None
    filling: asyncio.Task[None] | None = None
    unreadable: int | None = None


class Tail:
    """Follows logs for a node.

    ``went_back`` is told that the store has another history; what it does includes :meth:`forget`.
    """

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        store: EventStore,
        broker: Broker,
        ears: Ears,
        clock: Clock,
        settings: TailSettings | None = None,
        *,
        went_back: Callable[[], None] | None = None,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._store = store
        self._broker = broker
        self._ears = ears
        self._clock = clock
        self._settings = settings or TailSettings()
        self._went_back = went_back or self.forget
        self._telemetry = telemetry
        for figure in (figures.NODE_HOLES, figures.HEAD_POLLS):
            telemetry.measures.count(figure, amount=0)
        self._pulse = Pulse(clock)
        self._logs: dict[UUID, _Followed] = {}
        self._reads = asyncio.Semaphore(self._settings.concurrent_reads)
        self._ends = (
            broker.on_slice(self._receive),
            broker.on_beacon(self._hear),
            broker.on_change(self._pulse.call),
        )

    # --- which logs ---------------------------------------------------------------------------

    async def follow(self, log: UUID) -> End:
        """From now on what is committed in this log is told; returns when that is sure.

        Whoever reads the store after that misses nothing. The answer ends it. Raises
        StoreUnavailable.
        """
        followed = self._logs.get(log)
        if followed is None:
            followed = self._logs[log] = _Followed(log, Ordering(self._settings.held_events))
        followed.users += 1
        end = partial(self._leave, followed)
        try:
            while followed.order.told is None:
                if followed.beginning is None:
                    self._begin(followed)
                assert followed.beginning is not None
                await asyncio.shield(followed.beginning)
        except BaseException:
            end()
            raise
        return end

    def _leave(self, followed: _Followed) -> None:
        """One who followed is gone. The log is let go later, if nobody comes again."""
        followed.users -= 1
        followed.idle_since = self._clock.monotonic()

    def forget(self) -> None:
        """The store's history is another one: positions that were told say nothing any more."""
        for followed in self._logs.values():
            followed.order.forget()
            if followed.users:
                self._begin(followed)
            elif followed.beginning is not None:
                followed.beginning.cancel()  # nobody waits for it, and what it finds is of before
                followed.beginning = None

    def _begin(self, followed: _Followed) -> None:
        """Find the place where telling begins. Whoever has begun before finds it for nobody."""
        work = self._find_place(followed)
        followed.beginning = asyncio.get_running_loop().create_task(work)
        followed.beginning.add_done_callback(_retrieve)

    async def _find_place(self, followed: _Followed) -> None:
        """Bind first and read the head after that: what comes between is seen by its number."""
        try:
            (head,) = await self._store.heads([followed.log])
            await self._broker.follow(followed.log, head.tenant)
            (head,) = await self._store.heads([followed.log])
            if followed.beginning is asyncio.current_task():
                followed.order.told = head.position
                self._fill_later(followed)
        finally:
            if followed.beginning is asyncio.current_task():
                followed.beginning = None

    def _begin_again(self) -> None:
        """Find the place of logs that lost it and could not find it anew: the store was away."""
        for followed in self._logs.values():
            if followed.users and followed.order.told is None and followed.beginning is None:
                self._begin(followed)

    async def _let_go(self) -> None:
        """Follow no longer what nobody has asked for in a while."""
        long_ago = self._clock.monotonic() - self._settings.linger_s
        for followed in list(self._logs.values()):
            idle = not followed.users and followed.beginning is None
            if idle and followed.idle_since < long_ago:
                del self._logs[followed.log]
                await self._broker.unfollow(followed.log)

    # --- what comes ---------------------------------------------------------------------------

    def committed(self, committed: Slice) -> None:
        """Take what this node has committed, at once. Never waits or raises."""
        followed = self._logs.get(committed.log)
        if followed is not None:
            self._take(followed, committed)

    async def _receive(self, committed: StoredSlice, context: str | None) -> None:
        """Take what came over the broker; what is known already is not even decrypted."""
        followed = self._logs.get(committed.log)
        if followed is None:
            return
        if followed.order.told is None:
            self._grown(followed, committed.upto)
            return
        fresh = followed.order.fresh(committed.events)
        if not fresh:
            return
        histories = followed.order.histories
        span = self._telemetry.tracer.start(RECEIVE, context, events=len(fresh))
        try:
            events = await self._store.open(committed.log, fresh)
        except ParleyError:
            events = []
        finally:
            if span is not None:
                span.end()
        if histories != followed.order.histories:
            return  # the slice is of a history that is lost
        if events:
            self._take_others(followed, events)
        else:
            self._grown(followed, committed.upto)

    def _hear(self, heads: Heads) -> None:
        for log, head in heads:
            followed = self._logs.get(log)
            if followed is not None:
                self._grown(followed, head)

    def _grown(self, followed: _Followed, head: int) -> None:
        followed.order.newest = max(followed.order.newest, head)
        self._fill_later(followed)

    def _take_others(self, followed: _Followed, events: Sequence[RecordedEvent]) -> None:
        self._ears.learn(events)
        after, upto = events[0].position - 1, events[-1].position
        self._take(followed, Slice(followed.log, after, upto, tuple(events)))

    def _take(self, followed: _Followed, committed: Slice) -> None:
        """Tell what of a slice is new, and what follows now of those that had to wait."""
        tell = followed.order.take(committed)
        if tell.streams is not None:
            self._ears.tell_streams(tell.streams)
        for each in tell.log:
            self._ears.tell_log(each)
        self._fill_later(followed)

    # --- holes --------------------------------------------------------------------------------

    def _fill_later(self, followed: _Followed) -> None:
        if followed.order.is_behind and followed.filling is None:
            work = self._fill(followed)
            followed.filling = asyncio.get_running_loop().create_task(work)

    async def _fill(self, followed: _Followed) -> None:
        """Read what is missing, once it had its time to come by itself.

        No await between seeing that nothing is missing and being done.
        """
        try:
            await self._clock.sleep(self._settings.gap_wait_s)
            while followed.order.is_behind:
                if not await self._read_on(followed):
                    return
        except StoreUnavailable:
            return  # the next look at the heads comes back to it
        except ParleyError as error:
            self._set_aside(followed, error)
        finally:
            followed.filling = None

    async def _read_on(self, followed: _Followed) -> bool:
        """Read a page, and tell what is missing of it; False where there is no more."""
        self._telemetry.measures.count(figures.NODE_HOLES)
        async with self._reads:
            told, histories = followed.order.told or 0, followed.order.histories
            page = await self._store.read_log(followed.log, told, self._settings.page_events)
        if not page or histories != followed.order.histories:
            return False
        self._take_others(followed, page)
        return True

    def _set_aside(self, followed: _Followed, error: ParleyError) -> None:
        """Leave a log that cannot be read until the next look; it is told of once."""
        if followed.order.told != followed.unreadable:
            followed.unreadable = followed.order.told
            _logger.error("alarm: log %s cannot be read on: %s", followed.log, type(error).__name__)

    # --- heads --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look at heads until cancelled."""
        pause = 0.0
        try:
            while True:
                await self._pulse.wait(max(pause, self._interval()))
                try:
                    await self._look()
                except StoreUnavailable:
                    pause = min(self._settings.backoff_s, max(0.1, 2 * pause))
                else:
                    pause = 0.0
                    await self._let_go()
        finally:
            self._stop()

    def _interval(self) -> float:
        return self._settings.look_s if self._broker.reaches_all else self._settings.look_away_s

    async def _look(self) -> None:
        """Compare the heads with what was told; a log that ends before that is another one."""
        self._begin_again()
        told = {log: followed.order.told for log, followed in self._logs.items()}
        known = [log for log, position in told.items() if position is not None]
        if not known:
            return
        if not self._broker.reaches_all:
            self._telemetry.measures.count(figures.HEAD_POLLS)
        back = False
        for head in await self._store.heads(known):
            followed, before = self._logs.get(head.log), told[head.log]
            if followed is None or before is None:
                continue
            if head.position < before:
                _logger.error("alarm: log %s went back to position %d", head.log, head.position)
                back = True
            else:
                self._grown(followed, head.position)
        if back:
            self._went_back()

    def _stop(self) -> None:
        for end in self._ends:
            end()
        for followed in self._logs.values():
            for task in (followed.beginning, followed.filling):
                if task is not None:
                    task.cancel()


def _retrieve(task: asyncio.Task[None]) -> None:
    """Whoever waited has the failure; without anybody it is nobody's."""
    if not task.cancelled():
        task.exception()

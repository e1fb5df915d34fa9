"""The router: follows the logs of its shards and decides in each what is due, until cancelled.

It is woken by what is committed here and by the broker's signals, and looks at all heads, at who is
present and at the clock each second besides. Several routers share the logs by shards. A router
decides only while it has a shard for sure, and not at once after it took one; should two decide all
the same, the log has the last word: who is served already is given to nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from uuid import UUID

from domain import figures
from domain.broker import Broker, Heads
from domain.envelope import Slice
from domain.errors import StoreUnavailable
from domain.passing import Passing, Presence
from domain.ports import LogHead
from domain.presence import Presences
from domain.pulse import Pulse
from domain.routing.attending import Attending
from domain.routing.holding import Holding
from domain.routing.office import Office
from domain.routing.parts import RouterParts
from domain.routing.routed_log import RoutedLog
from domain.routing.settings import RouterSettings
from domain.routing.turns import Turns
from domain.shards import Shards

_logger = logging.getLogger("parley.router")


class Router:
    """Routes the logs of this process's shards. ``run`` works until cancelled."""

    def __init__(
        self,
        parts: RouterParts,
        broker: Broker,
        presences: Presences,
        settings: RouterSettings | None = None,
        *,
        shards: Shards | None = None,
    ) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._attending = Attending(presences)
        self._settings = settings or RouterSettings()
        self._holding = Holding(parts.clock, self._settings, shards)
        self._turns = Turns(parts.clock, self._settings, self._turn)
        self._reading = asyncio.Semaphore(self._settings.concurrency)
        self._pulse = Pulse(parts.clock)
        self._logs: dict[UUID, RoutedLog] = {}
        self._away: dict[UUID, int] = {}
        self._ends = (broker.on_signal(self._hear), broker.on_passing(self._notice))
        parts.measures.read(figures.ROUTER_WAITING, lambda: {(): self._waiting()})

    async def run(self) -> None:
        """Follow the logs until cancelled."""
        pause = 0.0
        try:
            while True:
                try:
                    await self._look()
                except StoreUnavailable:
                    if not pause:
                        _logger.warning("the store is away; the router waits for it")
                    pause = min(self._settings.backoff_s, max(self._settings.poll_s, 2 * pause))
                else:
                    pause = 0.0
                await self._pulse.wait(pause or self._settings.poll_s)
        finally:
            for end in self._ends:
                end()
            await self._drop(list(self._logs))

    def committed(self, committed: Slice) -> None:
        """Take what this process has committed: it need not be read then. Never waits or raises."""
        routed = self._logs.get(committed.log)
        if routed is None:
            self._grown(committed.log, committed.upto)
        elif routed.take(committed):
            self._turns.call(committed.log)

    def forget(self) -> None:
        """The store's history is another one: every office begins anew."""
        for log in list(self._logs):
            self._forget(log)
        self._away.clear()
        self._pulse.call()

    # --- the look -----------------------------------------------------------------------------

    async def _look(self) -> None:
        await self._share()
        before = self._away | {log: routed.position for log, routed in self._logs.items()}
        self._compare(await self._parts.store.heads(), before)
        await self._attending.attend(self.offices, self._clock.now())
        self._put_away()
        for log in self._logs:
            self._turns.call(log)

    async def _share(self) -> None:
        """Keep this router's share; on what others are to have nothing more is decided."""
        leaving = await self._holding.share()
        await self._drop([log for log in self._logs if not self._holding.has(log)])
        await self._holding.give_up(leaving)

    async def _drop(self, logs: Iterable[UUID]) -> None:
        for log in logs:
            self._logs.pop(log, None)
        await self._turns.end_all(logs)

    def _forget(self, log: UUID) -> None:
        self._logs.pop(log, None)
        self._turns.end(log)

    def _put_away(self) -> None:
        """Keep of an office in which nothing can be due before its log grows only how far it was.

        That holds whoever has the log meanwhile, so it need not be forgotten with the shard.
        """
        idle = [log for log, routed in self._logs.items() if routed.is_idle]
        for log in idle:
            if not self._turns.is_at_work(log):
                self._away[log] = self._logs[log].position
                self._forget(log)

    # --- who has grown ------------------------------------------------------------------------

    def _hear(self, heads: Heads) -> None:
        for log, head in heads:
            self._grown(log, head)

    def _compare(self, heads: Iterable[LogHead], before: Mapping[UUID, int]) -> None:
        """Take the heads; one that lies before where its log was folded to is another history's."""
        for head in heads:
            if head.position < before.get(head.log, 0):
                _logger.error("alarm: log %s went back to position %d", head.log, head.position)
                self._forget(head.log)
                self._away.pop(head.log, None)
            self._grown(head.log, head.position)

    def _grown(self, log: UUID, head: int) -> None:
        if head <= self._away.get(log, 0) or not self._holding.has(log):
            return
        self._away.pop(log, None)
        routed = self._logs.get(log)
        if routed is None:
            called = partial(self._turns.call, log)
            routed = self._logs[log] = RoutedLog(log, self._parts, self._settings, called)
        if routed.hear(head):
            self._turns.call(log)

    @property
    def offices(self) -> dict[UUID, Office]:
        """Those that are not put away."""
        found = ((log, routed.office) for log, routed in self._logs.items())
        return {log: office for log, office in found if office is not None}

    def _waiting(self) -> float:
        """How many conversations wait in the logs of this router."""
        return float(sum(len(office.queue) for office in self.offices.values()))

    # --- who is there -------------------------------------------------------------------------

    def _notice(self, passing: Passing) -> None:
        """Somebody came or went: look at once who is there."""
        if not isinstance(passing, Presence) or passing.role != "agent":
            return
        routed = self._logs.get(passing.log)
        if routed is None or routed.office is None:
            return
        if not passing.online:
            routed.office.lose(passing.id)
        self._pulse.call()

    # --- a log's turn -------------------------------------------------------------------------

    async def _turn(self, log: UUID) -> None:
        """Read what is new, then decide. Raises what the log's reading raises."""
        routed = self._logs.get(log)
        if routed is None:
            return
        if routed.is_behind:
            async with self._reading:
                await routed.catch_up()
        if routed.office is not None and routed.office.strangers:
            self._pulse.call()
        if self._holding.is_sure(log):
            routed.work()

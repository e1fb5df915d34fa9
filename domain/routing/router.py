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
from domain.routing.attending import attend
from domain.routing.holding import Holding
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
        self._presences = presences
        self._settings = settings or RouterSettings()
        self._holding = Holding(parts.clock, self._settings, shards)
        self._turns = Turns(parts.clock, self._settings, self._turn)
        self._reading = asyncio.Semaphore(self._settings.concurrency)
        self._pulse = Pulse(parts.clock)
        self._logs: dict[UUID, RoutedLog] = {}
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
        self._pulse.call()

    # --- the look -----------------------------------------------------------------------------

    async def _look(self) -> None:
        await self._share()
        before = {log: routed.position for log, routed in self._logs.items()}
        self._compare(await self._parts.store.heads(), before)
        await attend(self._logs, self._presences, self._clock.now())
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
            self._grown(head.log, head.position)

    def _grown(self, log: UUID, head: int) -> None:
        if not head or not self._holding.has(log):
            return
        routed = self._logs.get(log)
        if routed is None:
            called = partial(self._turns.call, log)
            routed = self._logs[log] = RoutedLog(log, self._parts, self._settings, called)
        if routed.hear(head):
            self._turns.call(log)

    def _waiting(self) -> float:
        """How many conversations wait in the logs of this router."""
        offices = (routed.office for routed in self._logs.values())
        return float(sum(len(office.queue) for office in offices if office is not None))

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

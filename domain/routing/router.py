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
from domain.errors import StoreUnavailable, described
from domain.passing import Passing, Presence
from domain.ports import LogHead
from domain.presence import Presences
from domain.pulse import Pulse
from domain.routing.attending import attend
from domain.routing.routed_log import RoutedLog, RouterParts, ViewsBehind
from domain.routing.settings import RouterSettings
from domain.shards import AllShards, Shards, shard_of

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
        self._shards = shards or AllShards()
        self._alone = shards is None
        self._pulse = Pulse(parts.clock)
        self._logs: dict[UUID, RoutedLog] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._retry_at: dict[UUID, tuple[float, float]] = {}
        self._turns = asyncio.Semaphore(self._settings.concurrency)
        self._ours: frozenset[int] = frozenset()
        self._since: dict[int, float] = {}
        self._shared_at = float("-inf")
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
            await self._drop(self._logs)

    def committed(self, committed: Slice) -> None:
        """Take what this process has committed: it need not be read then. Never waits or raises."""
        routed = self._logs.get(committed.log)
        if routed is None:
            self._grown(committed.log, committed.upto)
        elif routed.take(committed):
            self._wake(committed.log)

    def forget(self) -> None:
        """The store's history is another one: every office begins anew."""
        for log in list(self._logs):
            self._forget(log)
        self._pulse.call()

    # --- whose logs ---------------------------------------------------------------------------

    async def _look(self) -> None:
        await self._share()
        before = {log: routed.position for log, routed in self._logs.items()}
        self._compare(await self._parts.store.heads(), before)
        await attend(self._logs, self._presences, self._clock.now())
        for log in list(self._logs):
            self._wake(log)

    async def _share(self) -> None:
        """Keep this router's share; on what others are to have nothing more is decided."""
        now = self._clock.monotonic()
        leaving = await self._shards.share()
        staying = self._shards.owned - leaving
        await self._drop([log for log in self._logs if shard_of(log) not in staying])
        if leaving:
            await self._shards.give_up(leaving)
        self._since = {shard: self._since.get(shard, now) for shard in staying}
        self._ours, self._shared_at = staying, now

    def _is_ours(self, log: UUID) -> bool:
        shard = shard_of(log)
        return shard in self._ours and shard in self._shards.owned

    def _may_decide(self, log: UUID) -> bool:
        """Whether nobody else can think that this log is its own."""
        if self._alone:
            return True
        now, settings = self._clock.monotonic(), self._settings
        since = self._since.get(shard_of(log), now)
        return now - self._shared_at < settings.lease_s and now - since >= settings.settle_s

    async def _drop(self, logs: Iterable[UUID]) -> None:
        tasks = [self._tasks[log] for log in logs if log in self._tasks]
        for log in list(logs):
            self._forget(log)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, log: UUID) -> None:
        task = self._tasks.pop(log, None)
        if task is not None:
            task.cancel()
        self._logs.pop(log, None)
        self._retry_at.pop(log, None)

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
        if not head or not self._is_ours(log):
            return
        routed = self._logs.get(log)
        if routed is None:
            called = partial(self._wake, log)
            routed = self._logs[log] = RoutedLog(log, self._parts, self._settings, called)
        if routed.hear(head):
            self._wake(log)

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

    # --- the work -----------------------------------------------------------------------------

    def _wake(self, log: UUID) -> None:
        """Let a log be worked on, unless it is: then again when that has ended."""
        routed = self._logs.get(log)
        if routed is None:
            return
        if log in self._tasks:
            self._again.add(log)
            return
        if self._clock.monotonic() < self._retry_at.get(log, (0.0, 0.0))[0]:
            return
        self._tasks[log] = asyncio.get_running_loop().create_task(self._work(routed))

    async def _work(self, routed: RoutedLog) -> None:
        """Take turns until nobody has called again; no await between seeing that and ending."""
        log = routed.log
        try:
            while True:
                self._again.discard(log)
                await self._turn(routed)
                await self._clock.sleep(self._settings.rest_s)
                if log not in self._again or log in self._retry_at:
                    return
        finally:
            if self._tasks.get(log) is asyncio.current_task():
                del self._tasks[log]

    async def _turn(self, routed: RoutedLog) -> None:
        try:
            if routed.is_behind:
                async with self._turns:
                    await routed.catch_up()
            if routed.office is not None and routed.office.strangers:
                self._pulse.call()
            if self._may_decide(routed.log):
                routed.work()
        except (StoreUnavailable, ViewsBehind):
            self._later(routed.log)
        except Exception as error:  # noqa: BLE001  # one log's trouble is no other's
            if routed.log not in self._retry_at:
                _logger.error(  # noqa: TRY400  # an error's text may quote what people wrote
                    "alarm: log %s cannot be routed: %s", routed.log, described(error)
                )
            self._later(routed.log)
        else:
            self._retry_at.pop(routed.log, None)

    def _later(self, log: UUID) -> None:
        """Leave a log that failed alone for a while, longer each time."""
        _, before = self._retry_at.get(log, (0.0, 0.0))
        pause = min(self._settings.backoff_s, max(self._settings.poll_s, 2 * before))
        self._retry_at[log] = (self._clock.monotonic() + pause, pause)

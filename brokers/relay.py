"""The relay: what is committed, by whichever process, goes to the broker, in order and surely.

Of each log it holds a checkpoint: everything up to there the broker has confirmed. It reads beyond
that, publishes slices in a bounded window, and moves the checkpoint over those that are confirmed
without a gap. After any failure, its own death included, it begins again at the checkpoint: slices
may come twice, none is left out. Signals wake it; it looks by itself besides. Several relays share
the logs by shards; one that lost a shard unawares is fenced by the checkpoint's compare-and-set.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from brokers.publishing import Publishing, RelayedLog
from brokers.settings import RelaySettings
from domain.broker import Broker, Heads
from domain.checkpoints import NOTHING
from domain.errors import BrokerAway, ParleyError, StoreUnavailable
from domain.outbox import Move, Outbox, Standing
from domain.ports import Clock
from domain.pulse import Pulse
from domain.shards import AllShards, Shards, shard_of
from domain.telemetry import NO_TELEMETRY, Telemetry

_logger = logging.getLogger("parley.relay")


class Relay:
    """Publishes the logs of its shards. ``run`` works until cancelled."""

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        outbox: Outbox,
        broker: Broker,
        clock: Clock,
        settings: RelaySettings | None = None,
        *,
        shards: Shards | None = None,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._clock = clock
        self._settings = settings or RelaySettings()
        self._shards = shards or AllShards()
        self._pulse = Pulse(clock)
        self._logs: dict[UUID, RelayedLog] = {}
        self._signalled: set[UUID] = set()
        self._turns = asyncio.Semaphore(self._settings.concurrency)
        self._end = broker.on_signal(self._hear)
        self._failing = False
        self._leaving: frozenset[int] = frozenset()
        self._publishing = Publishing(outbox, broker, clock, self._settings, telemetry)
        self._lag = self._publishing.lag

    async def run(self) -> None:
        """Follow the logs until cancelled."""
        next_look, pause = self._clock.monotonic(), 0.0
        try:
            while True:
                try:
                    if self._clock.monotonic() >= next_look:
                        next_look = self._clock.monotonic() + self._settings.poll_s
                        await self._look()
                    await self._take_up_signalled()
                except StoreUnavailable:
                    pause = self._longer(pause)
                    await self._clock.sleep(pause)
                    next_look = self._clock.monotonic()
                else:
                    pause, self._failing = 0.0, False
                    await self._pulse.wait(next_look - self._clock.monotonic())
        finally:
            await self._stop()

    def _is_ours(self, log: UUID) -> bool:
        shard = shard_of(log)
        return shard in self._shards.owned and shard not in self._leaving

    def _longer(self, pause: float) -> float:
        """How long to wait after one more failure; the first is logged."""
        if not self._failing:
            _logger.warning("the store is away; the relay waits for it")
        self._failing = True
        return min(self._settings.backoff_s, max(0.1, 2 * pause))

    # --- what has grown -----------------------------------------------------------------------

    def _hear(self, heads: Heads) -> None:
        for log, head in heads:
            if not self._is_ours(log):
                continue
            followed = self._logs.get(log)
            if followed is None:
                self._signalled.add(log)
                self._pulse.call()
            elif head > followed.head:
                self._grown(followed, head)

    async def _look(self) -> None:
        """Keep the shards, save what is confirmed, and find what has grown unheard."""
        lost = await self._shards.share()
        if lost:
            await self._let_go(lost)
        await self._save()
        self._broker.beacon(self._moved_lately())
        for standing in await self._outbox.behind(self._shards.owned):
            self._take_up(standing)

    async def _take_up_signalled(self) -> None:
        """Take up logs that were heard of and are not known here: their checkpoint is stored."""
        if self._signalled:
            logs, self._signalled = self._signalled, set()
            for standing in await self._outbox.standings(sorted(logs)):
                self._take_up(standing)

    def _take_up(self, standing: Standing) -> None:
        if not self._is_ours(standing.log):
            return
        followed = self._logs.get(standing.log)
        if followed is None:
            confirmed = standing.checkpoint if standing.same_history else NOTHING
            followed = RelayedLog(
                standing.log, standing.tenant, standing.checkpoint, confirmed, standing.head
            )
            self._logs[standing.log] = followed
            if not standing.same_history:
                _logger.error(
                    "alarm: log %s has another history than was published; it is published anew",
                    standing.log,
                )
        elif standing.head < followed.confirmed.position:
            self._forget(followed)  # another history: the next look takes it up anew
            return
        self._grown(followed, standing.head)

    def _grown(self, followed: RelayedLog, head: int) -> None:
        followed.head = max(followed.head, head)
        self._lag.note(followed.log, followed.confirmed.position, followed.head)
        self._work(followed)

    def _moved_lately(self) -> Heads:
        since = self._clock.monotonic() - self._settings.beacon_s
        return [
            (each.log, each.confirmed.position)
            for each in self._logs.values()
            if each.moved_at > since
        ]

    # --- publishing ---------------------------------------------------------------------------

    def _work(self, followed: RelayedLog) -> None:
        """Publish what a log has, unless that is being done."""
        if followed.working is None and followed.head > followed.confirmed.position:
            work = self._publish_in_turn(followed)
            followed.working = asyncio.get_running_loop().create_task(work)

    async def _publish_in_turn(self, followed: RelayedLog) -> None:
        """Publish, and again when the log has grown at the last moment."""
        try:
            async with self._turns:
                await self._publishing.publish(followed)
        except (StoreUnavailable, BrokerAway):
            followed.working = None  # the next look, or signal, begins again at what is confirmed
        except ParleyError as error:
            followed.working = None
            self._set_aside(followed, error)
        else:
            followed.working = None
            self._work(followed)

    def _set_aside(self, followed: RelayedLog, error: ParleyError) -> None:
        """Leave a log that cannot be read until the next look; it is told of once."""
        if followed.unreadable != followed.confirmed.position:
            followed.unreadable = followed.confirmed.position
            _logger.error("alarm: log %s cannot be relayed: %s", followed.log, type(error).__name__)

    # --- checkpoints --------------------------------------------------------------------------

    async def _save(self) -> None:
        """Move the checkpoints of what is confirmed; forget logs that are at rest, or another's."""
        moving = {
            each.log: Move(each.log, each.checkpoint, each.confirmed)
            for each in self._logs.values()
            if each.checkpoint != each.confirmed
        }
        if moving:
            moved = await self._outbox.advance(list(moving.values()))
            for log, move in moving.items():
                self._saved(self._logs[log], move, fenced=log not in moved)
        since = self._clock.monotonic() - self._settings.beacon_s
        for each in list(self._logs.values()):
            at_rest = each.working is None and each.checkpoint == each.confirmed
            if at_rest and each.head <= each.confirmed.position and each.moved_at < since:
                self._forget(each)

    def _saved(self, followed: RelayedLog, move: Move, *, fenced: bool) -> None:
        if not fenced:
            followed.checkpoint = move.to
            return
        _logger.warning("another relay has moved the checkpoint of log %s", followed.log)
        self._forget(followed)

    def _forget(self, followed: RelayedLog) -> None:
        if followed.working is not None:
            followed.working.cancel()
        self._logs.pop(followed.log, None)
        self._lag.forget(followed.log)

    async def _let_go(self, shards: frozenset[int]) -> None:
        """Finish with these shards: others may have them."""
        self._leaving = shards
        leaving = [each for each in self._logs.values() if shard_of(each.log) in shards]
        await _end(each.working for each in leaving)
        await self._save()
        for each in leaving:
            self._forget(each)
        await self._shards.give_up(shards)
        self._leaving = frozenset()

    async def _stop(self) -> None:
        """Save how far the broker has confirmed; if that fails, it is published twice."""
        self._end()
        await _end(each.working for each in self._logs.values())
        try:
            await self._save()
        except ParleyError:
            _logger.warning("the relay's last checkpoints were not saved")


async def _end(tasks: Iterable[asyncio.Task[None] | None]) -> None:
    """Cancel these and wait until they have ended."""
    ending = [task for task in tasks if task is not None]
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)

"""The relay: what is committed, by whichever process, goes to the broker, in order and surely.

Of each log it holds a checkpoint: everything up to there the broker has confirmed. It reads beyond
that, publishes slices in a bounded window, and moves the checkpoint over those that are confirmed
without a gap. After any failure, its own death included, it begins again at the checkpoint: slices
may come twice, none is left out. Signals wake it; it looks by itself besides. Several relays share
the logs by shards; one that lost a shard unawares is fenced by the checkpoint's compare-and-set.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from brokers.publishing import Publishing
from brokers.relayed_logs import RelayedLogs
from brokers.settings import RelaySettings
from domain.broker import Broker, Heads
from domain.errors import ParleyError, StoreUnavailable
from domain.outbox import Outbox, Standing
from domain.ports import Clock
from domain.pulse import Pulse
from domain.shards import ALL_SHARDS, AllShards, Shards, shard_of
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
        publishing = Publishing(outbox, broker, clock, self._settings, telemetry)
        self._logs = RelayedLogs(outbox, publishing, clock, self._settings)
        self._signalled: set[UUID] = set()
        self._end = broker.on_signal(self._hear)
        self._failing = False
        self._ours: frozenset[int] = frozenset()

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
        return shard in self._ours and shard in self._shards.owned

    def _longer(self, pause: float) -> float:
        """How long to wait after one more failure; the first is logged."""
        if not self._failing:
            _logger.warning("the store is away; the relay waits for it")
        self._failing = True
        return min(self._settings.backoff_s, max(0.1, 2 * pause))

    def _hear(self, heads: Heads) -> None:
        for log, head in heads:
            if self._is_ours(log) and not self._logs.hear(log, head):
                self._signalled.add(log)
                self._pulse.call()

    async def _look(self) -> None:
        """Keep the shards, save what is confirmed, and find what has grown unheard."""
        await self._share()
        await self._logs.save()
        self._broker.beacon(self._logs.moved_lately())
        before = self._logs.confirmed()
        self._take_up(await self._outbox.behind(self._ours), before)

    async def _share(self) -> None:
        """Keep this relay's share. What others are to have is finished with, and not begun anew.

        Where that fails, the next call finds out again whose everything is.
        """
        leaving = await self._shards.share()
        self._ours = self._shards.owned - leaving
        self._logs.keep(self._shards.owned)
        if leaving:
            await self._logs.finish(leaving)
            await self._shards.give_up(leaving)

    async def _take_up_signalled(self) -> None:
        """Take up logs that were heard of and are not under way: their checkpoint is stored."""
        if self._signalled:
            logs, self._signalled = self._signalled, set()
            before = self._logs.confirmed()
            self._take_up(await self._outbox.standings(sorted(logs)), before)

    def _take_up(self, standings: Iterable[Standing], before: Mapping[UUID, int]) -> None:
        for standing in standings:
            if self._is_ours(standing.log):
                self._logs.take_up(standing, before.get(standing.log, 0))

    async def _stop(self) -> None:
        """Save how far the broker has confirmed; if that fails, it is published twice."""
        self._end()
        try:
            await self._logs.finish(ALL_SHARDS)
        except ParleyError:
            _logger.warning("the relay's last checkpoints were not saved")

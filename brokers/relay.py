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
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from brokers.traced import relayed
from domain import figures
from domain.broker import Broker, Heads
from domain.checkpoints import NOTHING, Checkpoint
from domain.envelope import MARK_BYTES, StoredEvent, StoredSlice
from domain.errors import BrokerAway, ParleyError, StoreUnavailable
from domain.lag import Lag
from domain.outbox import Move, Outbox, Standing
from domain.ports import Clock
from domain.pulse import Pulse
from domain.shards import AllShards, Shards, shard_of
from domain.telemetry import NO_TELEMETRY, Telemetry

_logger = logging.getLogger("parley.relay")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """How often the relay looks, how much it has under way, how long it pauses."""

    poll_s: float = 1.0
    """Seconds between two looks at its logs: one query, answered by those that have grown only."""

    backoff_s: float = 5.0
    """The longest pause after failures; they begin at a fraction of it and double."""

    slice_events: int = 256
    """Events of a slice at most; the protocol's limit."""

    window_slices: int = 32
    """Slices of a log that are published and not yet confirmed."""

    concurrency: int = 8
    """Logs that are published at a time."""

    beacon_s: float = 10.0
    """Seconds for which a beacon, sent each ``poll_s``, names a log that has moved."""


@dataclass(slots=True)
class _Followed:
    """A log that has grown: its checkpoint as stored, and how far the broker has confirmed."""

    log: UUID
    tenant: str
    checkpoint: Checkpoint
    confirmed: Checkpoint
    head: int
    moved_at: float = float("-inf")
    unreadable: int = -1
    working: asyncio.Task[None] | None = None


@dataclass(slots=True)
class _Window:
    """Slices that are published and not yet confirmed, in order."""

    sent: deque[tuple[Checkpoint, asyncio.Task[None]]] = field(default_factory=deque)

    async def first(self) -> Checkpoint:
        """Wait for the first one, and where that brings the log. Raises BrokerAway."""
        upto, publishing = self.sent[0]
        await asyncio.wait({publishing})
        if publishing.cancelled():
            raise BrokerAway("the connection went while a slice was on its way")
        publishing.result()
        self.sent.popleft()
        return upto

    async def drop(self) -> None:
        """Wait for none of them."""
        tasks = [task for _, task in self.sent]
        self.sent.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
        self._logs: dict[UUID, _Followed] = {}
        self._signalled: set[UUID] = set()
        self._turns = asyncio.Semaphore(self._settings.concurrency)
        self._end = broker.on_signal(self._hear)
        self._failing = False
        self._leaving: frozenset[int] = frozenset()
        self._telemetry = telemetry
        self._lag = Lag(clock)
        self._be_seen()

    def _be_seen(self) -> None:
        measures = self._telemetry.measures
        measures.read(figures.RELAY_LAG_EVENTS, lambda: {(): self._lag.events})
        measures.read(figures.RELAY_LAG_SECONDS, lambda: {(): self._lag.seconds})
        for outcome in ("published", "confirmed", "failed"):
            measures.count(figures.RELAY_SLICES, outcome, amount=0)
        measures.count(figures.RELAY_EVENTS, amount=0)

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
            followed = _Followed(
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

    def _grown(self, followed: _Followed, head: int) -> None:
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

    def _work(self, followed: _Followed) -> None:
        """Publish what a log has, unless that is being done."""
        if followed.working is None and followed.head > followed.confirmed.position:
            work = self._publish_in_turn(followed)
            followed.working = asyncio.get_running_loop().create_task(work)

    async def _publish_in_turn(self, followed: _Followed) -> None:
        """Publish, and again when the log has grown at the last moment."""
        try:
            async with self._turns:
                await self._publish(followed)
        except (StoreUnavailable, BrokerAway):
            followed.working = None  # the next look, or signal, begins again at what is confirmed
        except ParleyError as error:
            followed.working = None
            self._set_aside(followed, error)
        else:
            followed.working = None
            self._work(followed)

    async def _publish(self, followed: _Followed) -> None:
        """Keep the window full until the head is confirmed."""
        window, read = _Window(), followed.confirmed.position
        try:
            while window.sent or read < followed.head:
                while read < followed.head and len(window.sent) < self._settings.window_slices:
                    events = await self._read(followed, read)
                    if not events:
                        followed.head = read  # whoever said that there was more was wrong
                        self._lag.note(followed.log, followed.confirmed.position, read)
                        break
                    window.sent.append(self._send(followed, read, events))
                    read = events[-1].position
                if not window.sent:
                    return
                followed.confirmed = await window.first()
                followed.moved_at = self._clock.monotonic()
                self._lag.note(followed.log, followed.confirmed.position, followed.head)
        finally:
            await window.drop()

    async def _read(self, followed: _Followed, after: int) -> list[StoredEvent]:
        return await self._outbox.read(followed.log, after, self._settings.slice_events)

    def _send(
        self, followed: _Followed, after: int, events: list[StoredEvent]
    ) -> tuple[Checkpoint, asyncio.Task[None]]:
        last = events[-1]
        committed = StoredSlice(followed.log, followed.tenant, after, last.position, tuple(events))
        publishing = asyncio.get_running_loop().create_task(self._seen(committed))
        return Checkpoint(last.position, last.hash[:MARK_BYTES]), publishing

    async def _seen(self, committed: StoredSlice) -> None:
        """Publish a slice, and let that be seen. Slices go out in the order of their tasks."""
        measures, error = self._telemetry.measures, "cancelled"
        spans = relayed(self._telemetry.tracer, committed.events)
        measures.count(figures.RELAY_SLICES, "published")
        try:
            await self._broker.publish(committed, spans[0].context if spans else None)
        except BrokerAway:
            error = "broker_away"
            raise
        else:
            error = ""
            measures.count(figures.RELAY_SLICES, "confirmed")
            measures.count(figures.RELAY_EVENTS, amount=len(committed.events))
        finally:
            if error:
                measures.count(figures.RELAY_SLICES, "failed")
            for span in spans:
                span.end(error or None, events=len(committed.events))

    def _set_aside(self, followed: _Followed, error: ParleyError) -> None:
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

    def _saved(self, followed: _Followed, move: Move, *, fenced: bool) -> None:
        if not fenced:
            followed.checkpoint = move.to
            return
        _logger.warning("another relay has moved the checkpoint of log %s", followed.log)
        self._forget(followed)

    def _forget(self, followed: _Followed) -> None:
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

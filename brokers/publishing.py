"""Publishing one log: slices in order, confirmed, in a bounded window.

What is confirmed without a gap is all that is ever taken note of.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from brokers.settings import RelaySettings
from brokers.traced import relayed
from domain import figures
from domain.broker import Broker
from domain.checkpoints import Checkpoint
from domain.envelope import MARK_BYTES, StoredEvent, StoredSlice
from domain.errors import BrokerAway
from domain.lag import Lag
from domain.outbox import Outbox
from domain.ports import Clock
from domain.telemetry import Telemetry


@dataclass(slots=True)
class RelayedLog:
    """A log that has grown: its checkpoint as stored, and how far the broker has confirmed.

    ``moved_at`` is when that was last; ``refused``: since then the broker did not take a slice;
    ``working`` is what publishes it, or did so last.
    """

    log: UUID
    tenant: str
    checkpoint: Checkpoint
    confirmed: Checkpoint
    head: int
    moved_at: float = float("-inf")
    refused: bool = False
    unreadable: int = -1
    working: asyncio.Task[None] | None = None

    @property
    def at_work(self) -> bool:
        """Whether it is being published: whatever ended that, it can begin again."""
        return self.working is not None and not self.working.done()


@dataclass(slots=True)
class _Window:
    """Slices that are published and not yet confirmed, in order. The last ends at ``read``."""

    read: int
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


class Publishing:
    """Publishes logs, one slice after the other. ``lag`` says how far behind that is."""

    def __init__(
        self,
        outbox: Outbox,
        broker: Broker,
        clock: Clock,
        settings: RelaySettings,
        telemetry: Telemetry,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self.lag = Lag(clock)
        measures = telemetry.measures
        measures.read(figures.RELAY_LAG_EVENTS, lambda: {(): self.lag.events})
        measures.read(figures.RELAY_LAG_SECONDS, lambda: {(): self.lag.seconds})
        for outcome in ("published", "confirmed", "failed"):
            measures.count(figures.RELAY_SLICES, outcome, amount=0)
        measures.count(figures.RELAY_EVENTS, amount=0)

    async def publish(self, followed: RelayedLog) -> None:
        """Keep the window full until the head is confirmed.

        Raises BrokerAway, StoreUnavailable and what makes a log unreadable; then ``confirmed`` is
        where to begin again.
        """
        window = _Window(followed.confirmed.position)
        try:
            await self._fill(window, followed)
            while window.sent:
                await self._confirm(window, followed)
                await self._fill(window, followed)
        finally:
            await window.drop()

    async def _fill(self, window: _Window, followed: RelayedLog) -> None:
        """Read and send what there is room for: one slice only, to a broker that was away."""
        room = 1 if followed.refused else self._settings.window_slices
        while window.read < followed.head and len(window.sent) < room:
            events = await self._outbox.read(followed.log, window.read, self._settings.slice_events)
            if not events:
                followed.head = window.read  # whoever said that there was more was wrong
                self.lag.note(followed.log, followed.confirmed.position, followed.head)
                return
            window.sent.append(self._send(followed, window.read, events))
            window.read = events[-1].position

    async def _confirm(self, window: _Window, followed: RelayedLog) -> None:
        try:
            followed.confirmed = await window.first()
        except BrokerAway:
            followed.refused = True
            raise
        followed.refused = False
        followed.moved_at = self._clock.monotonic()
        self.lag.note(followed.log, followed.confirmed.position, followed.head)

    def _send(
        self, followed: RelayedLog, after: int, events: list[StoredEvent]
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

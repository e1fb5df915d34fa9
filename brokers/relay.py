"""The relay: what was committed, by whichever process, reaches the broker once and in order.

What this node commits it publishes at once (:meth:`Relay.committed`). What others commit, such as
the command line beside a running product, is found by polling the heads and read from the store.
Only gaps are read: a slice that continues what was published is passed on as it is.

The relay holds no checkpoint and promises no consumer anything: after any failure it reads again
from what was surely published. It must never wait, or fail, in the way of a commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from domain.envelope import Slice
from domain.errors import ParleyError, StoreUnavailable
from domain.ports import Broker, Clock, EventStore
from domain.pulse import Pulse

_logger = logging.getLogger("parley.relay")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """How often the relay looks, how much it reads, how much may wait in it."""

    poll_s: float = 1.0
    """Seconds between two looks at all heads: one query, an index probe for each tenant in it."""

    backoff_s: float = 10.0
    """The longest pause after failures; they begin at ``poll_s`` and double."""

    slice_events: int = 256
    """Events of a slice at most; the protocol's limit."""

    ahead_slices: int = 64
    """Slices of a log kept while the gap before them is read; without them, each commit under load
    would be read again and the gap never close."""

    outgoing_slices: int = 1024
    """Slices that may wait for the broker; what comes beyond them is read from the store later."""


class Relay:
    """Publishes the logs of a store from now on.

    ``committed`` is to be given to the group commit; ``run`` follows the store until cancelled.
    ``went_back`` is called where a log ends before what was published of it: another history.
    """

    def __init__(
        self,
        store: EventStore,
        broker: Broker,
        clock: Clock,
        settings: RelaySettings | None = None,
        *,
        went_back: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._went_back = went_back
        self._broker = broker
        self._settings = settings or RelaySettings()
        self._clock = clock
        self._pulse = Pulse(clock)
        self._published: dict[UUID, int] = {}
        self._behind: dict[UUID, int] = {}
        self._ahead: dict[UUID, list[Slice]] = {}
        self._unreadable: dict[UUID, int] = {}
        self._outgoing: deque[Slice] = deque()
        self._publisher: asyncio.Task[None] | None = None
        self._begun = False

    def committed(self, committed: Slice) -> None:
        """Take what this node has committed; a :class:`~domain.ports.Commits`."""
        self._published.setdefault(committed.log, committed.after)
        self._pass_on(committed)
        self._broker.signal(committed.log, committed.upto)

    def signalled(self, log: UUID, head: int) -> None:
        """Take word that a log has grown; a :data:`~domain.ports.SignalHandler`."""
        if self._begun and head > self._published.get(log, 0):
            self._fall_behind(log, head)

    async def run(self) -> None:
        """Fill gaps until cancelled."""
        unsubscribe = self._broker.on_signal(self.signalled)
        try:
            await self._follow()
        finally:
            unsubscribe()
            await self._stop()

    async def _follow(self) -> None:
        next_look, pause = self._clock.monotonic(), 0.0
        while True:
            try:
                if self._clock.monotonic() >= next_look:
                    next_look = self._clock.monotonic() + self._settings.poll_s
                    await self._look()
                await self._fill()
            except StoreUnavailable:
                pause = self._longer(pause)
                await self._clock.sleep(pause)
                next_look = self._clock.monotonic()
            else:
                pause = 0.0
                await self._pulse.wait(next_look - self._clock.monotonic())

    def _longer(self, pause: float) -> float:
        """How long to wait after one more failure; the first is logged."""
        if not pause:
            _logger.warning("the store is away; the relay waits for it")
        return min(self._settings.backoff_s, max(self._settings.poll_s, 2 * pause))

    async def _look(self) -> None:
        """Compare every head with what was published. A log that is new begins at its first event.

        At the very first look there is no telling what others have published: heads are taken as
        they are, and whoever follows a log reads what is older from the store.
        """
        before = dict(self._published)
        for head in await self._store.heads():
            published = self._published.setdefault(head.log, 0 if self._begun else head.position)
            if head.position > published:
                self._behind[head.log] = head.position
            elif head.position < before.get(head.log, 0):
                _logger.error("alarm: log %s went back to position %d", head.log, head.position)
                self._published[head.log] = head.position
                self._ahead.pop(head.log, None)
                self._went_back()
        self._begun = True

    async def _fill(self) -> None:
        """Publish what is missing, a slice of every log in turn, until nothing is."""
        while self._behind:
            for log in list(self._behind):
                try:
                    await self._fill_slice(log)
                except StoreUnavailable:
                    raise
                except ParleyError as error:
                    self._set_aside(log, error)

    def _set_aside(self, log: UUID, error: ParleyError) -> None:
        """Leave a log that cannot be read until the next look; the others go on."""
        del self._behind[log]
        if self._unreadable.get(log) != self._published[log]:
            self._unreadable[log] = self._published[log]
            _logger.error("alarm: log %s cannot be relayed: %s", log, type(error).__name__)

    async def _fill_slice(self, log: UUID) -> None:
        after = self._published.setdefault(log, 0)
        events = await self._store.read_log(log, after, self._settings.slice_events)
        if events:
            self._pass_on(Slice(log, after, events[-1].position, tuple(events)))
        if not events or self._published[log] >= self._behind[log]:
            del self._behind[log]
        await self._published_some()

    def _pass_on(self, committed: Slice) -> None:
        """Publish what of a slice continues its log; what comes beyond a gap has to wait."""
        log, published = committed.log, self._published[committed.log]
        if committed.upto <= published:
            return
        if committed.after > published:
            self._keep_ahead(committed)
            return
        if len(self._outgoing) >= self._settings.outgoing_slices:
            self._fall_behind(log, committed.upto)
            return
        self._outgoing.extend(self._cut(committed, published))
        self._published[log] = committed.upto
        if self._publisher is None:
            self._publisher = asyncio.get_running_loop().create_task(self._publish())
        for later in self._ahead.pop(log, ()):
            self._pass_on(later)

    def _keep_ahead(self, committed: Slice) -> None:
        """Keep a slice while the gap before it is read; what is too much is read as well."""
        ahead = self._ahead.setdefault(committed.log, [])
        if len(ahead) < self._settings.ahead_slices:
            ahead.append(committed)
        self._fall_behind(committed.log, committed.upto)

    def _cut(self, committed: Slice, published: int) -> list[Slice]:
        """The rest of a slice beyond what was published, in portions of the slice size."""
        events = committed.events[published - committed.after :]
        size = self._settings.slice_events
        portions = [events[start : start + size] for start in range(0, len(events), size)]
        return [
            replace(committed, after=part[0].position - 1, upto=part[-1].position, events=part)
            for part in portions
        ]

    def _fall_behind(self, log: UUID, head: int) -> None:
        self._behind[log] = max(head, self._behind.get(log, 0))
        self._pulse.call()

    async def _publish(self) -> None:
        """Give the broker what waits. No await between finding nothing and ending."""
        try:
            while self._outgoing:
                await self._publish_first()
        finally:
            self._publisher = None

    async def _publish_first(self) -> None:
        first = self._outgoing[0]
        try:
            await self._broker.publish(first)
        except Exception:
            _logger.exception("the broker did not take a slice; it will be read again")
            self._take_back(first)
        else:
            self._outgoing.popleft()

    def _take_back(self, failed: Slice) -> None:
        """Forget that this slice and those of its log behind it were published."""
        kept = (waiting for waiting in self._outgoing if waiting.log != failed.log)
        self._outgoing = deque(kept)
        self._published[failed.log] = failed.after

    async def _published_some(self) -> None:
        """Wait while more waits for the broker than may."""
        publisher = self._publisher
        if publisher is not None and len(self._outgoing) >= self._settings.outgoing_slices:
            await asyncio.wait({publisher})

    async def _stop(self) -> None:
        if self._publisher is not None:
            self._publisher.cancel()
            await asyncio.gather(self._publisher, return_exceptions=True)

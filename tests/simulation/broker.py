"""The broker of the simulation: an exchange, and each node's own connection to it.

While no fault is on it passes the broker's contract suite. Faults make it what RabbitMQ can be:
away, cut off, slow, and losing, repeating or reordering what it was given.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from random import Random
from uuid import UUID

from brokers.handlers import Subscriptions
from domain.broker import Heads
from domain.envelope import StoredSlice
from domain.errors import BrokerAway
from domain.passing import Passing
from tests.simulation.loop import rest

WAY_S = 0.003
"""The longest that a message usually takes to the exchange, or from it."""

REFUSAL_S = 0.02
"""How long it takes to notice that the broker is not there."""

BACK_S = 0.2
"""The longest that a connection takes to be made anew, once that is possible."""

SILENCE_S = 2.5
"""After so long without a word of a relay the broker is not trusted, as in ``BrokerSettings``."""

NEXT_S = 1e-6
"""How much later than the one before a message comes: timers of one moment have no order."""

Handle = Callable[[], None]


@dataclass
class Disturbance:
    """What becomes of single messages: the chance of each, and how much longer a late one takes."""

    lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0
    reordered: float = 0.0
    late_s: float = 0.6


CALM = Disturbance()


class Exchange:
    """What all processes send to. ``struck`` is told of each fault that a message met.

    ``published`` has the hashes of all events that ever came here.
    """

    def __init__(self, chance: Random, struck: Callable[[str], None] = lambda _: None) -> None:
        self.disturbance = CALM
        self.published: set[bytes] = set()
        self._chance = chance
        self._struck = struck
        self._processes: list[SimulatedBroker] = []

    def join(self, process: SimulatedBroker) -> None:
        """A process is there from now on."""
        self._processes.append(process)

    def leave(self, process: SimulatedBroker) -> None:
        """A process is gone, and its queue."""
        self._processes.remove(process)

    def way(self) -> float:
        """How long a message takes."""
        return self._chance.random() * WAY_S

    def route(self, committed: StoredSlice, context: str | None) -> None:
        """Put a slice into the queues that are bound to its log."""
        self.published.update(event.hash for event in committed.events)
        for process in list(self._processes):
            if process.is_bound(committed.log):
                self._put(process, partial(process.take_slice, committed, context))

    def tell(self, heads: Heads, *, beacon: bool, sender: SimulatedBroker) -> None:
        """Tell heads to all (a beacon), or to all others."""
        for process in list(self._processes):
            if beacon or process is not sender:
                self._put(process, partial(process.take_heads, heads, beacon=beacon))

    def pass_on(self, passing: Passing, sender: SimulatedBroker) -> None:
        """Tell something passing to all others that follow its log."""
        for process in list(self._processes):
            if process is not sender and process.is_bound(passing.log):
                self._put(process, partial(process.take_passing, passing))

    def _put(self, process: SimulatedBroker, message: Handle) -> None:
        """Send a message to a process's queue, if nothing befalls it on the way."""
        if not process.up:
            return
        if self.disturbance is CALM:
            process.queue(message, self.way())
            return
        what, throw = self.disturbance, self._chance.random
        if throw() < what.lost:
            self._struck("message lost")
            return
        if throw() < what.doubled:
            self._struck("message doubled")
            process.queue(message, throw() * what.late_s, overtaken=True)
        if throw() < what.reordered:
            self._struck("message overtaken")
            process.queue(message, throw() * what.late_s, overtaken=True)
        elif throw() < what.delayed:
            self._struck("message delayed")
            process.queue(message, throw() * what.late_s)
        else:
            process.queue(message, self.way())


class SimulatedBroker(Subscriptions):
    """A :class:`~domain.broker.Broker`: one process's connection to the exchange.

    ``unconfirmed`` is what it has published and has no confirm for.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.up = False
        self.cut = False
        self.unconfirmed: dict[asyncio.Future[None], StoredSlice] = {}
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._wanted: dict[UUID, str] = {}
        self._bound: set[UUID] = set()
        self._heard = float("-inf")
        self._messages: deque[Handle] = deque()
        self._arrivals = asyncio.Event()
        self._last_in = self._last_out = 0.0
        self._between = Context()
        self._slices_in: deque[tuple[StoredSlice, str | None]] = deque()

    async def run(self) -> None:
        """Be connected until cancelled; hand on what comes, one message after the other."""
        self._exchange.join(self)
        self._connect()
        try:
            while True:
                await self._arrivals.wait()
                self._arrivals.clear()
                while self._messages:
                    self._messages.popleft()()
                    while self._slices_in:
                        await self._slices.call_each(*self._slices_in.popleft())
        finally:
            self._exchange.leave(self)
            self.lose()

    def lose(self) -> None:
        """The connection is gone, with the queue and with what was on its way."""
        if not self.up:
            return
        self.up = False
        self._bound.clear()
        self._messages.clear()
        self._heard = float("-inf")
        for confirm in self.unconfirmed:
            if not confirm.done():
                confirm.set_exception(BrokerAway("the connection was lost"))
        self._changes.call()

    def regain(self) -> None:
        """The connection can be made anew."""
        self._loop.call_later(self._exchange.way() / WAY_S * BACK_S, self._connect)

    def _connect(self) -> None:
        if self.up or self.cut:
            return
        self.up = True
        self._bound = set(self._wanted)
        self._changes.call()

    # --- what is sent -------------------------------------------------------------------------

    @property
    def reaches_all(self) -> bool:
        recent = self._loop.time() - self._heard < SILENCE_S
        return self.up and recent and len(self._bound) == len(self._wanted)

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        if not self.up:
            await rest(self._loop, REFUSAL_S)
            raise BrokerAway("not connected")
        confirm: asyncio.Future[None] = self._loop.create_future()
        self.unconfirmed[confirm] = committed
        self._last_out = max(self._last_out + NEXT_S, self._loop.time() + self._exchange.way())
        arrive = partial(self._arrive, committed, context, confirm)
        self._loop.call_at(self._last_out, arrive, context=self._between)
        try:
            await confirm
        finally:
            del self.unconfirmed[confirm]

    def _arrive(
        self, committed: StoredSlice, context: str | None, confirm: asyncio.Future[None]
    ) -> None:
        """A slice is at the exchange; whoever sent it may not hear that any more."""
        self._exchange.route(committed, context)
        self._loop.call_later(self._exchange.way(), _confirm, confirm)

    def signal(self, log: UUID, head: int) -> None:
        self._signals.call([(log, head)])
        if self.up:
            self._exchange.tell([(log, head)], beacon=False, sender=self)

    def beacon(self, heads: Heads) -> None:
        if self.up:
            self._exchange.tell(list(heads), beacon=True, sender=self)

    def pass_on(self, passing: Passing) -> None:
        self._passing.call(passing)
        if self.up:
            self._exchange.pass_on(passing, self)

    # --- what comes ---------------------------------------------------------------------------

    async def follow(self, log: UUID, tenant: str) -> None:
        self._wanted[log] = tenant
        if self.up:
            await rest(self._loop, self._exchange.way())
        if self.up and log in self._wanted:
            self._bound.add(log)

    async def unfollow(self, log: UUID) -> None:
        self._wanted.pop(log, None)
        self._bound.discard(log)

    def is_bound(self, log: UUID) -> bool:
        """Whether this process's queue gets what is published of a log."""
        return log in self._bound

    def queue(self, message: Handle, way_s: float, *, overtaken: bool = False) -> None:
        """A message is in the queue after so long; those behind it wait, unless they overtake."""
        at = self._loop.time() + way_s
        if not overtaken:
            at = self._last_in = max(self._last_in + NEXT_S, at)
        self._loop.call_at(at, self._come, message, context=self._between)

    def _come(self, message: Handle) -> None:
        if self.up:
            self._messages.append(message)
            self._arrivals.set()

    def take_slice(self, committed: StoredSlice, context: str | None) -> None:
        """Hand a slice on."""
        self._heard = self._loop.time()
        self._slices_in.append((committed, context))

    def take_heads(self, heads: Heads, *, beacon: bool) -> None:
        """Hand a beacon or a signal on."""
        if beacon:
            self._heard = self._loop.time()
            self._beacons.call(heads)
        else:
            self._signals.call(heads)

    def take_passing(self, passing: Passing) -> None:
        """Hand something passing on."""
        self._passing.call(passing)


def _confirm(confirm: asyncio.Future[None]) -> None:
    if not confirm.done():
        confirm.set_result(None)

"""The broker of a single process: everything goes straight to the handlers.

It keeps nothing and knows no other process. Where others may share the store, it says so by not
reaching all, and what they commit is found by looking at the heads.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from brokers.handlers import Handlers
from domain.broker import End, Heads, HeadsHandler, PassingHandler, SliceHandler
from domain.envelope import StoredSlice
from domain.passing import Passing


class InProcessBroker:
    """A :class:`~domain.broker.Broker`. ``reaches_all``: no other process shares the store."""

    def __init__(self, *, reaches_all: bool = True) -> None:
        self.reaches_all = reaches_all
        self._followed: set[UUID] = set()
        self._slices: Handlers[StoredSlice, str | None] = Handlers()
        self._signals: Handlers[Heads] = Handlers()
        self._beacons: Handlers[Heads] = Handlers()
        self._passing: Handlers[Passing] = Handlers()

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        if committed.log in self._followed:
            await self._slices.call_each(committed, context)

    def signal(self, log: UUID, head: int) -> None:
        self._signals.call([(log, head)])

    def beacon(self, heads: Heads) -> None:
        self._beacons.call(heads)

    def pass_on(self, passing: Passing) -> None:
        self._passing.call(passing)

    async def follow(self, log: UUID, tenant: str) -> None:  # noqa: ARG002  # the port's
        self._followed.add(log)

    async def unfollow(self, log: UUID) -> None:
        self._followed.discard(log)

    def on_slice(self, handler: SliceHandler) -> End:
        return self._slices.add(handler)

    def on_signal(self, handler: HeadsHandler) -> End:
        return self._signals.add(handler)

    def on_beacon(self, handler: HeadsHandler) -> End:
        return self._beacons.add(handler)

    def on_passing(self, handler: PassingHandler) -> End:
        return self._passing.add(handler)

    def on_change(self, handler: Callable[[], None]) -> End:  # noqa: ARG002  # never away
        return lambda: None

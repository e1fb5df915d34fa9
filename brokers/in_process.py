"""The broker of a single process: everything goes straight to the handlers.

It keeps nothing and knows no other process. Where others may share the store, it says so by not
reaching all, and what they commit is found by looking at the heads.
"""

from __future__ import annotations

from uuid import UUID

from brokers.handlers import Subscriptions
from domain.broker import Heads
from domain.envelope import StoredSlice
from domain.passing import Passing


class InProcessBroker(Subscriptions):
    """A :class:`~domain.broker.Broker`. ``reaches_all``: no other process shares the store."""

    def __init__(self, *, reaches_all: bool = True) -> None:
        super().__init__()
        self.reaches_all = reaches_all
        self._followed: set[UUID] = set()

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

"""The port to the broker: how processes hear at once what others commit, and what is passing.

Nothing depends on it. It may lose, repeat or reorder anything: whoever follows a log goes by
position, reads holes from the store, and looks at the heads whenever the broker cannot be trusted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

from domain.envelope import StoredSlice
from domain.passing import Passing

Heads = Sequence[tuple[UUID, int]]
"""Logs, each with the position of its last event as far as the sender knows."""

SliceHandler = Callable[[StoredSlice, str | None], Awaitable[None]]
"""Takes a slice, and the context of the trace that it came with; must not raise."""

HeadsHandler = Callable[[Heads], None]
PassingHandler = Callable[[Passing], None]
End = Callable[[], None]
"""Ends a subscription; calling it again does nothing."""


class Broker(Protocol):
    """Fan-out. Handlers are called one message at a time, in the order in which they came."""

    @property
    def reaches_all(self) -> bool:
        """Whether what others publish of the followed logs surely comes here, as far as is known.

        While it does not, whoever follows a log has to look at its head every so often.
        """

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        """Give a slice to every process that follows its log; returns when the broker has it.

        Slices go out in the order of the calls, which need not wait for each other. Raises
        :class:`~domain.errors.BrokerAway`, and then it may have gone out or not.
        """

    def signal(self, log: UUID, head: int) -> None:
        """Say that a log has grown, to whoever works on logs: here at once, elsewhere soon."""

    def beacon(self, heads: Heads) -> None:
        """Say how far logs were published, to every process that follows logs. Even of none."""

    def pass_on(self, passing: Passing) -> None:
        """Tell something passing: here at once, elsewhere to those who follow the log."""

    async def follow(self, log: UUID, tenant: str) -> None:
        """Let what is published of a log come here. Returns when it does, or cannot now.

        What cannot be bound now is bound as soon as the broker is back.
        """

    async def unfollow(self, log: UUID) -> None:
        """Let it come no more."""

    def on_slice(self, handler: SliceHandler) -> End:
        """Call for the slices of the followed logs; the answer ends it."""

    def on_signal(self, handler: HeadsHandler) -> End:
        """Call for signals that logs have grown; the answer ends it."""

    def on_beacon(self, handler: HeadsHandler) -> End:
        """Call for beacons; the answer ends it."""

    def on_passing(self, handler: PassingHandler) -> End:
        """Call for what is passing in the followed logs; the answer ends it."""

    def on_change(self, handler: Callable[[], None]) -> End:
        """Call when the broker was lost, and when it is back: something may not have come."""

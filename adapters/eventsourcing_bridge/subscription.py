"""Following a tenant's log: polled, and woken at once by what this process records itself.

The library's own subscriptions wait for a notification without a timeout, and start again from
the last event that passed their filter. This one polls, and remembers how far it has looked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition
from typing import TYPE_CHECKING

from eventsourcing.persistence import Notification, Subscription

from adapters.eventsourcing_bridge.reading import Told

if TYPE_CHECKING:
    from adapters.eventsourcing_bridge.recorders import ParleyApplicationRecorder

POLL_S = 0.2
"""Seconds between two looks at a log where nothing happens."""


class Bell:
    """Wakes those who wait for something new."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it has rung. Take it before looking, and wait beyond it."""
        return self._rung

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._changed:
            self._rung += 1
            self._changed.notify_all()

    def wait(self, rung: int, timeout_s: float) -> None:
        """Wait until it has rung more often than this, but not longer than the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung > rung, timeout_s)


class ParleySubscription(Subscription["ParleyApplicationRecorder"]):
    """An iterator over the log beyond a position; at its end it waits for more.

    Raises OperationalError when the store stays away; a new one goes on from the last position.
    """

    def __init__(
        self,
        recorder: ParleyApplicationRecorder,
        read: Callable[[int], Told],
        bell: Bell,
        gt: int | None,
        topics: Sequence[str],
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._read = read
        self._bell = bell
        self._looked = gt or 0
        self._page: deque[Notification] = deque()

    def stop(self) -> None:
        super().stop()
        self._bell.ring()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._page:
                return self._page.popleft()
            rung = self._bell.rung
            told = self._read(self._looked)
            if told.upto == self._looked and not self._has_been_stopped:
                self._bell.wait(rung, POLL_S)
            self._looked = told.upto
            self._page.extend(told.notifications)
        raise StopIteration

"""How far a follower of logs is behind: in events, and for how long.

The age of the first event that it has not reached would be the exact answer, and would have to be
read from the store. Instead it is kept since when a head is known that was not reached yet; that is
late by no more than the follower's own look.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.telemetry import Times


class _Behind(Struct):
    """A log that is not reached to its head. ``mark`` is a head that was seen at ``since``."""

    reached: int
    head: int
    mark: int
    since: float


class Lag:
    """Of one follower, over all its logs; only those that it is behind in are kept."""

    def __init__(self, clock: Times) -> None:
        self._clock = clock
        self._behind: dict[UUID, _Behind] = {}

    def note(self, log: UUID, reached: int, head: int | None = None) -> None:
        """The follower stands here; the log, as it was just seen (None: as before), there."""
        known = self._behind.get(log)
        if head is None:
            head = known.head if known else reached
        if reached >= head:
            self._behind.pop(log, None)
        elif known is None:
            self._behind[log] = _Behind(reached, head, head, self._clock.monotonic())
        else:
            known.reached, known.head = reached, head
            if reached >= known.mark:
                known.mark, known.since = head, self._clock.monotonic()

    def head(self, log: UUID) -> int | None:
        """The head of a log that it is behind in, as it was last seen; None where it is not."""
        known = self._behind.get(log)
        return None if known is None else known.head

    def forget(self, log: UUID) -> None:
        """The log is somebody else's to follow."""
        self._behind.pop(log, None)

    def is_behind(self, log: UUID) -> bool:
        """Whether it has not reached the head of this log, as far as that is known here."""
        return log in self._behind

    @property
    def events(self) -> int:
        """Events that it has not reached, in all logs together."""
        return sum(each.head - each.reached for each in self._behind.values())

    @property
    def seconds(self) -> float:
        """For how long it has not reached what was there, in the log where that is longest."""
        if not self._behind:
            return 0.0
        return self._clock.monotonic() - min(each.since for each in self._behind.values())

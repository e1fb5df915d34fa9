"""The order of one log: what was told of it, and what waits beyond a hole. No I/O, no clock.

Slices come from anywhere, in any order and cut. Those of single streams are told as soon as they
are here, for each stream has numbers of its own; the log as a whole is told in order.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.envelope import Slice, StoredEvent


class Tell(Struct, frozen=True):
    """What is to be told now: to those of single streams, and in order to those of the log."""

    streams: Slice | None = None
    log: tuple[Slice, ...] = ()


NOTHING = Tell()


class Ordering:
    """``told``: everything up to there was told to all; None until that is known.

    ``newest`` is the last position that is known to be there. ``held_events`` bounds what waits.
    ``histories``: how often all was forgotten; what was asked for before that is lost.
    """

    __slots__ = ("_held", "_held_events", "histories", "newest", "told")

    def __init__(self, held_events: int) -> None:
        self._held_events = held_events
        self._held: list[Slice] = []
        self.told: int | None = None
        self.newest = 0
        self.histories = 0

    def forget(self) -> None:
        """Nothing is known any more: the history is another one."""
        self.told = None
        self.newest = 0
        self.histories += 1
        self._held.clear()

    @property
    def is_behind(self) -> bool:
        """Whether something is known to be there that the log was not told of."""
        return self.told is not None and self.newest > self.told

    @property
    def held(self) -> int:
        """Events that wait beyond a hole."""
        return sum(len(each.events) for each in self._held)

    def fresh(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Those of a slice's events that are worth decrypting."""
        told = self.told or 0
        return [event for event in events if event.position > told]

    def take(self, committed: Slice) -> Tell:
        """Take a slice, from wherever it is: what is to be told now."""
        self.newest = max(self.newest, committed.upto)
        if self.told is None:
            return NOTHING  # whoever follows it already reads the store after this
        if committed.after > self.told:
            self._hold(committed)
            return Tell(committed)
        fresh = _beyond(committed, self.told)
        if fresh is None:
            return NOTHING
        self.told = fresh.upto
        return Tell(fresh, (fresh, *self._released()))

    def _hold(self, committed: Slice) -> None:
        """Keep what lies beyond a hole; what is too much is read from the store again."""
        self._held.append(committed)
        self._held.sort(key=lambda each: each.after)
        while self.held > self._held_events:
            self._held.pop()

    def _released(self) -> list[Slice]:
        """What was held and follows now; its streams know it already."""
        released: list[Slice] = []
        assert self.told is not None
        while self._held and self._held[0].after <= self.told:
            fresh = _beyond(self._held.pop(0), self.told)
            if fresh is not None:
                self.told = fresh.upto
                released.append(fresh)
        return released


def _beyond(committed: Slice, told: int) -> Slice | None:
    """What of a slice comes after a position; None when nothing does."""
    if committed.after >= told:
        return committed
    if committed.upto <= told:
        return None
    events = tuple(event for event in committed.events if event.position > told)
    return Slice(committed.log, told, committed.upto, events)

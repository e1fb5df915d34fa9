"""The newest events of each log as they are known here, so that they are read and decrypted once.

What one projection had to read from the store, the others find here; from then on what this
process commits in that log comes in at once. An event is dropped when every projection has it.
Nothing depends on what is here: where it does not continue a checkpoint's own history, the store
is read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from domain.checkpoints import NOTHING, Checkpoint
from domain.envelope import MARK_BYTES, RecordedEvent, Slice

LOGS = 64
"""Logs of which events are kept, those that grew last: busy ones, not all that there are."""


class RecentEvents:
    """At most ``limit`` events of a log, in a row. Zero keeps none.

    ``histories``: how often all were dropped; what was folded before that may be of no history.
    """

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self.histories = 0
        self._logs: OrderedDict[UUID, list[RecordedEvent]] = OrderedDict()

    def committed(self, committed: Slice) -> None:
        """Take what was just committed here, in a log that a projection here has read.

        Of a log that is projected elsewhere nobody here would ever be done with an event.
        """
        if committed.log in self._logs:
            self.take(committed.log, committed.events)

    def take(self, log: UUID, events: Sequence[RecordedEvent]) -> None:
        """Take events in a row, those that are newer than what is kept.

        Where they are not what is kept at the same place, the store's history is another one.
        """
        if not events or not self._limit:
            return
        kept = self._logs.setdefault(log, [])
        if _contradict(kept, events):
            kept.clear()
        newest = kept[-1].position if kept else 0
        if events[-1].position <= newest:
            return
        if events[0].position != newest + 1:
            kept.clear()
        kept += events
        del kept[: -self._limit]
        self._logs.move_to_end(log)
        while len(self._logs) > LOGS:
            self._logs.popitem(last=False)

    def after(self, log: UUID, checkpoint: Checkpoint, limit: int) -> Sequence[RecordedEvent]:
        """What follows the checkpoint in its own history, at most ``limit``; perhaps nothing."""
        kept = self._logs.get(log)
        if not kept:
            return ()
        first = checkpoint.position + 1 - kept[0].position
        if first > 0:
            behind = kept[first - 1 : first]
            if not behind or behind[0].hash[:MARK_BYTES] != checkpoint.mark:
                return ()
        elif first < 0 or checkpoint != NOTHING:
            return ()
        return kept[first : first + limit]

    def done(self, log: UUID, position: int) -> None:
        """Drop what every projection has, but for the event that the next ones must follow."""
        kept = self._logs.get(log)
        if kept:
            del kept[: max(0, position - kept[0].position)]

    def forget(self, log: UUID | None = None) -> None:
        """Drop what is known of a log, or of all: the store's history is another one."""
        if log is None:
            self._logs.clear()
            self.histories += 1
        else:
            self._logs.pop(log, None)


def _contradict(kept: Sequence[RecordedEvent], events: Sequence[RecordedEvent]) -> bool:
    """Whether both have the last place that they share, and not the same event there.

    Its hash says so for all before it.
    """
    if not kept:
        return False
    last = min(kept[-1].position, events[-1].position)
    first = max(kept[0].position, events[0].position)
    if last < first:
        return False
    return kept[last - kept[0].position].hash != events[last - events[0].position].hash

"""The store that keeps a record: every event that was ever committed, under which epoch, and when.

The record is taken where the commit happens, so no reader's mistake can hide in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from uuid import UUID

from domain.append import Answer, Append, Appended, Conflict, Known
from domain.envelope import RecordedEvent
from domain.ports import Ids
from tests.doubles.memory_store import MemoryEventStore
from tests.simulation.clock import VirtualClock
from tests.simulation.history import Committed, History, Incarnation


class RecordedStore(MemoryEventStore):
    """A simulated store whose commits go into a history."""

    def __init__(self, clock: VirtualClock, ids: Ids, history: History) -> None:
        super().__init__(clock, ids)
        self._history = history
        self._time = clock.monotonic
        history.incarnations.append(Incarnation(self._epoch))

    async def create_log(self, log: UUID, tenant: str) -> None:
        await super().create_log(log, tenant)
        self._history.now.logs[log] = []

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        answers = await super().append_batch(log, batch)
        at, committed = self._time(), self._history.now.logs[log]
        for answer in answers:
            if isinstance(answer, Appended):
                committed.extend(Committed(at, event) for event in answer.events)
                self._history.note(at, "store", "commits", [_line(e) for e in answer.events])
            elif isinstance(answer, Conflict):
                self._history.counts["conflicts"] += 1
            elif isinstance(answer, Known):
                self._history.counts["repeats"] += 1
        return answers

    def peek(self, log: UUID, upto: int) -> list[RecordedEvent]:
        """A log up to a position, as readers get it now."""
        return self._page(self._logs[log].read(0, upto))

    def restore(self, positions: Mapping[UUID, int]) -> None:
        super().restore(positions)
        before, at = self._history.now, self._time()
        before.ended, before.kept = at, dict(positions)
        logs = {log: events[: positions[log]] for log, events in before.logs.items()}
        self._history.incarnations.append(Incarnation(self._epoch, logs, at, noticed=inf))
        self._history.note(at, "store", "is restored", [*positions.values()])


def _line(event: RecordedEvent) -> str:
    return f"{event.position} {event.type} {event.stream} {event.version}"

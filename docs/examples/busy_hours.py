"""A projection of one's own: how many messages a tenant gets in each hour of the day.

``docs/projections.md`` goes through it. It counts by what stands in clear in the log, so an erasure
changes nothing in it.
"""

# ruff: noqa: INP001 - an example, in no package

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from domain.envelope import RecordedEvent
from domain.ports import Table, Transaction
from projections.ports import ReadModels
from projections.projection import Given, Write

Hours = dict[int, int]
"""Messages by the hour of the day, in UTC."""

HOUR = Table("busy_hour_1", ("tenant", "hour", "messages"), ("tenant", "hour"))

TABLES = """
CREATE TABLE IF NOT EXISTS busy_hour_1 (
    tenant uuid NOT NULL,
    hour smallint NOT NULL,
    messages bigint NOT NULL,
    PRIMARY KEY (tenant, hour)
);
SELECT rm.guard('busy_hour_1');
"""


def evolve(hours: Hours, events: Iterable[RecordedEvent]) -> Hours:
    """The counts after the events. Pure: it neither asks nor changes anything."""
    counted = dict(hours)
    for event in events:
        counted[event.at.hour] = counted.get(event.at.hour, 0) + 1
    return counted


class BusyHours:
    """The projection ``busy_hours``."""

    name = "busy_hours"
    version = 1
    types: frozenset[str] | None = frozenset({"message.posted"})
    owned = (HOUR.name,)
    tables = TABLES

    def __init__(self, models: ReadModels) -> None:
        self._models = models

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Hours | None = None
    ) -> Hours:
        """The counts of the hours that these events are in; ``kept`` is what the last page left."""
        if kept is not None and kept.keys() >= {event.at.hour for event in events}:
            return kept
        async with self._models.reading(log) as transaction:
            rows: Sequence[Any] = await transaction.fetch(
                "SELECT hour, messages FROM busy_hour_1 WHERE tenant = $1", log
            )
        return {row["hour"]: row["messages"] for row in rows}

    def evolve(self, rows: Hours, events: Sequence[RecordedEvent]) -> Hours:
        return evolve(rows, events)

    async def change(self, log: UUID, before: Hours, after: Hours) -> Write:
        """What writes the hours that have changed, in the transaction of the checkpoint."""
        changed = [(log, hour, n) for hour, n in after.items() if before.get(hour) != n]

        async def write(transaction: Transaction) -> None:
            await transaction.put(HOUR, changed)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute("DELETE FROM busy_hour_1 WHERE tenant = $1", log)


def make(given: Given) -> BusyHours:
    """What the setting ``projections`` names: docs.examples.busy_hours:make."""
    return BusyHours(given.models)

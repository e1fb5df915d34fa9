"""How many visits there were today, counted from the facts as they are now."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.ports import Clock
from domain.tenant.calendar import ALWAYS, calendar_of
from projections.analytics.projection import read_settings, sql
from projections.ports import ReadModels

HOURS = 24


class Visits(Struct, frozen=True):
    """Visits by when they began: today in the tenant's zone, in the last hour, by hour of today.

    An hour that the clock on the wall shows twice is one.
    """

    today: int
    last_hour: int
    by_hour: list[int]


class _Quarter(Struct, frozen=True):
    """What began in a quarter of an hour."""

    quarter: datetime
    today: int
    last_hour: int


_COLUMNS = _Quarter.__struct_fields__


class VisitsReader:
    """Counts them for requests."""

    def __init__(self, models: ReadModels, clock: Clock) -> None:
        self._models = models
        self._clock = clock

    async def now(self, log: UUID) -> Visits:
        """The visits of today. Raises StoreUnavailable."""
        at = datetime.fromtimestamp(self._clock.now(), UTC)
        async with self._models.reading(log) as transaction:
            settings = await read_settings(transaction, log)
            zone = calendar_of(settings.hours or ALWAYS).zone
            midnight = datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)
            since = (midnight, at - timedelta(hours=1))
            stored = await transaction.fetch(sql("visits_now"), log, *since)
        found = [
            msgspec.convert({name: row[name] for name in _COLUMNS}, _Quarter) for row in stored
        ]
        by_hour = [0] * HOURS
        for each in found:
            by_hour[each.quarter.astimezone(zone).hour] += each.today
        return Visits(sum(by_hour), sum(each.last_hour for each in found), by_hour)

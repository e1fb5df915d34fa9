"""Business time: how long somebody was there to answer between two moments.

Pure but for the time zone database, which ``zoneinfo`` reads where the system has it, and else in
the package ``tzdata``. Shifts are by the clock on the wall, moments are not: a shift begins and
ends when the clock first shows its minute, or first shows a later one where that minute is skipped.
So an hour that comes twice in autumn is counted by its length, shifts that follow one another leave
no gap, and none of them is counted twice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.tenant.events import HoursChanged

DAY_MINUTES = 1440

KEPT_DAYS = 4_096
"""Days that one calendar keeps counted out: eleven years, so that a report begins nothing anew."""

KEPT_CALENDARS = 256
"""Calendars kept: as many tenants as a projector is busy with at a time, each small."""

LOOK_AHEAD_DAYS = 500
"""Days in which the next opening is looked for: more than a tenant may have holidays."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_ZONE = re.compile(r"[A-Za-z0-9_+\-]{1,32}(/[A-Za-z0-9_+\-]{1,32}){0,2}")

ALWAYS = HoursChanged("UTC", (((0, DAY_MINUTES),),) * 7)
"""The hours of a tenant that has said none: open all day, in UTC."""


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of a name; None where there is none."""
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def business_seconds(hours: HoursChanged, start: datetime, end: datetime) -> float:
    """Seconds between two moments (aware; 0 where the end is the earlier) that are in a shift."""
    return calendar_of(hours).seconds(start, end)


class Calendar:
    """Opening hours, laid out day by day as they are asked for. A name of no zone counts as UTC."""

    def __init__(self, hours: HoursChanged) -> None:
        self.zone = zone_of(hours.zone) or UTC
        self._week = hours.week
        self._holidays = {holiday.day: holiday.shifts for holiday in hours.holidays}
        self._days: dict[date, tuple[tuple[float, float], ...]] = {}

    def seconds(self, start: datetime, end: datetime) -> float:
        """See :func:`business_seconds`."""
        counted, last = start.timestamp(), end.timestamp()
        day = start.astimezone(self.zone).date() - _DAY  # whose last shift may go on
        last_day = end.astimezone(self.zone).date()
        total = 0.0
        while day <= last_day:
            for opens, closes in self._open(day):
                until = min(closes, last)
                if until > max(opens, counted):
                    total += until - max(opens, counted)
                    counted = until
            day += _DAY
        return total

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there to answer at this moment (aware)."""
        now, today = moment.timestamp(), moment.astimezone(self.zone).date()
        shifts = (*self._open(today - _DAY), *self._open(today))
        return any(opens <= now < closes for opens, closes in shifts)

    def opens_at(self, moment: datetime) -> datetime | None:
        """When somebody is there again: this moment (aware) or later; None: not that one knows."""
        now, day = moment.timestamp(), moment.astimezone(self.zone).date() - _DAY
        for _ in range(LOOK_AHEAD_DAYS):
            for opens, closes in self._open(day):
                if closes > max(opens, now):  # a skipped day has shifts without length
                    return datetime.fromtimestamp(max(opens, now), UTC)
            day += _DAY
        return None

    def _open(self, day: date) -> tuple[tuple[float, float], ...]:
        """The shifts that begin on a day, as moments in seconds since 1970."""
        found = self._days.get(day)
        if found is None:
            shifts = self._holidays.get(day.isoformat(), self._week[day.weekday()])
            found = tuple((self._moment(day, a), self._moment(day, b)) for a, b in shifts)
            if len(self._days) >= KEPT_DAYS:
                self._days.clear()
            self._days[day] = found
        return found

    def _moment(self, day: date, minute: int) -> float:
        """When the clock first shows this minute of a day, or a later one."""
        shown = datetime.combine(day, time()) + timedelta(minutes=minute)
        moment = shown.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == shown:
            return moment.timestamp()
        earlier = shown.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return self._jump(earlier, moment).timestamp()

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """The moment between two at which the clock is put forward, to the second."""
        offset = before.astimezone(self.zone).utcoffset()
        while after - before > _SECOND:
            middle = before + (after - before) // 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after.replace(microsecond=0)


@lru_cache(maxsize=KEPT_CALENDARS)
def calendar_of(hours: HoursChanged) -> Calendar:
    """The calendar of these hours; whoever asks again has the same one."""
    return Calendar(hours)

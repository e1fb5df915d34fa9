"""When people come: the years' growth, the seasons, the week, the hours of the day.

Everything is in the tenant's own zone; a day there has 23 to 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from ops.dataset.drawing import Dice, Weighted
from ops.dataset.plan import END_DAY, FIRST_DAY
from ops.dataset.shares import running_shares
from ops.dataset.tenants import Profile

SECOND = 1_000_000
"""Microseconds, in which all times are."""

GROWTH = 1.8
"""How much busier the last day is than the first."""

WEEK = (1.12, 1.08, 1.04, 1.02, 1.0, 0.82, 0.74)
"""Monday to Sunday."""

MONTHS = (0.92, 0.84, 0.9, 0.94, 0.98, 1.02, 0.94, 0.92, 1.0, 1.06, 1.38, 1.24)
"""January to December."""

PEAKS = {(11, 11): 2.2, (6, 18): 1.7, (12, 26): 1.3, (12, 25): 0.5, (1, 1): 0.6}
"""Month and day of what sells more, or nothing."""

NOISE = 0.12
"""Days differ by so much from what they should be, for no reason."""

NIGHT, EDGE = 0.08, 0.45
"""How busy an hour is by night, and just before and after the opening hours; within them, 1."""

HOURS = (0.7, 0.95, 1.2, 1.25, 1.05, 0.95, 1.05, 1.1, 1.15, 1.1, 1.0, 0.95, 0.9, 1.0, 1.05, 0.9)
"""From the opening on, as far as a day is open."""


def days() -> Sequence[date]:
    """Every day of the set."""
    return [FIRST_DAY + timedelta(n) for n in range((END_DAY - FIRST_DAY).days)]


def conversations_by_day(profile: Profile, total: int, dice: Dice) -> Iterator[tuple[date, int]]:
    """How many conversations begin on each day; ``total`` in the end, exactly."""
    every = days()
    weights = [
        _weight(day, n / len(every), profile) * dice.between(1 - NOISE, 1 + NOISE)
        for n, day in enumerate(every)
    ]
    yield from zip(every, running_shares(total, weights, sum(weights)), strict=True)


def _weight(day: date, progress: float, profile: Profile) -> float:
    closed = 1.0 if profile.open[day.weekday()] else 0.4
    season = MONTHS[day.month - 1] * PEAKS.get((day.month, day.day), 1.0)
    return (1 + (GROWTH - 1) * progress) * WEEK[day.weekday()] * season * closed


class Day:
    """One day of a tenant: when it begins, opens and ends. In microseconds since 1970."""

    def __init__(self, profile: Profile, day: date) -> None:
        self.day = day
        self.weekday = day.weekday()
        self.open = profile.open[self.weekday]
        self._profile = profile
        self._hours: dict[int, int] = {}
        self.begin = self.at(0)
        self.end = moment(day + timedelta(1), 0, profile)
        first, last = self.open or (0, 0)
        self.opening = self.at(first)
        self._closing = self.opening + (last - first) * 3600 * SECOND

    def at(self, hour: int) -> int:
        """When an hour of this day begins."""
        found = self._hours.get(hour)
        if found is None:  # asking for the rules of the zone takes microseconds
            found = self._hours[hour] = moment(self.day, hour, self._profile)
        return found

    def moments(self, count: int, dice: Dice) -> list[int]:
        """So many moments of the day, as busy as its hours are, in order."""
        weighted = _HOURS[self.open]
        return sorted(
            self.at(dice.of(weighted)) + int(3600 * SECOND * dice.random()) for _ in range(count)
        )

    def is_open(self, at: int) -> bool:
        """Whether somebody is there."""
        return self.opening <= at < self._closing


def moment(day: date, hour: int, profile: Profile) -> int:
    """When an hour of a day begins for a tenant."""
    local = datetime(day.year, day.month, day.day, hour, tzinfo=profile.tz)
    return int(local.timestamp()) * SECOND


def _hours(opening: tuple[int, int] | None) -> Weighted:
    if opening is None:
        return Weighted([NIGHT if hour < 8 else EDGE for hour in range(24)])  # noqa: PLR2004  # eight
    first, last = opening
    within = dict(zip(range(first, last), HOURS, strict=False))
    edges = {(first - 1) % 24: EDGE, last % 24: EDGE}
    return Weighted([within.get(hour, edges.get(hour, NIGHT)) for hour in range(24)])


class _Hours(dict[tuple[int, int] | None, Weighted]):
    """The weights of a day's hours by its opening, made when first asked for."""

    def __missing__(self, opening: tuple[int, int] | None) -> Weighted:
        self[opening] = made = _hours(opening)
        return made


_HOURS = _Hours()

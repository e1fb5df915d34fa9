"""How an agent spent its days: seconds in each status, and what was done. Pure.

A day is the tenant's own, from its midnight to the next: 23 or 25 hours where the clock is moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

ERASED = "erased"
"""The status of a time that cannot be read any more."""

_DAY = timedelta(days=1)


class Stretch(Struct, frozen=True, array_like=True):
    """A time in one status; ``to_at`` is None while it lasts."""

    from_at: datetime
    to_at: datetime | None
    status: str | None


class Piece(Struct, frozen=True, array_like=True):
    """What was done in the quarter of an hour from ``at`` on."""

    at: datetime
    messages: int
    conversations: int


class Day(Struct, frozen=True):
    """One day: seconds in each status, messages sent, conversations taken or given."""

    day: date
    seconds: dict[str, float]
    messages: int
    conversations: int


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_of(
    stretches: Iterable[Stretch],
    pieces: Iterable[Piece],
    days: tuple[date, date],
    zone: tzinfo,
    now: datetime,
) -> list[Day]:
    """The days from the first up to the second, which is not one of them, as far as they are over.

    What lasts is counted until ``now``.
    """
    seconds: dict[date, dict[str, float]] = {}
    done: dict[date, list[int]] = {}
    for stretch in stretches:
        _spread(seconds, stretch, days, zone, min(stretch.to_at or now, now))
    for piece in pieces:
        sums = done.setdefault(piece.at.astimezone(zone).date(), [0, 0])
        sums[0] += piece.messages
        sums[1] += piece.conversations
    count = (days[1] - days[0]).days
    every = (days[0] + n * _DAY for n in range(count))
    return [Day(day, seconds.get(day, {}), *done.get(day, [0, 0])) for day in every]


def _spread(
    seconds: dict[date, dict[str, float]],
    stretch: Stretch,
    days: tuple[date, date],
    zone: tzinfo,
    end: datetime,
) -> None:
    """Add a stretch to the days that it lies in."""
    status = ERASED if stretch.status is None else stretch.status
    day = max(days[0], stretch.from_at.astimezone(zone).date())
    while day < days[1]:
        begins, ends = midnight(day, zone), midnight(day + _DAY, zone)
        if begins >= end:
            return
        spent = (min(end, ends) - max(stretch.from_at, begins)).total_seconds()
        if spent > 0:
            of_day = seconds.setdefault(day, {})
            of_day[status] = of_day.get(status, 0.0) + spent
        day += _DAY

"""The parts of a range of days that a report has numbers for, by the clock on a zone's walls.

A part begins when the clock first shows its beginning, or first shows something later where that is
skipped. So an hour that comes twice in autumn is one part of two hours, and one that is skipped in
spring is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

from msgspec import Struct

from domain.errors import Refused

Every = Literal["hour", "day", "week", "month", "all"]
EVERY: tuple[str, ...] = get_args(Every)

RANGE_DAYS = 3_700
"""Days of a report at most: ten years."""

PERIODS = 5_000
"""Parts of a report at most: half a year by the hour, ten years by the day. No chart shows more."""

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""Between which days reports can be asked for; what is beyond is a slip of the pen."""

WEEK_HOURS = 168
_HOUR, _DAY, _SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


class Periods(Struct, frozen=True):
    """Where the parts begin, and what each counts for.

    ``edges`` are moments in order, the last of them the end of the range. What lies between two is
    of the part that ``slots`` names at the same place; ``starts`` has how each part is shown.
    """

    edges: Sequence[datetime]
    slots: Sequence[int]
    starts: Sequence[str]


def periods(start: date, end: date, every: str, zone: tzinfo) -> Periods:
    """The parts of the days from ``start`` up to, and without, ``end``. Raises Refused."""
    check(start, end)
    clocks = list(_clocks(start, end, every))
    if len(clocks) > PERIODS:
        raise Refused(
            "bad_request", f"That is {len(clocks)} parts; {PERIODS} at most: take longer ones."
        )
    first = _midnight(start)
    begins = [_moment(max(clock, first), zone) for clock in clocks]
    ends = [*begins[1:], _moment(_midnight(end), zone)]
    kept = [n for n in range(len(clocks)) if begins[n] < ends[n]]
    edges = [*(begins[n] for n in kept), ends[-1]]
    return Periods(edges, range(len(kept)), [_shown(clocks[n], every) for n in kept])


def week_hours(start: date, end: date, zone: tzinfo) -> Periods:
    """Every hour of the days, each of the part that is its hour of the week."""
    check(start, end)
    edges: list[datetime] = []
    slots: list[int] = []
    for n in range((end - start).days):
        day = start + n * _DAY
        edges += _hours_of(day, zone)
        slots += range(day.weekday() * 24, day.weekday() * 24 + 24)
    return Periods([*edges, _moment(_midnight(end), zone)], slots, [])


def _hours_of(day: date, zone: tzinfo) -> list[datetime]:
    """When each hour of a day begins. Most days are 24 hours long, and need no more asking."""
    begins = _moment(_midnight(day), zone)
    if _moment(_midnight(day + _DAY), zone) - begins == _DAY:
        return [begins + hour * _HOUR for hour in range(24)]
    return [_moment(_midnight(day) + hour * _HOUR, zone) for hour in range(24)]


def check(start: date, end: date) -> None:
    """Refuse a range that is none, or that nobody means."""
    if not FIRST <= start < end <= LAST:
        raise Refused("bad_request", f"A report is of days between {FIRST} and {LAST}, in order.")
    if (end - start).days > RANGE_DAYS:
        raise Refused("bad_request", f"A report is of {RANGE_DAYS} days at most.")


def _clocks(start: date, end: date, every: str) -> Iterator[datetime]:
    """What the clock shows at the beginning of each part; the first may be before the range."""
    shown, last = _aligned(start, every), _midnight(end)
    while shown < last:
        yield shown
        shown = _following(shown, every, last)


def _aligned(start: date, every: str) -> datetime:
    match every:
        case "week":
            return _midnight(start - start.weekday() * _DAY)
        case "month":
            return _midnight(start.replace(day=1))
        case _:
            return _midnight(start)


def _following(shown: datetime, every: str, last: datetime) -> datetime:
    match every:
        case "hour":
            return shown + _HOUR
        case "day":
            return shown + _DAY
        case "week":
            return shown + 7 * _DAY
        case "month":
            return (shown.replace(day=28) + 4 * _DAY).replace(day=1)
        case _:
            return last


def _shown(clock: datetime, every: str) -> str:
    return clock.isoformat(timespec="seconds") if every == "hour" else clock.date().isoformat()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _moment(shown: datetime, zone: tzinfo) -> datetime:
    """When the clock first shows this, or something later."""
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown:
        return moment
    before = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)  # skipped: when was it put forward?
    offset = before.astimezone(zone).utcoffset()
    while moment - before > _SECOND:
        middle = before + (moment - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            moment = middle
    return moment.replace(microsecond=0)

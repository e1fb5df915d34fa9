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
FIRST_HOUR = 72
"""1970 began on a Thursday, 72 hours after Monday began."""

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
    """Where in the days the clock is put on or back: ``slots`` are seconds that it is ahead of UTC.

    By these alone the hour of the week follows from a moment: (seconds since 1970 + slot) / 3600
    hours have passed, of which the first was the :data:`FIRST_HOUR` of a week.
    """
    check(start, end)
    edges, slots = (
        [_moment(_midnight(start), zone)],
        [_ahead(_moment(_midnight(start), zone), zone)],
    )
    for n in range(1, (end - start).days + 1):
        begins = _moment(_midnight(start + n * _DAY), zone)
        if _ahead(begins, zone) != slots[-1]:
            edges.append(_change(edges[-1], begins, zone))
            slots.append(_ahead(begins, zone))
    return Periods([*edges, _moment(_midnight(end), zone)], slots, [])


def _ahead(moment: datetime, zone: tzinfo) -> int:
    """How many seconds a zone's clock is ahead of UTC."""
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def check_day(day: date) -> None:
    """Refuse a day that nobody means, and that may be too near to the end of the calendar."""
    if not FIRST <= day <= LAST:
        raise Refused("bad_request", f"A report is of days between {FIRST} and {LAST}.")


def check(start: date, end: date) -> None:
    """Refuse a range that is none, or that nobody means."""
    check_day(start)
    check_day(end)
    if start >= end:
        raise Refused("bad_request", "A report has to end after the day on which it begins.")
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
    return _change(shown.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """When, between two moments, the clock is put to where it is at the later one."""
    offset = _ahead(after, zone)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if _ahead(middle, zone) == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)

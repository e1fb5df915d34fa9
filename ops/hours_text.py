"""Opening hours as an operator writes them on the command line, and as they are shown again.

``mon-fri 09:00-12:00 13:00-18:00, sat 22:00-06:00``: what ends before it begins ends the day after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.tenant.calendar import DAY_MINUTES
from domain.tenant.events import Holiday, Shifts
from ops.errors import CannotRun

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER = "never"

_SHIFT = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")
_HOUR = 60


def week_of(text: str) -> tuple[Shifts, ...]:
    """The shifts of each day, from Monday on; a day that is not named has none. Raises CannotRun.

    ``never`` is a week without any.
    """
    week: list[Shifts] = [()] * len(DAYS)
    for entry in filter(None, map(str.strip, text.casefold().split(","))):
        days, *shifts = entry.split()
        if days == NEVER:
            continue
        for day in _days(days):
            week[day] = (*week[day], *_shifts(shifts, entry))
    return tuple(tuple(sorted(shifts)) for shifts in week)


def holiday_of(text: str) -> Holiday:
    """A date, closed or with shifts behind it: ``2026-12-24 09:00-12:00``. Raises CannotRun."""
    day, *shifts = text.split() or [""]
    return Holiday(day, tuple(sorted(_shifts(shifts, text))) if shifts else ())


def week_text(week: Iterable[Shifts]) -> str:
    """A week as it is written; days that follow one another and are alike, together."""
    entries: list[tuple[int, int, Shifts]] = []
    for day, shifts in enumerate(week):
        if entries and entries[-1][2] == shifts:
            entries[-1] = (entries[-1][0], day, shifts)
        else:
            entries.append((day, day, shifts))
    said = [f"{_span(a, b)} {_said(shifts)}" for a, b, shifts in entries if shifts]
    return ", ".join(said) or NEVER


def holiday_text(holiday: Holiday) -> str:
    """A holiday as it is written."""
    return f"{holiday.day} {_said(holiday.shifts)}".rstrip()


def _days(text: str) -> Iterable[int]:
    first, _, last = text.partition("-")
    try:
        begin, end = DAYS.index(first), DAYS.index(last or first)
    except ValueError:
        raise CannotRun(f"{text!r} is no day: write mon, or mon-fri.") from None
    return [n % len(DAYS) for n in range(begin, end + (1 if end >= begin else len(DAYS) + 1))]


def _shifts(texts: Iterable[str], entry: str) -> list[tuple[int, int]]:
    found = [_shift(text) for text in texts]
    if not found:
        raise CannotRun(f"{entry!r} says no hours: write mon-fri 09:00-18:00.")
    return found


def _shift(text: str) -> tuple[int, int]:
    match = _SHIFT.fullmatch(text)
    if match is None:
        raise CannotRun(f"{text!r} is no time: write 09:00-18:00.")
    hours, minutes, end_hours, end_minutes = (int(number) for number in match.groups())
    begin, end = _minute(hours, minutes, text), _minute(end_hours, end_minutes, text)
    return begin, end if end > begin else end + DAY_MINUTES


def _minute(hour: int, minute: int, text: str) -> int:
    found = hour * _HOUR + minute
    if minute >= _HOUR or found > DAY_MINUTES:
        raise CannotRun(f"{text!r} is no time of a day.")
    return found


def _span(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"


def _said(shifts: Shifts) -> str:
    return " ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in shifts)


def _clock(minute: int) -> str:
    """A minute as a clock shows it; the end of the day is its own."""
    shown = minute if minute <= DAY_MINUTES else minute - DAY_MINUTES
    return f"{shown // _HOUR:02}:{shown % _HOUR:02}"

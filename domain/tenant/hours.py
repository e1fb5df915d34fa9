"""What opening hours may be. How time is counted by them is in ``domain.tenant.calendar``."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from msgspec import Struct

from domain.errors import Refused
from domain.limits import MAX_HOLIDAYS, MAX_SHIFTS
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.calendar import DAY_MINUTES, zone_of

WEEKDAYS = 7


def decide(command: c.SetHours, state: e.HoursChanged | None) -> list[Struct]:
    """The events that follow from a command about the hours. Raises :class:`Refused`."""
    if zone_of(command.zone) is None:
        raise Refused("bad_request", f"There is no time zone {command.zone!r}.")
    if len(command.week) != WEEKDAYS:
        raise Refused("bad_request", "A week has seven days.")
    for shifts in command.week:
        _check_shifts(shifts)
    _check_holidays(command.holidays)
    changed = e.HoursChanged(command.zone, command.week, command.holidays)
    return [] if changed == state else [changed]


def _check_shifts(shifts: e.Shifts) -> None:
    if len(shifts) > MAX_SHIFTS:
        raise Refused("too_many", f"A day has {MAX_SHIFTS} shifts at most.")
    for begin, end in shifts:
        if not 0 <= begin < DAY_MINUTES or not begin < end <= begin + DAY_MINUTES:
            raise Refused("bad_request", "A shift begins within its day and ends within 24 h.")
    if any(before[1] > after[0] for before, after in pairwise(shifts)):
        raise Refused("bad_request", "The shifts of a day follow one another.")


def _check_holidays(holidays: tuple[e.Holiday, ...]) -> None:
    if len(holidays) > MAX_HOLIDAYS:
        raise Refused("too_many", f"There may be {MAX_HOLIDAYS} holidays.")
    if len({holiday.day for holiday in holidays}) < len(holidays):
        raise Refused("bad_request", "A holiday is named twice.")
    for holiday in holidays:
        if not _is_date(holiday.day):
            raise Refused(
                "bad_request", f"A holiday is a date such as 2026-12-25, not {holiday.day!r}."
            )
        _check_shifts(holiday.shifts)


def _is_date(text: str) -> bool:
    """Whether it is written in the one way by which two of them are compared."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

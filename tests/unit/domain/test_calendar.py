"""Business time, against counting it minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.tenant.calendar import ALWAYS, business_seconds, calendar_of, zone_of
from domain.tenant.events import Holiday, HoursChanged, Shifts

MINUTE = timedelta(minutes=1)
HOUR_S = 3600
CLOSED: Shifts = ()
OFFICE: Shifts = ((540, 1080),)
NIGHT: Shifts = ((1320, 1800),)
BERLIN = HoursChanged("Europe/Berlin", (*(OFFICE,) * 5, CLOSED, CLOSED))

JUMPS = (
    ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, tzinfo=UTC)),  # midnight itself is skipped
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),  # by half an hour
    ("Europe/Volgograd", datetime(2018, 10, 27, tzinfo=UTC)),  # to another zone for good
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),  # a whole day is skipped
    ("Asia/Shanghai", datetime(2026, 6, 1, tzinfo=UTC)),
)
"""Zones, each with a day around which its clock is put forward or back, but for the last."""

borders = st.integers(0, 1439) | st.integers(0, 23).map(lambda hour: hour * 60)


@st.composite
def shifts(draw: st.DrawFn) -> Shifts:
    """None, one or two shifts that follow one another; the last may go on into the next day."""
    begins = sorted(draw(st.sets(borders, max_size=2)))
    latest = [*begins[1:], 2160]
    return tuple((a, min(draw(st.integers(a + 1, b)), a + 1440)) for a, b in zip(begins, latest))  # noqa: B905  # without a shift, one border is too many


def counted(hours: HoursChanged, start: datetime, minutes: int) -> int:
    """Minutes of business, one by one, by a clock on the wall that never goes back."""
    zone = ZoneInfo(hours.zone)
    special = {holiday.day: holiday.shifts for holiday in hours.holidays}

    def is_open(shown: datetime) -> bool:
        for back in (0, 1):
            day = shown.date() - timedelta(days=back)
            minute = shown.hour * 60 + shown.minute + 1440 * back
            spans = special.get(day.isoformat(), hours.week[day.weekday()])
            if any(begin <= minute < end for begin, end in spans):
                return True
        return False

    total, shown = 0, datetime.min  # noqa: DTZ901  # what the wall shows has no zone
    moment = start - 1440 * MINUTE
    while moment < start + minutes * MINUTE:
        shown = max(shown, moment.astimezone(zone).replace(tzinfo=None))
        total += moment >= start and is_open(shown)
        moment += MINUTE
    return total


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(JUMPS),
    st.tuples(*[shifts()] * 7),
    st.integers(-1500, 1500),
    st.integers(0, 2200),
    shifts() | st.none(),
)
@example(JUMPS[1], (NIGHT,) * 7, -400, 1440, None)
@example(JUMPS[1], (NIGHT,) * 7, 60, 1440, None)
@example(JUMPS[0], (((90, 150), (150, 240)),) * 7, -100, 600, CLOSED)
def test_it_is_what_a_minute_by_minute_count_gives(
    jump: tuple[str, datetime],
    week: tuple[Shifts, ...],
    offset: int,
    minutes: int,
    holiday: Shifts | None,
) -> None:
    """Over skipped and doubled hours, changes of zone, nights, holidays and shifts that overlap."""
    zone, day = jump
    holidays = () if holiday is None else (Holiday(day.date().isoformat(), holiday),)
    hours = HoursChanged(zone, week, holidays)
    start = day + offset * MINUTE
    end = start + minutes * MINUTE
    assert business_seconds(hours, start, end) == 60 * counted(hours, start, minutes)


def at(zone: str, *parts: int) -> datetime:
    """A moment as the wall shows it there."""
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]  # year to second


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param((2026, 11, 27, 17), (2026, 11, 30, 10), 2, id="over a weekend"),
        pytest.param((2026, 11, 28, 9), (2026, 11, 29, 18), 0, id="on a weekend"),
        pytest.param((2026, 11, 27, 10, 30), (2026, 11, 27, 11), 0.5, id="within a shift"),
        pytest.param((2026, 11, 27, 11), (2026, 11, 27, 10), 0, id="backwards"),
        pytest.param((2026, 3, 27, 9), (2026, 3, 30, 18), 18, id="over the night in March"),
    ],
)
def test_office_hours(start: tuple[int, ...], end: tuple[int, ...], hours: float) -> None:
    """Fridays end at six, and Monday begins at nine whatever the clock did on Sunday."""
    moments = at("Europe/Berlin", *start), at("Europe/Berlin", *end)
    assert business_seconds(BERLIN, *moments) == hours * HOUR_S


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 28), 7), ((2026, 10, 24), 9), ((2026, 6, 6), 8)]
)
def test_a_night_is_as_long_as_it_is(day: tuple[int, int, int], hours: int) -> None:
    """From ten to six: seven hours where the clock is put forward, nine where it is put back."""
    nights = HoursChanged("Europe/Berlin", (NIGHT,) * 7)
    start = at("Europe/Berlin", *day, 12)
    assert business_seconds(nights, start, start + timedelta(days=1)) == hours * HOUR_S


def test_a_holiday_takes_the_place_of_its_weekday() -> None:
    """Closed, or open at other hours; what began the evening before goes on to its end."""
    holidays = (Holiday("2026-12-25"), Holiday("2026-12-26", ((600, 660),)))
    nights = HoursChanged("Europe/Berlin", (NIGHT,) * 7, holidays)
    start, end = at("Europe/Berlin", 2026, 12, 24, 12), at("Europe/Berlin", 2026, 12, 27, 12)
    assert business_seconds(nights, start, end) == (8 + 0 + 1) * HOUR_S


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(JUMPS), st.tuples(*[shifts()] * 7), st.integers(-100_000, 100_000))
@example(JUMPS[0], (NIGHT,) * 7, 5000)
def test_it_opens_when_business_time_begins(
    jump: tuple[str, datetime], week: tuple[Shifts, ...], offset_s: int
) -> None:
    """Open is where time counts; until it opens none does, and then it does."""
    zone, day = jump
    hours, moment = HoursChanged(zone, week), day + timedelta(seconds=offset_s)
    calendar = calendar_of(hours)
    second = timedelta(seconds=1)
    assert calendar.is_open(moment) is (business_seconds(hours, moment, moment + second) > 0)
    opens = calendar.opens_at(moment)
    if opens is None:
        assert not any(week)
        return
    assert (opens == moment) is calendar.is_open(moment)
    assert business_seconds(hours, moment, opens) == 0
    assert calendar.is_open(opens)


def test_a_holiday_is_no_opening() -> None:
    """The first day after all of them; years of them are not looked through."""
    friday, holidays = datetime(2026, 12, 25, 12, tzinfo=UTC), ("2026-12-25", "2026-12-28")
    hours = HoursChanged("UTC", BERLIN.week, tuple(Holiday(day) for day in holidays))
    assert not calendar_of(hours).is_open(friday)
    assert calendar_of(hours).opens_at(friday) == datetime(2026, 12, 29, 9, tzinfo=UTC)
    closed = HoursChanged("UTC", (CLOSED,) * 7)
    assert calendar_of(closed).opens_at(friday) is None


def test_without_hours_it_is_always_open() -> None:
    """Every second counts, and days leave no gap between them."""
    start = datetime(2026, 11, 27, 1, 2, 3, 500_000, tzinfo=UTC)
    assert business_seconds(ALWAYS, start, start + timedelta(days=40, seconds=7.25)) == (
        40 * 86_400 + 7.25
    )


def test_a_calendar_is_laid_out_once() -> None:
    """Whoever asks with the same hours shares what was counted out."""
    assert calendar_of(BERLIN) is calendar_of(HoursChanged(BERLIN.zone, BERLIN.week))


@pytest.mark.parametrize("name", ["", "Mars/Base", "Europe", "../etc/passwd", "/etc", "a\0b", "."])
def test_what_is_no_zone_is_none(name: str) -> None:
    """Neither a folder of the database nor a file beside it; and nothing raises."""
    assert zone_of(name) is None

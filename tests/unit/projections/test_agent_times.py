"""How an agent's days are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from projections.agents.times import ERASED, Piece, Stretch, days_of

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = (date(2026, 10, 24), date(2026, 10, 27))
LATER = datetime(2030, 1, 1, tzinfo=UTC)
START = datetime(2026, 10, 20, tzinfo=UTC)


def test_a_day_is_as_long_as_it_is() -> None:
    """25 hours where the clock is put back; before and after the days asked for nothing counts."""
    always = Stretch(START, None, "online")
    days = days_of([always], [], DAYS, BERLIN, LATER)
    assert [(day.day, day.seconds) for day in days] == [
        (date(2026, 10, 24), {"online": 24 * 3600.0}),
        (date(2026, 10, 25), {"online": 25 * 3600.0}),
        (date(2026, 10, 26), {"online": 24 * 3600.0}),
    ]


def test_what_lasts_is_counted_until_now() -> None:
    """And a day that has not begun has no seconds."""
    now = datetime(2026, 10, 25, 1, tzinfo=UTC)
    days = days_of([Stretch(START, None, "away")], [], DAYS, BERLIN, now)
    assert [day.seconds for day in days] == [{"away": 86_400.0}, {"away": 3 * 3600.0}, {}]


def test_what_cannot_be_read_is_erased_time() -> None:
    """That somebody was there stays known, how does not."""
    gone = Stretch(START, START + timedelta(days=30), None)
    days = days_of([gone], [], DAYS, BERLIN, LATER)
    assert {status for day in days for status in day.seconds} == {ERASED}


def test_work_counts_on_the_day_it_was_done() -> None:
    """A quarter of an hour is of the day that it begins in, where the tenant is."""
    before = datetime(2026, 10, 24, 21, 45, tzinfo=UTC)
    pieces = [Piece(before, 2, 1), Piece(before + timedelta(minutes=15), 3, 0)]
    days = days_of([], [*pieces, pieces[0]], DAYS, BERLIN, LATER)
    assert [(day.messages, day.conversations) for day in days] == [(4, 2), (3, 0), (0, 0)]


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=30), st.integers(-2000, 2000))
def test_no_second_is_lost_or_counted_twice(minutes: list[int], offset: int) -> None:
    """Whatever the statuses, one after the other: together they fill the days that they cover."""
    moment = START + timedelta(minutes=offset)
    stretches, begin = [], moment
    for n, each in enumerate(minutes):
        end = moment + timedelta(minutes=each)
        stretches.append(Stretch(moment, end, ("online", "away")[n % 2]))
        moment = end
    first = datetime(2026, 10, 23, 22, tzinfo=UTC)
    last = datetime(2026, 10, 26, 23, tzinfo=UTC)
    spent = sum(sum(day.seconds.values()) for day in days_of(stretches, [], DAYS, BERLIN, LATER))
    covered = (min(last, moment) - max(first, begin)).total_seconds()
    assert spent == max(0.0, covered)

"""Opening hours as an operator writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tenant.events import Holiday, Shifts
from ops.errors import CannotRun
from ops.hours_text import holiday_of, holiday_text, week_of, week_text

OFFICE: Shifts = ((540, 1080),)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("mon-fri 09:00-18:00", (*(OFFICE,) * 5, (), ())),
        ("Mon-Fri 9:00-18:00, sat 10:00-14:00", (*(OFFICE,) * 5, ((600, 840),), ())),
        ("mon 13:00-18:00 09:00-12:00", (((540, 720), (780, 1080)), *((),) * 6)),
        ("sat-mon 09:00-18:00", (OFFICE, (), (), (), (), OFFICE, OFFICE)),
        ("fri 22:00-06:00", (*((),) * 4, ((1320, 1800),), (), ())),
        ("sun 00:00-24:00", (*((),) * 6, ((0, 1440),))),
        ("sun 00:00-00:00", (*((),) * 6, ((0, 1440),))),
        ("never", ((),) * 7),
    ],
)
def test_a_week(text: str, week: tuple[Shifts, ...]) -> None:
    """Days, spans of days, several shifts a day, nights; what is not named is closed."""
    assert week_of(text) == week


@pytest.mark.parametrize(
    "text", ["mon", "day 09:00-18:00", "mon 9-18", "mon 09:60-10:00", "mon 09:00-25:00", "09:00"]
)
def test_what_is_no_week_is_told(text: str) -> None:
    """In a sentence that says how it is written."""
    with pytest.raises(CannotRun):
        week_of(text)


def test_a_holiday() -> None:
    """Closed, or with hours of its own; whether it is a date, the command says."""
    assert holiday_of("2026-12-25") == Holiday("2026-12-25")
    assert holiday_of("2026-12-24 09:00-12:00") == Holiday("2026-12-24", ((540, 720),))
    assert holiday_text(Holiday("2026-12-24", ((540, 720),))) == "2026-12-24 09:00-12:00"
    with pytest.raises(CannotRun):
        holiday_of("2026-12-24 noon")


shifts = st.sampled_from([(), OFFICE, ((0, 1440),), ((1320, 1800),), ((60, 90), (120, 150))])


@given(st.tuples(*[shifts] * 7))
def test_what_is_shown_can_be_written_again(week: tuple[Shifts, ...]) -> None:
    """Shown and typed in again, it is the same week."""
    assert week_of(week_text(week)) == week

"""What opening hours may be."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.limits import MAX_HOLIDAYS, MAX_SHIFTS
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.state import INITIAL, Tenant, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

WEEK = (*(((540, 1080),),) * 5, ((1320, 1800),), ())
HOLIDAYS = (e.Holiday("2026-12-24", ((540, 720),)), e.Holiday("2026-12-25"))
SET = c.SetHours(uuid(1), "Europe/Berlin", WEEK, HOLIDAYS)
CHANGED = e.HoursChanged("Europe/Berlin", WEEK, HOLIDAYS)

tenant: Decider[Tenant, TenantCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def test_hours_are_set() -> None:
    """All anew; the same again changes nothing."""
    assert tenant.given().state.hours is None
    assert tenant.given().when(SET).then(CHANGED).state.hours == CHANGED
    tenant.given(CHANGED).when(SET).then()
    other = replace(SET, zone="Asia/Tokyo", holidays=())
    tenant.given(CHANGED).when(other).then(e.HoursChanged("Asia/Tokyo", WEEK))


def day(*shifts: tuple[int, int]) -> tuple[e.Shifts, ...]:
    """A week with these shifts on a Monday."""
    return (shifts, *((),) * 6)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(replace(SET, zone="Europe/Atlantis"), id="no zone"),
        pytest.param(replace(SET, week=WEEK[:6]), id="six days"),
        pytest.param(replace(SET, week=day((-1, 60))), id="begins the day before"),
        pytest.param(replace(SET, week=day((1440, 1500))), id="begins the day after"),
        pytest.param(replace(SET, week=day((60, 60))), id="no time at all"),
        pytest.param(replace(SET, week=day((60, 1501))), id="longer than a day"),
        pytest.param(replace(SET, week=day((60, 120), (119, 180))), id="one in another"),
        pytest.param(replace(SET, week=day((120, 180), (60, 90))), id="out of order"),
        pytest.param(replace(SET, holidays=(e.Holiday("2026-02-30"),)), id="no date"),
        pytest.param(replace(SET, holidays=(e.Holiday("20261225"),)), id="another spelling"),
        pytest.param(replace(SET, holidays=(HOLIDAYS[1],) * 2), id="a holiday twice"),
        pytest.param(
            replace(SET, holidays=(e.Holiday("2026-12-25", ((1, 0),)),)), id="a holiday's shift"
        ),
    ],
)
def test_hours_that_cannot_be_are_refused(command: c.SetHours) -> None:
    """Whoever counts by them later need not ask again whether they make sense."""
    tenant.given().when(command).then_refused("bad_request")


def test_there_are_only_so_many_shifts_and_holidays() -> None:
    """Both are looked at day by day, so both are bounded."""
    shifts = [(n, n + 1) for n in range(MAX_SHIFTS + 1)]
    tenant.given().when(replace(SET, week=day(*shifts))).then_refused("too_many")
    days = tuple(e.Holiday(f"{2000 + n}-01-01") for n in range(MAX_HOLIDAYS + 1))
    tenant.given().when(replace(SET, holidays=days)).then_refused("too_many")
    assert tenant.given().when(replace(SET, holidays=days[1:])).state.hours is not None

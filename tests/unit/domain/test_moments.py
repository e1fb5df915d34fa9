"""Moments: how they are asked for, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.moments import MAX_POSITION, Asked, Moment, asked, between, instant

MICROSECONDS = 1_795_341_600_123_456
"""2026-11-22T10:00:00.123456Z."""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", Asked(position=0)),
        ("4711", Asked(position=4711)),
        ("0004711", Asked(position=4711)),
        (str(MAX_POSITION), Asked(position=MAX_POSITION)),
        ("2026-11-22T10:00:00.123456Z", Asked(recorded_at=MICROSECONDS)),
        ("2026-11-22T10:00:00.123456z", Asked(recorded_at=MICROSECONDS)),
        ("2026-11-22T18:00:00.123456+08:00", Asked(recorded_at=MICROSECONDS)),
        ("2026-11-22T18:00:00.123456 08:00", Asked(recorded_at=MICROSECONDS)),
        ("2026-11-22T05:30:00.123456-04:30", Asked(recorded_at=MICROSECONDS)),
        ("0001-01-01T00:00:00+14:00", Asked(recorded_at=-62_135_647_200_000_000)),
        ("9999-12-31T23:59:59.999999-14:00", Asked(recorded_at=253_402_351_199_999_999)),
    ],
)
def test_a_moment_is_a_position_or_a_time(text: str, moment: Asked) -> None:
    """Digits are a position; RFC 3339 is a time, whose plus a URL may have turned into a space."""
    assert asked(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-1", "+1", "1.5", "1e3", "0x10", "²", "١٢", "now", "latest", "null"),
        *(str(MAX_POSITION + 1), "9" * 16, "9" * 400, "1\n", " 1"),
        *("2026-11-22", "2026-11-22T10:00:00", "2026-11-22T25:00:00Z", "2026-02-30T10:00:00Z"),
        *("10:00:00Z", "2026-11-22T10:00:00Z\n", "2026-11-22T10:00:00+99:00", "T 1", "\0"),
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    """What is neither gets ``bad_request``; a time without its offset could be anybody's."""
    with pytest.raises(Refused) as refused:
        asked(text)
    assert refused.value.code == "bad_request"


@given(st.text())
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    """Nothing that somebody may send raises anything else."""
    try:
        moment = asked(text)
    except Refused:
        return
    assert (moment.position is None) != (moment.recorded_at is None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-22", "2026-11-21T23:00:00+00:00"),
        ("2026-07-01", "2026-06-30T22:00:00+00:00"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22T10:00:00+01:00", "2026-11-22T09:00:00+00:00"),
        ("2026-11-22T10:00:00 01:00", "2026-11-22T09:00:00+00:00"),
    ],
)
def test_a_date_begins_in_its_zone_and_a_time_has_its_own(text: str, found: str) -> None:
    """The zone counts for dates only, with its summer time."""
    assert instant(text, ZoneInfo("Europe/Berlin")).isoformat() == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "4711", "2026-13-01", "20261122", "2026-W47-7", "2026-11-22T10:00:00"),
        *("0001-01-01", "9999-12-31T23:59:59-23:00", "2026-11-22T10:00:00Z\n"),
    ],
)
def test_what_is_no_date_and_no_time_is_refused(text: str) -> None:
    """Also what UTC has no year for, and what could be anybody's."""
    with pytest.raises(Refused, match="neither a date"):
        instant(text, ZoneInfo("Europe/Berlin"))


def test_what_ends_before_it_begins_is_refused() -> None:
    """Whatever the two are written as; what is open on a side is not."""
    berlin = ZoneInfo("Europe/Berlin")
    day, beginning = "2026-11-22", "2026-11-21T23:00:00Z"
    assert between(None, None, berlin) == (None, None)
    assert between(day, None, berlin) == (instant(day, berlin), None)
    assert between(None, day, berlin) == (None, instant(day, berlin))
    assert between("2026-11-21T22:59:59Z", day, berlin)[1] == instant(day, berlin)
    for until in (beginning, "2026-11-01"):
        with pytest.raises(Refused, match="begins at 2026-11-21T23:00:00Z") as refused:
            between(day, until, berlin)
        assert refused.value.code == "bad_request"


def test_a_moment_tells_its_time_and_mark() -> None:
    """To the microsecond; before the first event there is none."""
    moment = Moment(3, MICROSECONDS, bytes(range(32)), 4)
    assert moment.at == datetime(2026, 11, 22, 10, 0, 0, 123456, UTC)
    assert (moment.mark, moment.latest) == ("0001020304050607", False)
    assert Moment(0, None, b"", 0).at is None

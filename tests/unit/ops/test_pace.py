"""How fast it goes and how long it takes: what stands on stderr."""

from __future__ import annotations

import io

import pytest

from ops.pace import LOG_S, Pace
from tests.doubles.clock import ManualClock


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


async def test_rate_and_time_left_count_what_was_done_here() -> None:
    """What an earlier run had done is no speed of this one."""
    clock, lines = ManualClock(), io.StringIO()
    pace = Pace(clock, "exported", 1_000, 400, lines)
    pace(410)
    assert not lines.getvalue()
    await clock.advance(LOG_S)
    pace(450)
    assert lines.getvalue() == "exported 450 of about 1000, 10/s, 55 s left\n"
    await clock.advance(LOG_S)
    pace(1_100)
    pace.end()
    assert lines.getvalue().splitlines()[-1] == "exported 1100 of about 1100, 70/s, 0 s left"


@pytest.mark.parametrize(
    ("total", "left"),
    [(69, "59 s"), (3_610, "1 h 0 min"), (90_010, "1 d 1 h"), (135, "2 min 5 s")],
)
async def test_times_are_said_as_people_say_them(total: int, left: str) -> None:
    """In two units at most."""
    clock = ManualClock()
    pace = Pace(clock, "done", total, 0, io.StringIO())
    await clock.advance(10)
    pace(10)
    assert pace.line(clock.monotonic()).endswith(f", {left} left")


async def test_on_a_terminal_one_line_is_written_over() -> None:
    """And stays at the end."""
    clock, lines = ManualClock(), Terminal()
    pace = Pace(clock, "done", 2, 0, lines)
    await clock.advance(1)
    pace(1)
    pace(2)
    pace.end()
    assert lines.getvalue().count("\r") == 2
    assert lines.getvalue().count("\n") == 1

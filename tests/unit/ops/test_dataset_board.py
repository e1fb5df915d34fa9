"""What is said while a data set is loaded."""

from __future__ import annotations

import io

from ops.commands.dataset import Board
from ops.dataset.loading import Progress
from ops.dataset.plan import plan
from ops.pace import LOG_S, Line
from tests.doubles.clock import ManualClock


async def test_time_left_does_not_count_what_was_there_before() -> None:
    """A line now and then, of all tenants together, and one in the end."""
    clock, lines = ManualClock(), io.StringIO()
    wanted = plan(fraction=0.0008)
    board = Board(wanted, Line(clock, lines))
    board.take(Progress("std-yunju", 10, 100, 50))
    board.show()
    assert not lines.getvalue()
    await clock.advance(LOG_S)
    board.show()
    board.take(Progress("std-yunju", wanted.conversations, 40_000, 50))
    board.finish()
    first, last = lines.getvalue().splitlines()
    assert first.startswith("10 of 2,856 conversations, 100 events, 10/s, ")
    assert first.endswith("47 min 26 s left")
    assert last.startswith("2,856 of 2,856 conversations, 40,000 events")
    assert last.endswith(", 0 s left")

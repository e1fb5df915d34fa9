"""How far a follower is behind: counted exactly, and its age never made up."""

from __future__ import annotations

from uuid import UUID

from domain.lag import Lag
from tests.doubles.clock import ManualClock

LOG, OTHER = UUID(int=1), UUID(int=2)


async def test_who_has_reached_everything_is_not_behind() -> None:
    """Neither before anything is known nor once the head is reached."""
    lag = Lag(ManualClock())
    assert (lag.events, lag.seconds) == (0, 0.0)
    lag.note(LOG, 5, 5)
    lag.note(LOG, 6)
    assert (lag.events, lag.seconds) == (0, 0.0)


async def test_the_head_is_known_while_it_is_not_reached() -> None:
    """The newest that was seen of this log, and of no other."""
    lag = Lag(ManualClock())
    lag.note(LOG, 5, 7)
    lag.note(LOG, 6, 9)
    assert (lag.head(LOG), lag.head(OTHER)) == (9, None)
    lag.note(LOG, 9)
    assert lag.head(LOG) is None


async def test_who_stands_still_is_behind_longer_and_longer() -> None:
    """The age is that of the first look at which it was behind, however much comes after."""
    clock = ManualClock()
    lag = Lag(clock)
    lag.note(LOG, 3, 7)
    await clock.advance(10)
    lag.note(LOG, 3, 9)
    await clock.advance(5)
    assert (lag.events, lag.seconds) == (6, 15.0)


async def test_who_keeps_up_is_not_older_than_a_look() -> None:
    """Under load it is behind at every look, but each time in what has just come."""
    clock = ManualClock()
    lag = Lag(clock)
    for head in range(10, 200, 10):
        lag.note(LOG, head - 10, head)
        await clock.advance(1)
        assert lag.seconds <= 1.0
        lag.note(LOG, head - 2)
    assert lag.events == 2


async def test_the_worst_log_tells_the_age_and_all_the_events() -> None:
    """One log that stands still is seen among those that go on; none is kept once reached."""
    clock = ManualClock()
    lag = Lag(clock)
    lag.note(LOG, 0, 4)
    await clock.advance(3)
    lag.note(OTHER, 0, 1)
    await clock.advance(1)
    assert (lag.events, lag.seconds) == (5, 4.0)
    lag.note(LOG, 4)
    assert (lag.events, lag.seconds) == (1, 1.0)
    lag.note(OTHER, 1)
    assert (lag.events, lag.seconds) == (0, 0.0)


async def test_a_log_that_went_back_is_behind_no_more() -> None:
    """In another history the head is what it is now."""
    lag = Lag(ManualClock())
    lag.note(LOG, 10, 50)
    lag.note(LOG, 10, 10)
    assert lag.events == 0

"""What happened in the sample's week, as commands in order of time, up to the present moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ops.dataset.drawing import Dice
from ops.sample import stories
from ops.sample.chronicle import Happening
from ops.sample.company import SHIFTS
from ops.sample.script import MINUTE, Script, Stage
from ops.sample.talks import Talks
from ops.sample.visits import Visits

DAYS: Final = 7
"""Whole days before today."""

_BUSY: Final = (34, 31, 29, 30, 33, 15, 12)
"""Conversations from Monday to Sunday."""

_VISITS_FOR_EACH: Final = 3
"""Visits without a conversation, for each that has one."""

_BUSY_HOURS: Final = (8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 17, 18, 19, 20, 21)
_NIGHT_HOURS: Final = (0, 1, 5, 6, 22, 23)
_AT_NIGHT: Final = 0.08
_MISSED: Final = 0.05


class Week:
    """A week until ``now`` (microseconds since 1970). The same dice give the same week."""

    def __init__(self, stage: Stage, now: int, dice: Dice) -> None:
        self._now = now
        self._dice = dice
        self._script = Script(stage, dice)
        self._visits = Visits(self._script)
        self._talks = Talks(self._script, self._visits)

    def happenings(self) -> list[Happening]:
        """All of it, in order of time; nothing of it is later than now."""
        for day in range(-DAYS, 1):
            self._day(day)
        for number, waiting in enumerate(stories.WAITING):
            self._talks.waits(self._now - (4 - number) * MINUTE, *waiting)
        for number, story in enumerate(stories.OPEN):
            self._talks.goes_on(self._now - (11 - 3 * number) * MINUTE, story)
        past = [each for each in self._script.done if each.at <= self._now]
        return sorted(past, key=lambda each: each.at)

    def _day(self, day: int) -> None:
        date = self._script.local(self._now) + timedelta(days=day)
        for name, colleague in SHIFTS.items():
            begins, ends = (self._script.moment(date, hour) for hour in colleague.shift)
            self._script.says(begins - self._dice.number(0, 9) * MINUTE, name, "online")
            self._script.says(self._script.moment(date, 13), name, "lunch")
            self._script.says(self._script.moment(date, 13) + 40 * MINUTE, name, "online")
            self._script.says(ends + self._dice.number(0, 9) * MINUTE, name, "offline")
        last = self._now - 30 * MINUTE  # what is younger is told by itself
        for at in self._arrivals(date):
            if at < last:
                self._comes(at)

    def _arrivals(self, date: datetime) -> Iterator[int]:
        for _ in range(_BUSY[date.weekday()] * (1 + _VISITS_FOR_EACH)):
            hours = _NIGHT_HOURS if self._dice.chance(_AT_NIGHT) else _BUSY_HOURS
            yield self._script.moment(date, self._dice.one_of(hours)) + self._script.within(3600)

    def _comes(self, at: int) -> None:
        if not self._dice.chance(1 / (1 + _VISITS_FOR_EACH)):
            self._visits.only_looks(at)
        elif self._script.local(at).hour in _NIGHT_HOURS:
            self._talks.misses(at, "closed")
        elif self._dice.chance(_MISSED):
            self._talks.misses(at, "unanswered")
        else:
            self._talks.answered(at, self._dice.one_of(stories.STORIES))

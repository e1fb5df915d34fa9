"""How fast something long goes and how long it still takes, for somebody who watches stderr.

On a terminal one line is written over and over; elsewhere a line now and then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from domain.ports import Clock

TERMINAL_S = 0.2
"""Seconds between two looks on a terminal: it seems to move."""

LOG_S = 5.0
"""Seconds between two lines where they are kept."""

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


class Line:
    """One line that tells how something stands. ``text`` is given the clock's time."""

    def __init__(self, clock: Clock, stream: TextIO | None = None) -> None:
        self._clock = clock
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self.begun = self._told = clock.monotonic()

    def say(self, text: Callable[[float], str]) -> None:
        """How it stands, unless that was said just now."""
        now = self._clock.monotonic()
        if now - self._told >= (TERMINAL_S if self._terminal else LOG_S):
            self._told = now
            self._write(text(now), end=False)

    def end(self, text: Callable[[float], str]) -> None:
        """It is over; the last line stays."""
        self._write(text(self._clock.monotonic()), end=True)

    def _write(self, line: str, *, end: bool) -> None:
        if self._terminal:
            self._stream.write(f"\r\x1b[K{line}" + ("\n" if end else ""))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


class Pace:
    """Tells of so many things done of about ``total``. The first ``done`` were there before."""

    def __init__(
        self, clock: Clock, what: str, total: int, done: int = 0, stream: TextIO | None = None
    ) -> None:
        self._line = Line(clock, stream)
        self._what = what
        self._total = total
        self._before = self._done = done

    def __call__(self, done: int) -> None:
        """So many are done."""
        self._done = done
        self._line.say(self.line)

    def end(self) -> None:
        """It is over."""
        self._line.end(self.line)

    def line(self, now: float) -> str:
        """How it stands at this moment."""
        took = now - self._line.begun
        rate = (self._done - self._before) / took if took > 0 else 0.0
        told = f"{self._what} {self._done} of about {max(self._total, self._done)}"
        if rate > 0:
            left = max(0, self._total - self._done) / rate
            told += f", {rate:.0f}/s, {duration(left)} left"
        return told


Told = Callable[[int], None]
"""Is told how many are done."""


def duration(seconds: float) -> str:
    """A time as people say it."""
    whole = round(seconds)
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S} s"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"

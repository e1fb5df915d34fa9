"""Folded stacks, and the shares of rooms and functions in them.

A line is ``function (file:line);function (file:line) count``, the caller first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tests.benchmarks.measuring import MeasurementFailed

FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")
LOOP = ("Runner.run", "asyncio/runners.py")
"""Whose own time is the event loop's, which is C."""

Share = tuple[float, float]
"""Of all samples: those in the thing itself, and those in what it calls too."""


@dataclass(frozen=True)
class Shares:
    """The largest first."""

    samples: int
    rooms: dict[str, Share]
    functions: dict[str, Share]


def shares(lines: Iterable[str]) -> Shares:
    """Raises MeasurementFailed where there is no sample."""
    rooms, functions = _Count(), _Count()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [_frame(each) for each in stack.split(";")]
        rooms.add([_room(file) for _, file in frames], int(count))
        functions.add([f"{function} ({file})" for function, file in frames], int(count))
    if not rooms.samples:
        raise MeasurementFailed("the profiler saw nothing")
    return Shares(rooms.samples, rooms.shares(), functions.shares())


class _Count:
    """Samples by name: at the end of a stack, and anywhere in it."""

    def __init__(self) -> None:
        self.samples = 0
        self._own: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()

    def add(self, names: list[str], count: int) -> None:
        """So many samples of this stack."""
        self.samples += count
        self._own[names[-1]] += count
        for name in set(names):
            self._whole[name] += count

    def shares(self) -> dict[str, Share]:
        """The largest first."""
        return {
            name: (count / self.samples, self._whole[name] / self.samples)
            for name, count in self._own.most_common()
        }


def _frame(frame: str) -> tuple[str, str]:
    """Its function and file."""
    found = FRAME.match(frame)
    if found is None:
        return frame, "?"
    named = found["function"], found["file"]
    return ("event loop", "uvloop") if named == LOOP else named


def _room(file: str) -> str:
    """The folder that a module lies in; the package, where it is a library."""
    folder, _, _ = file.rpartition("/")
    return folder or file

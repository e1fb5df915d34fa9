"""Readers of one conversation, hundreds in one process: most look only at each frame's range.

The range is what proves that nothing is missing and nothing came twice; it costs a generator a
tenth of reading the events. Some readers read everything, and show that the events are there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.benchmarks.frames import Event, Frame
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.people import Person

HEAD = b'{"op":"events",'
RANGE = re.compile(rb'"after":(\d+),"upto":(\d+)')
RANGE_BYTES = 200
"""A frame has its range within these: behind the feed's name."""

Range = Callable[[int, int], None]


class RangeReader(Person):
    """Follows one conversation; ``ranges`` gets the range of every frame."""

    def __init__(self, ranges: Range) -> None:
        super().__init__()
        self.ranges = ranges
        self.offset = 0

    def _take(self, text: bytes) -> None:
        if not text.startswith(HEAD):
            super()._take(text)
            return
        found = RANGE.search(text, len(HEAD), RANGE_BYTES)
        if found is None:
            self.fail(MeasurementFailed(f"an events frame without a range: {text[:80]!r}"))
            return
        after, upto = int(found[1]), int(found[2])
        if after != self.offset:
            self.fail(MeasurementFailed(f"{after} does not continue {self.offset}"))
        self.offset = upto
        self.ranges(after, upto)


class WholeReader(Person):
    """Follows one conversation and reads every event; ``ranges`` gets the range of every frame."""

    def __init__(self, ranges: Range) -> None:
        super().__init__()
        self.ranges = ranges
        self.offset = 0

    def _events(self, frame: Frame) -> None:
        super()._events(frame)
        _demand_all(frame.after, frame.upto, frame.events)
        self.offset = frame.upto
        self.ranges(frame.after, frame.upto)


def _demand_all(after: int, upto: int, events: list[Event]) -> None:
    """A conversation's frame has an event for each number of its range, in order."""
    if [event.version for event in events] != list(range(after + 1, upto + 1)):
        raise MeasurementFailed(f"not every event of {after} to {upto}, in order")

"""Readers that look only at ranges miss nothing that one who reads everything would find."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.readers import RangeReader, WholeReader

FEED = "conversation:one"


class Heard:
    """The ranges that a reader gave on."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, after: int, upto: int) -> None:
        self.ranges.append((after, upto))


def frame(after: int, upto: int, versions: list[int]) -> bytes:
    """An events frame as the server writes it."""
    events = [
        {"type": "message.posted", "version": each, "data": {"message": f"m{each}"}}
        for each in versions
    ]
    form = {"op": "events", "feed": FEED, "after": after, "upto": upto, "mark": "x"}
    return json.dumps(form | {"events": events}, separators=(",", ":")).encode()


def reader_of(kind: type[RangeReader | WholeReader]) -> tuple[RangeReader | WholeReader, Heard]:
    """A reader at the beginning of its conversation, and what it gives on."""
    heard = Heard()
    reader = kind(heard)
    reader.offsets[FEED] = 0
    return reader, heard


@pytest.mark.parametrize("kind", [RangeReader, WholeReader])
def test_each_range_is_given_on(kind: type[RangeReader | WholeReader]) -> None:
    """One frame may carry several messages."""
    reader, heard = reader_of(kind)
    reader._take(frame(0, 1, [1]))
    reader._take(frame(1, 4, [2, 3, 4]))
    assert reader.error is None
    assert heard.ranges == [(0, 1), (1, 4)]
    assert reader.offset == 4


@pytest.mark.parametrize("kind", [RangeReader, WholeReader])
@pytest.mark.parametrize("after", [0, 2])
def test_what_does_not_continue_fails(kind: type[RangeReader | WholeReader], after: int) -> None:
    """A hole and a repeat are both a broken contract."""
    reader, _ = reader_of(kind)
    reader._take(frame(0, 1, [1]))
    reader._take(frame(after, 3, [3]))
    assert isinstance(reader.error, MeasurementFailed)


def test_a_range_without_its_events_fails() -> None:
    """Those who read everything show that a range is not an empty promise."""
    reader, _ = reader_of(WholeReader)
    reader._take(frame(0, 2, [2]))
    assert isinstance(reader.error, MeasurementFailed)

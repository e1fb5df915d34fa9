"""What is counted of messages after a kill."""

from __future__ import annotations

import pytest

from tests.benchmarks.tally import Tally, tally

WHOLE = ["a", "b", "c"]


def test_what_is_whole_counts_nothing() -> None:
    """Everything acked is in the log once, and was read in its order."""
    assert tally(WHOLE, WHOLE, WHOLE) == Tally(acked=3, lost=0, doubled=0, misread=0)


@pytest.mark.parametrize(
    ("seen", "log", "expected"),
    [
        (WHOLE, ["a", "b"], Tally(3, lost=1, doubled=0, misread=1)),
        (WHOLE, ["a", "b", "b", "c"], Tally(3, lost=0, doubled=1, misread=2)),
        (["a", "c", "b"], WHOLE, Tally(3, lost=0, doubled=0, misread=2)),
        (["a", "b"], WHOLE, Tally(3, lost=0, doubled=0, misread=1)),
        (["a", "b", "c", "c"], WHOLE, Tally(3, lost=0, doubled=0, misread=1)),
    ],
    ids=["lost", "doubled", "reordered", "unread", "read twice"],
)
def test_what_went_wrong_is_counted(seen: list[str], log: list[str], expected: Tally) -> None:
    """In the log, and at the reader."""
    assert tally(WHOLE, seen, log) == expected


def test_conversations_are_added_up() -> None:
    """One bad conversation among many shows."""
    assert Tally(1, 0, 0, 0) + Tally(2, 1, 2, 3) == Tally(3, 1, 2, 3)

"""How a rebuild is shared out: everything once, and a log that is too much for one is cut."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.rebuilding.pieces import Piece, pieces
from tests.doubles.appends import uuid

ONE, TWO = uuid(1), uuid(2)


def projections(**costs: int) -> list[Any]:
    """Projections by their names and costs."""
    return [SimpleNamespace(name=name, cost=cost) for name, cost in costs.items()]


@given(
    costs=st.lists(st.integers(1, 9), min_size=1, max_size=8),
    left=st.dictionaries(st.integers(1, 99).map(uuid), st.integers(1, 10**9), max_size=5),
    workers=st.integers(0, 9),
)
def test_each_projection_folds_each_log_once(
    costs: list[int], left: dict[Any, int], workers: int
) -> None:
    """Whatever there is, and whoever works; no piece is empty, no log in more than there are."""
    all_ = projections(**{f"p{number}": cost for number, cost in enumerate(costs)})
    heads = {log: events + 5 for log, events in left.items()}
    found = pieces(all_, left, heads, workers)
    assert Counter((each.log, name) for each in found for name in each.names) == {
        (log, projection.name): 1 for log in left for projection in all_
    }
    assert all(each.names and each.upto == heads[each.log] for each in found)
    assert len(found) <= 1.5 * workers + len(left)
    assert [*dict.fromkeys(each.log for each in found)] == [*left]


def test_a_log_that_is_more_than_a_share_is_cut() -> None:
    """By what its projections cost; those that fill the workers as they are stay whole."""
    all_ = projections(a=1, b=4, c=2, d=1)
    whole = ("b", "c", "a", "d")
    alone = pieces(all_, {ONE: 90}, {ONE: 100}, 2)
    assert alone == [Piece(ONE, 100, ("b",)), Piece(ONE, 100, ("c", "a", "d"))]
    assert len(pieces(all_, {ONE: 90}, {ONE: 100}, 64)) == 4
    shared = pieces(all_, {ONE: 60, TWO: 40}, {ONE: 60, TWO: 40}, 2)
    assert shared == [Piece(ONE, 60, whole), Piece(TWO, 40, whole)]

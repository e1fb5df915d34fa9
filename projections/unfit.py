"""Folding what may not fold: an event at which ``evolve`` fails is stepped over.

So the live tables and a look at the past do the same with it. What becomes of it beyond that (the
engine parks it) is the caller's business. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from domain.envelope import RecordedEvent

_Rows = TypeVar("_Rows")


def evolved(
    evolve: Callable[[_Rows, Sequence[RecordedEvent]], _Rows],
    rows: _Rows,
    events: Sequence[RecordedEvent],
) -> tuple[_Rows, list[tuple[RecordedEvent, Exception]]]:
    """The rows after the events that fold, and those that do not, each with its error.

    All at once; one by one only where that fails.
    """
    try:
        return evolve(rows, events), []
    except Exception as error:  # noqa: BLE001  # whatever it is, the events are at fault
        if len(events) == 1:
            return rows, [(events[0], error)]
    unfit: list[tuple[RecordedEvent, Exception]] = []
    for event in events:
        rows, failed = evolved(evolve, rows, (event,))
        unfit += failed
    return rows, unfit

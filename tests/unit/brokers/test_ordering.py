"""The order of one log, without any I/O: what waits beyond a hole is bounded."""

from __future__ import annotations

from brokers.ordering import Ordering
from domain.envelope import Slice
from tests.doubles.appends import append, events_of, uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore

LOG = uuid(1)


async def test_a_long_slice_takes_the_place_of_as_many_short_ones_as_it_needs() -> None:
    """However slices are cut, no more events wait than may."""
    clock = ManualClock()
    store = MemoryEventStore(clock, SeededIds(clock))
    await store.create_log(LOG, "demo")
    answers = await store.append_batch(LOG, [append(n) for n in range(1, 21)])
    events = [event for answer in answers for event in events_of(answer)]
    ordering = Ordering(held_events=4)
    ordering.told = 0

    def a_slice(after: int, upto: int) -> Slice:
        return Slice(LOG, after, upto, tuple(events[after:upto]))

    for place in (10, 12, 14, 16):
        ordering.take(a_slice(place, place + 1))
    assert ordering.held == 4
    ordering.take(a_slice(3, 6))
    assert ordering.held == 4

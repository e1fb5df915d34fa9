"""The laws of the index, over random histories made by the real deciders.

However the log is cut into pages, and whoever is erased on the way: in the end the index has the
terms of all that can still be read, where it stands, and of nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import streams
from domain.envelope import RecordedEvent
from projections.search import layout
from projections.search.evolve import SEARCHED, TYPES, Indexing, evolve
from projections.search.terms import terms
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.projections.histories import VISITORS, Action, History, histories

_T = TypeVar("_T")

Index = dict[int, tuple[str, ...]]
"""By position, what a message is found under."""


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Hypothesis calls synchronous tests."""
    return asyncio.run(work)


async def begin() -> History:
    """A fresh history over the simulated store."""
    clock = ManualClock()
    ids = SeededIds(clock)
    return await History.begin(MemoryEventStore(clock, ids), clock, ids)


def fold(index: Index, log: Sequence[RecordedEvent], page: Iterable[RecordedEvent]) -> Index:
    """A step as the projection does it: what was said comes in, whose is erased goes out."""
    after = evolve(Indexing(), [event for event in page if event.type in TYPES])
    gone = {
        event.position
        for event in log
        if streams.conversation_id(event.stream) in after.erased and event.type in SEARCHED
    }
    kept = {position: found for position, found in index.items() if position not in gone}
    return kept | {position: tuple(each.terms) for position, each in after.said.items()}


def naive(log: Iterable[RecordedEvent]) -> Index:
    """What is to be found in a log as it reads now."""
    texts = {
        event.position: event.data.body.text
        for event in log
        if event.type in SEARCHED and event.data is not None
    }
    return {position: tuple(terms(text)) for position, text in texts.items() if text}


@settings(max_examples=100, deadline=None)
@given(histories, st.data())
def test_pages_may_be_cut_anywhere(actions: list[Action], data: st.DataObject) -> None:
    """One page, or any number of them: the same index, which is that of the readable texts."""

    async def lived() -> list[RecordedEvent]:
        history = await begin()
        for action in actions:
            await history.play(action)
        return await history.events()

    log = run(lived())
    cuts = sorted(data.draw(st.sets(st.integers(0, len(log)), max_size=6)))
    index: Index = {}
    for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        index = fold(index, log, log[start:end])
    assert index == fold({}, log, log) == naive(log)


@settings(max_examples=100, deadline=None)
@given(histories)
def test_rebuilt_is_what_lived(actions: list[Action]) -> None:
    """Followed action by action, erasures on the way, or built anew at the end: the same index."""

    async def live() -> tuple[Index, list[RecordedEvent]]:
        history = await begin()
        index: Index = {}
        position = 0
        for action in actions:
            await history.play(action)
            page = await history.events(position)
            position = page[-1].position if page else position
            index = fold(index, await history.events(), page)
        return index, await history.events()

    index, log = run(live())
    assert index == fold({}, log, log) == naive(log)


def test_words_read_before_their_erasure_go_with_it() -> None:
    """A page that was decrypted before the key was gone, and that ends with the erasure."""

    async def life() -> tuple[list[RecordedEvent], list[RecordedEvent]]:
        history = await begin()
        for kind in ("start", "post", "answer", "note"):
            await history.play(Action(kind, number=1))
        before = await history.events()
        await history.erase(VISITORS[0])
        return before, await history.events(len(before))

    before, erasure = run(life())
    assert len(fold({}, before, before)) == 4
    wanted = [event for event in (*before, *erasure) if event.type in TYPES]
    after = evolve(Indexing(), wanted)
    assert after.said == {}
    assert len(after.erased) == 1
    assert evolve(evolve(Indexing(), wanted[:3]), wanted[3:]) == after


def test_the_window_is_that_of_the_last_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """By it the projection sees that the log has grown out of a window."""
    monkeypatch.setattr(layout, "WINDOW", 4)

    async def life() -> list[RecordedEvent]:
        history = await begin()
        for kind in ("start", "post", "answer", "note", "post", "post"):
            await history.play(Action(kind, number=1))
        return [event for event in await history.events() if event.type in TYPES]

    events = run(life())
    assert evolve(Indexing(), []).window is None
    for count in range(1, len(events) + 1):
        window = evolve(Indexing(), events[:count]).window
        assert window == events[count - 1].position // 4

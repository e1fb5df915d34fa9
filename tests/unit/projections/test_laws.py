"""The laws of the read models, over random histories made by the real deciders.

State at p and the events after p are the state later, however the events are cut into batches;
what is rebuilt is what lived, with erasures at random points too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.envelope import RecordedEvent
from projections.agents import evolve as agents
from projections.agents.projection import named_in
from projections.agents.rows import Agents
from projections.sessions import evolve as sessions
from projections.sessions.projection import _named
from projections.sessions.rows import EMPTY, Sessions
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.projections.histories import SENTINEL, VISITORS, Action, History, histories

_T = TypeVar("_T")


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Hypothesis calls synchronous tests."""
    return asyncio.run(work)


async def begin() -> History:
    """A fresh history over the simulated store."""
    clock = ManualClock()
    ids = SeededIds(clock)
    return await History.begin(MemoryEventStore(clock, ids), clock, ids)


async def played(actions: Sequence[Action]) -> History:
    """The history that these actions come to."""
    history = await begin()
    for action in actions:
        await history.play(action)
    return history


def wanted(events: Sequence[RecordedEvent], types: frozenset[str]) -> list[RecordedEvent]:
    """As the engine filters them."""
    return [event for event in events if event.type in types]


def fold_sessions(before: Sessions, events: Sequence[RecordedEvent]) -> Sessions:
    """A step as the engine does it: only the rows that the events may touch are loaded."""
    page = wanted(events, sessions.TYPES)
    named = _named(page)
    loaded = Sessions(
        {
            name: row
            for name, row in before.rows.items()
            if name in named.conversations or row.visitor in named.identified
        },
        {visitor: user for visitor, user in before.users.items() if visitor in named.speaking},
    )
    after = sessions.evolve(loaded, page)
    gone = set(loaded.users) - set(after.users)
    users = {**before.users, **after.users}
    return Sessions(
        {**before.rows, **after.rows},
        {visitor: user for visitor, user in users.items() if visitor not in gone},
    )


def fold_agents(before: Agents, events: Sequence[RecordedEvent]) -> Agents:
    """A step as the engine does it: only the rows that the events may touch are loaded."""
    page = wanted(events, agents.TYPES)
    named = named_in(page)
    loaded = Agents(
        {name: before.rows[name] for name in named.agents if name in before.rows},
        {name: before.serving.get(name) for name in named.conversations},
        {key: before.work[key] for key in named.work if key in before.work},
    )
    after = agents.evolve(loaded, page)
    assert after.serving.keys() <= set(named.conversations)
    assert after.work.keys() <= set(named.work)
    serving = {**before.serving, **after.serving}
    return Agents(
        {**before.rows, **after.rows},
        {name: agent for name, agent in serving.items() if agent is not None},
        {**before.work, **after.work},
        (*before.ended, *after.ended),
    )


@settings(max_examples=150, deadline=None)
@given(histories, st.data())
def test_batches_may_be_cut_anywhere(actions: list[Action], data: st.DataObject) -> None:
    """One batch, or any number of them with only the rows that each needs: the same rows."""
    events = run(run_events(actions))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    in_parts, agents_in_parts = Sessions(), Agents()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        in_parts = fold_sessions(in_parts, events[start:end])
        agents_in_parts = fold_agents(agents_in_parts, events[start:end])
    assert in_parts == fold_sessions(Sessions(), events)
    assert agents_in_parts == fold_agents(Agents(), events)


async def run_events(actions: Sequence[Action]) -> list[RecordedEvent]:
    """The log of a history."""
    return await (await played(actions)).events()


@settings(max_examples=150, deadline=None)
@given(histories)
def test_rebuilt_is_what_lived(actions: list[Action]) -> None:
    """Followed action by action, erasures on the way, or folded at the end: the same rows."""

    async def live() -> tuple[Sessions, Agents, list[RecordedEvent], set[str]]:
        history = await begin()
        rows, staff, position = Sessions(), Agents(), 0
        for action in [Action("status"), *actions]:
            await history.play(action)
            events = await history.events(position)
            rows, staff = fold_sessions(rows, events), fold_agents(staff, events)
            position += len(events)
        return rows, staff, await history.events(), history.erased

    rows, staff, events, erased = run(live())
    assert fold_sessions(Sessions(), events) == rows
    assert fold_agents(Agents(), events) == staff
    for row in rows.rows.values():
        assert (row.status == "erased") == (row.visitor in erased)
    assert not erased & set(rows.users)


@settings(max_examples=100, deadline=None)
@given(histories, st.data())
def test_a_list_goes_on_by_the_events_behind_it(actions: list[Action], data: st.DataObject) -> None:
    """A row read at any later time, and the events above its version: the row at the end."""
    events = run(run_events(actions))
    at = data.draw(st.integers(0, len(events)))
    now = fold_sessions(Sessions(), events)
    then = fold_sessions(Sessions(), events[:at])
    read_late = data.draw(st.sets(st.sampled_from(sorted(now.rows)))) if now.rows else set()
    rows = {name: row for name, row in now.rows.items() if name in read_late}
    mixed = Sessions({**then.rows, **rows}, then.users)
    tail = [
        event
        for event in events[at:]
        if (row := mixed.rows.get(event.stream.removeprefix("conversation-"))) is None
        or event.version > row.version
    ]
    assert fold_sessions(mixed, tail).rows == now.rows


@settings(max_examples=50, deadline=None)
@given(histories)
def test_rows_say_what_the_streams_say(actions: list[Action]) -> None:
    """Version, mark, position and placement are those of the conversation's last event."""
    events = run(run_events(actions))
    last = {event.stream: event for event in events}
    for name, row in fold_sessions(Sessions(), events).rows.items():
        event = last[f"conversation-{name}"]
        access = event.metadata.after
        assert access is not None
        assert (row.version, row.position, row.mark.hex()) == (
            event.version,
            event.position,
            event.mark,
        )
        assert (row.department, row.assignee) == (access.department, access.assignee)


def test_an_erased_conversation_keeps_nothing_personal() -> None:
    """Label, reads and rating go; that there was a conversation, and when, stays."""
    kinds = ("start", "post", "answer", "tag", "rate", "read", "agent-read")
    said = [Action(kind, number=3) for kind in kinds]

    async def life() -> tuple[list[RecordedEvent], list[RecordedEvent]]:
        history = await played(said)
        before = await history.events()
        await history.erase(VISITORS[0])
        return before, await history.events(len(before))

    before, erasure = run(life())
    (was,) = fold_sessions(Sessions(), before).rows.values()
    (now,) = fold_sessions(fold_sessions(Sessions(), before), erasure).rows.values()
    assert was.label.last is not None
    assert was.label.tags
    assert (was.rating, was.visitor_read, len(was.reads)) == (4, 4, 1)
    assert (now.label, now.reads, now.rating, now.visitor_read) == (EMPTY, {}, None, 0)
    assert (now.started_at, now.last_at, now.visitor) == (was.started_at, was.last_at, was.visitor)


def test_who_is_identified_first_is_known_in_later_conversations() -> None:
    """The usual order of a signed-in customer: identified before anything is said."""
    rows = fold_sessions(Sessions(), run(run_events([Action("identify"), Action("start")]))).rows
    (row,) = rows.values()
    assert row.label.visitor_name is not None
    assert row.label.visitor_name.startswith("user ")


@pytest.mark.parametrize("kinds", [("introduce", "start"), ("start", "introduce")])
def test_who_says_its_name_is_called_so(kinds: tuple[str, ...]) -> None:
    """Before it talks or while it does; but whom the site vouches for goes by that."""
    said = [Action(kind, number=1) for kind in kinds]
    (row,) = fold_sessions(Sessions(), run(run_events(said))).rows.values()
    assert row.label.visitor_name == f"{SENTINEL} 1"
    vouched = [*said, Action("identify"), Action("introduce", number=2)]
    (row,) = fold_sessions(Sessions(), run(run_events(vouched))).rows.values()
    assert row.label.visitor_name is not None
    assert row.label.visitor_name.startswith("user ")

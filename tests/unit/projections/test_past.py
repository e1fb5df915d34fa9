"""Views as they were: what the projector had when it stood there, of what can be read today."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given, settings

from domain import streams
from domain.append import ANY, Append, Part
from domain.conversation.events import Body, MessagePosted
from domain.envelope import Actor, NewEvent, RecordedEvent
from domain.errors import Refused
from domain.moments import Asked
from projections.sessions.items import SessionItem, item
from projections.sessions.past import PAGE_EVENTS, PastViews
from projections.sessions.rows import Sessions
from tests.doubles.appends import uuid
from tests.unit.projections.histories import LOG, VISITORS, Action, History, histories
from tests.unit.projections.test_laws import fold_sessions, played, run


async def view(
    history: History, past: PastViews, conversation: str, position: int
) -> SessionItem | None:
    """A conversation's view at a position."""
    moment = await history.store.moment(LOG, Asked(position=position))
    page = await past.one(LOG, conversation, moment)
    if page is None:
        return None
    assert (page.as_of, page.mark) == (moment.position, moment.mark)
    (only,) = page.items
    return only


def whole(events: Sequence[RecordedEvent]) -> dict[str, SessionItem]:
    """The views that the projector has of these events, by conversation."""
    return {name: item(row) for name, row in fold_sessions(Sessions(), events).rows.items()}


@settings(max_examples=40, deadline=None)
@given(histories)
def test_a_view_is_what_the_projector_had(actions: list[Action]) -> None:
    """At every position, of every conversation, erased or not: as if the log ended there."""

    async def law() -> None:
        history = await played(actions)
        events = await history.events()
        names = whole(events)
        past = PastViews(history.store)
        for position in range(len(events) + 1):
            then = whole(events[:position])
            for name in names:
                assert await view(history, past, name, position) == then.get(name)

    run(law())


def test_what_was_erased_since_is_erased_in_the_past() -> None:
    """The text was there then; who looks back today does not see it, nor the name."""

    async def law() -> None:
        history = await played([Action("identify"), Action("start"), Action("post")])
        before = len(await history.events())
        (name,) = whole(await history.events())
        past = PastViews(history.store)
        told = await view(history, past, name, before)
        await history.erase(VISITORS[0])
        left = await view(history, past, name, before)
        assert told is not None
        assert left is not None
        assert (told.status, told.visitor_name is None, told.last is None) == ("open", False, False)
        assert (left.status, left.visitor_name, left.last) == ("erased", None, None)
        assert (left.version, left.started_at) == (told.version, told.started_at)

    run(law())


async def grown(messages: int) -> tuple[History, str]:
    """A history whose one conversation has so many messages more."""
    history = await played([Action("start")])
    (name,) = whole(await history.events())
    body = MessagePosted("m", Body("again"))
    subject = streams.visitor(VISITORS[0])
    visitor = Actor("visitor", VISITORS[0])
    part = Part(streams.conversation(name), ANY, (NewEvent(body, subject),))
    batch = [Append(uuid(1_000 + n), visitor, b"", (part,)) for n in range(messages)]
    await history.store.append_batch(LOG, batch)
    return history, name


def test_a_long_conversation_is_read_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is, no more than a page of it is in memory, and all of it counts."""

    async def law() -> None:
        history, name = await grown(3 * PAGE_EVENTS)
        read_stream, asked = history.store.read_stream, []

        async def seen(log: UUID, stream: str, after: int, limit: int) -> list[RecordedEvent]:
            asked.append(limit)
            return await read_stream(log, stream, after, limit)

        monkeypatch.setattr(history.store, "read_stream", seen)
        events = await history.events()
        found = await view(history, PastViews(history.store), name, len(events))
        assert found == whole(events)[name]
        assert set(asked) == {PAGE_EVENTS}
        assert len(asked) > 3

    run(law())


def test_beyond_the_limit_it_is_refused() -> None:
    """A past that would take too long is not begun to be shown in part."""

    async def law() -> None:
        history, name = await grown(2 * PAGE_EVENTS)
        past = PastViews(history.store, most_events=PAGE_EVENTS)
        with pytest.raises(Refused) as refused:
            await view(history, past, name, 2 * PAGE_EVENTS)
        assert refused.value.code == "too_large"
        early = await view(history, past, name, PAGE_EVENTS // 2)
        assert early is not None

    run(law())


def test_what_cannot_be_read_is_stepped_over() -> None:
    """As the engine parks it: a damaged message costs its own text, a damaged start the view."""

    async def law() -> None:
        history = await played([Action("start"), Action("post"), Action("post")])
        events = await history.events()
        (name,) = whole(events)
        past, store = PastViews(history.store), history.store
        *_, last = [event for event in events if event.type == "message.posted"]
        (start,) = [event for event in events if event.type == "conversation.started"]
        for damaged in (last, start):
            store.damaged = frozenset({damaged.position})  # type: ignore[attr-defined]  # a double
            kept = [event for event in await history.events() if not event.damaged]
            expected = whole(kept) if damaged is last else {}
            found = await view(history, past, name, len(events))
            assert found == expected.get(name)
            assert (found is None) == (damaged is start)

    run(law())

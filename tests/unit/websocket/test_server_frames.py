"""The check that every frame of every test goes through finds what is not as described."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures.frames import problem_of

FEED = "conversation:01a203d1-a6d8-7661-b007-0ef74065e1cd"
EVENT = {
    "id": "01a203d1-a6d8-880e-a24d-e7e3a038f016",
    "type": "conversation.started",
    "stream": "conversation-01a203d1-a6d8-7661-b007-0ef74065e1cd",
    "version": 1,
    "at": "2026-11-22T15:13:21.121935Z",
    "actor": {"role": "visitor", "id": "ada", "name": None},
    "data": {"visitor": "ada"},
}
MARK = "da64e061309fe20f"


def an_events_frame(**fields: Any) -> dict[str, Any]:
    """A frame of one event, which has these fields besides, or instead."""
    event = {**EVENT, **fields}
    return {"op": "events", "feed": FEED, "after": 0, "upto": 1, "mark": MARK, "events": [event]}


@pytest.mark.parametrize(
    ("role", "frame"),
    [
        ("visitor", {"op": "ack", "id": "any text", "version": 3}),
        ("agent", {"op": "ack", "id": "1", "version": 3, "position": 4, "duplicate": True}),
        ("visitor", an_events_frame()),
        ("agent", an_events_frame(position=1, data={"visitor": "ada", "department": "sales"})),
        ("visitor", an_events_frame(data=None, erased=True)),
        ("visitor", {"op": "pong"}),
        ("visitor", {"op": "pong", "n": {"any": [10**30, None]}}),
    ],
)
def test_what_is_as_described_is_right(role: str, frame: dict[str, Any]) -> None:
    """With the fields that are due, and those that may be."""
    assert problem_of(role, json.dumps(frame)) is None


@pytest.mark.parametrize(
    ("role", "frame"),
    [
        ("visitor", {"op": "ack", "id": "1", "position": 4}),
        ("visitor", {"op": "ack", "id": "1", "version": None}),
        ("visitor", {"op": "ack", "id": "1", "duplicate": False}),
        ("agent", {"op": "ack", "id": "1", "position": "4"}),
        ("agent", {"op": "ack"}),
        ("visitor", {"op": "gone", "feed": FEED, "reason": "not_allowed"}),
        ("visitor", {"op": "reset", "feed": "inbox", "head": 1, "reason": "view"}),
        ("visitor", {"op": "signal", "kind": "presence", "actor": {}, "online": True}),
        ("agent", {"op": "signal", "kind": "queue", "ahead": 3}),
        ("agent", {"op": "greeting"}),
        ("visitor", an_events_frame(position=1)),
        ("agent", an_events_frame()),
        ("visitor", an_events_frame(data={"visitor": "ada", "department": "sales"})),
        ("visitor", an_events_frame(type="note.added", data={})),
        ("visitor", an_events_frame(actor={"role": "visitor", "id": "ada", "mail": "a@b"})),
        ("visitor", an_events_frame(erased=None)),
    ],
)
def test_what_is_not_as_described_is_found(role: str, frame: dict[str, Any]) -> None:
    """A field too many, one too few, one of another kind; what is for the other side."""
    assert problem_of(role, json.dumps(frame)) is not None

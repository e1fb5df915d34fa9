"""What a page of events adds to the index, and whose messages it takes out. Pure.

A rebuild reads nothing of who was erased, and so indexes nothing. A page may still hold the words
of somebody whose erasure it holds too; they go with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from domain import streams
from domain.conversation.events import Body, MessagePosted, NoteAdded
from domain.envelope import RecordedEvent
from projections.search.layout import window_of
from projections.search.terms import terms

SEARCHED = ("message.posted", "note.added")
"""Events whose texts are found."""

ERASED = "conversation.erased"
TYPES = frozenset({*SEARCHED, ERASED})


class Said(Struct, frozen=True):
    """A message or note: where, and under what it is found."""

    conversation: str
    terms: list[str]


class Indexing(Struct, frozen=True):
    """What a page came to.

    ``window`` is the one that the log is in, None before anything was folded; ``said`` what was
    written in the page, by position; ``erased`` the conversations of which nothing may stay.
    """

    window: int | None = None
    said: dict[int, Said] = {}
    erased: frozenset[str] = frozenset()


def evolve(indexing: Indexing, events: Iterable[RecordedEvent]) -> Indexing:
    """The same with these events."""
    said, erased, window = dict(indexing.said), set(indexing.erased), indexing.window
    for event in events:
        window = window_of(event.position)
        conversation = streams.conversation_id(event.stream) or event.stream
        if event.type == ERASED:
            erased.add(conversation)
        elif found := _found(event.data):
            said[event.position] = Said(conversation, found)
    if erased:
        said = {at: each for at, each in said.items() if each.conversation not in erased}
    return Indexing(window, said, frozenset(erased))


def _found(data: object) -> list[str]:
    """Under what an event is found; nothing of it where it was erased, or is a file."""
    match data:
        case MessagePosted(body=Body(text=str(text))) | NoteAdded(body=Body(text=str(text))):
            return terms(text)
        case _:
            return []

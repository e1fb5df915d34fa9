"""Appends for tests, in few words: who asks what of which stream.

Only what a test does not say is filled in here; nothing is decided.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.append import ANY, Answer, Append, Appended, Dependency, Expectation, Known, Part
from domain.conversation.events import Body, ConversationClosed, MessagePosted
from domain.envelope import Access, Actor, NewEvent, RecordedEvent
from domain.ids import event_id

VISITOR = Actor("visitor", "visitor-1", "Ada")
AGENT = Actor("agent", "agent-1", "Grace")
STREAM = "conversation-1"
OTHER = "conversation-2"
SUBJECT = "visitor-1"
HERE = Access("sales", None)


def uuid(number: int) -> UUID:
    """A command's id by its number: UUIDv7, in time order."""
    return UUID(int=(0x018C_0000_0000 + number << 80) | (7 << 76) | (2 << 62) | number)


def said(text: str = "hello", subject: str = SUBJECT) -> NewEvent:
    """An event that does not decide."""
    return NewEvent(MessagePosted("m", Body(text)), subject, before=HERE, after=HERE)


def closed(subject: str = SUBJECT) -> NewEvent:
    """An event that decides."""
    return NewEvent(ConversationClosed(), subject, before=HERE, after=HERE)


def part(*events: NewEvent, stream: str = STREAM, expect: Expectation = ANY) -> Part:
    """What a command adds to a stream, and what it expects of it."""
    return Part(stream, expect, events)


def append(number: int, *parts: Part, **fields: Any) -> Append:
    """A command of this number; without parts it says hello on ``STREAM``."""
    fields = {"actor": VISITOR, "content": b"content", **fields}
    return Append(command=uuid(number), parts=parts or (part(said()),), **fields)


def depends_on(
    log: UUID, number: int, version: int, n: int = 0, stream: str = STREAM
) -> Dependency:
    """A dependency on event ``n`` of ``VISITOR``'s command of this number."""
    return Dependency(event_id(log, VISITOR.role, VISITOR.id, uuid(number), n), stream, version)


def events_of(answer: Answer) -> tuple[RecordedEvent, ...]:
    """The events of an answer that must be :class:`Appended`."""
    assert isinstance(answer, Appended), answer
    return answer.events


def known(answer: Answer) -> Known:
    """The answer, which must be :class:`Known`."""
    assert isinstance(answer, Known), answer
    return answer

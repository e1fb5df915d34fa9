"""``parley conversation``: what a terminal is shown, and what it must not obey."""

from __future__ import annotations

from uuid import UUID

import click
import pytest

from domain.conversation.events import Body, ConversationClosed, MessagePosted, NoteAdded
from domain.envelope import Actor, Metadata, RecordedEvent
from domain.moments import Asked
from ops.commands.conversation import MomentText, _line
from ops.commands.options import TimeText

NOBODY = UUID(int=0)


def event(data: object, *, damaged: bool = False) -> RecordedEvent:
    """The third event of a conversation."""
    return RecordedEvent(
        log=NOBODY,
        position=9,
        stream="conversation-1",
        version=3,
        decided=1,
        type="message.posted",
        schema_version=1,
        id=NOBODY,
        actor=Actor("agent", "a-1", "Mia\x1b[2J"),
        metadata=Metadata(NOBODY),
        recorded_at=1_795_341_600_123_456,
        key_id=NOBODY,
        hash=b"",
        data=data,
        damaged=damaged,
    )


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (event(MessagePosted("m", Body("good\nday"))), r"good\nday"),
        (
            event(MessagePosted("m", Body("\x1b]0;x\x07\x9b2J\u202e!"))),
            r"\x1b]0;x\x07\x9b2J\u202e!",
        ),
        (event(MessagePosted("m", Body("早上好 ☀"))), "早上好 ☀"),
        (event(NoteAdded("n", Body("for us"))), "(note) for us"),
        (event(ConversationClosed()), "(message.posted) {}"),
        (event(None), "(erased) message.posted"),
        (event(None, damaged=True), "(damaged) message.posted"),
    ],
)
def test_a_line_of_a_transcript(shown: RecordedEvent, said: str) -> None:
    """Version, time, who and what, in one line, with nothing that moves the cursor."""
    assert _line(shown) == ["3", "2026-11-22 10:00:00", r"agent Mia\x1b[2J", said]


def test_a_moment_on_the_command_line() -> None:
    """What is no moment is wrong usage, which says how one is written."""
    kind = MomentText()
    assert kind.convert("4711", None, None) == Asked(position=4711)
    assert kind.convert(Asked(position=1), None, None) == Asked(position=1)
    with pytest.raises(click.BadParameter, match="2026-11-22T10:00:00Z"):
        kind.convert("yesterday", None, None)


def test_a_time_on_the_command_line_stays_as_it_is_written() -> None:
    """Which moment a date is, only the tenant's zone says; what is no time is wrong usage."""
    assert TimeText().convert("2026-11-22", None, None) == "2026-11-22"
    with pytest.raises(click.BadParameter, match="2026-01-31T09:00:00"):
        TimeText().convert("yesterday", None, None)

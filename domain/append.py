"""What is asked of the log, and what it answers: the store's interface in types.

A command is appended whole or not at all. Each gets its own answer; none fails another's.
"""

from __future__ import annotations

from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from domain.envelope import Actor, NewEvent, RecordedEvent


class Expect(IntEnum):
    """The kinds of expectation on a stream. The numbers are those of ``es.append``."""

    ANY = 0
    NO_STREAM = 1
    EXISTS = 2
    VERSION = 3
    UNDECIDED_SINCE = 4


class Expectation(Struct, frozen=True):
    """What a stream must be when the command comes to the log, else it is a conflict."""

    kind: Expect
    version: int = 0


ANY = Expectation(Expect.ANY)
NO_STREAM = Expectation(Expect.NO_STREAM)
EXISTS = Expectation(Expect.EXISTS)


def at_version(version: int) -> Expectation:
    """The stream is exactly at this version (0: does not exist)."""
    return Expectation(Expect.VERSION, version)


def undecided_since(version: int) -> Expectation:
    """No *deciding* event came to the stream after this version. Two may type at once.

    A stream that does not even reach the version is not the one that was read: a conflict too.
    """
    return Expectation(Expect.UNDECIDED_SINCE, version)


class Part(Struct, frozen=True):
    """What a command adds to one stream. Without events: a stream that it only read."""

    stream: str
    expectation: Expectation
    events: tuple[NewEvent, ...] = ()


class Dependency(Struct, frozen=True):
    """A provisional outcome that a decision rests on: this event, at exactly this place.

    The stream belongs to it: of a command that was in the log already, decided at another time,
    the event of this id may be another, with the same number in another stream.
    """

    event: UUID
    stream: str
    version: int


class Append(Struct, frozen=True):
    """A decided command on its way to the log.

    ``content`` is the canonical bytes of what the sender asked; of it a keyed digest is kept, so
    that the same id with another content is told apart. ``cause`` and ``correlation`` are event
    and request ids, or None. ``trace`` is the context of the step that asks for it, if its trace is
    recorded.
    """

    command: UUID
    actor: Actor
    content: bytes
    parts: tuple[Part, ...]
    after: Dependency | None = None
    cause: UUID | None = None
    correlation: UUID | None = None
    trace: str | None = None


class Dated(Struct, frozen=True, gc=False):
    """A command of the past: what happened, and when.

    ``at`` is when its first event happened, in microseconds since 1970; each further one is a
    microsecond later. Every part says the version of its stream by :func:`at_version`.
    """

    append: Append
    at: int


class Appended(Struct, frozen=True):
    """Committed now. ``events`` are the command's own, adjacent, in order."""

    events: tuple[RecordedEvent, ...]


class Known(Struct, frozen=True):
    """The id was in the log already: its first answer, and whether the content is the same.

    ``last`` is the command's last event then, without data where that cannot be read; ``same`` is
    True also where the digest cannot be read any more, because the subject was erased or the event
    is damaged.
    """

    last: RecordedEvent
    same: bool


class Conflict(Struct, frozen=True):
    """An expectation does not hold; nothing of the command was written."""


class SubjectErased(Struct, frozen=True):
    """A key that the command needs was destroyed; nothing of it was written."""


class LookupFailed(Struct, frozen=True):
    """The id was in the log already, and what was answered then could not be found out just now.

    Nothing was written; sent again, it is looked up again. An answer and not an error, because
    others of the same batch were committed and have theirs.
    """


Answer = Appended | Known | Conflict | SubjectErased | LookupFailed

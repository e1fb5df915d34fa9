"""What can have happened to a conversation. Past tense; stored for ever under stable names."""

from __future__ import annotations

from msgspec import Struct


class Body(Struct, frozen=True, omit_defaults=True):
    """What somebody wrote: a text, or the id of a file."""

    text: str | None = None
    file: str | None = None


class Page(Struct, frozen=True, omit_defaults=True):
    """A page of the customer's site that the visitor saw."""

    url: str
    title: str | None = None
    referrer: str | None = None


class ConversationStarted(Struct, frozen=True, omit_defaults=True):
    """A visitor began to talk, at the site of this id."""

    visitor: str
    department: str | None = None
    page: Page | None = None
    site: str | None = None


class MessagePosted(Struct, frozen=True):
    """Somebody wrote to the other side. ``message`` is the command's id."""

    message: str
    body: Body


class NoteAdded(Struct, frozen=True):
    """An agent wrote for agents only. ``note`` is the command's id."""

    note: str
    body: Body


class MessageRead(Struct, frozen=True):
    """The actor has read the conversation up to this version."""

    upto: int


class ConversationAssigned(Struct, frozen=True, omit_defaults=True):
    """An agent serves the conversation from now on."""

    agent: str
    name: str | None = None


class ConversationTransferred(Struct, frozen=True, omit_defaults=True):
    """The conversation went to another agent, or to a department where nobody serves it yet."""

    agent: str | None = None
    name: str | None = None
    department: str | None = None


class ConversationTagged(Struct, frozen=True):
    """The whole set of tags from now on."""

    tags: tuple[str, ...]


class ConversationClosed(Struct, frozen=True):
    """The conversation is over for now."""


class ConversationReopened(Struct, frozen=True):
    """The conversation goes on."""


class ConversationRated(Struct, frozen=True, omit_defaults=True):
    """The visitor's judgement, 1 (worst) to 5 (best)."""

    rating: int
    comment: str | None = None


class ConversationErased(Struct, frozen=True):
    """The visitor's data was erased; nothing more may happen here."""

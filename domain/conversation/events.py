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


class Greeting(Struct, frozen=True):
    """What Parley said to the visitor before it wrote, as it was shown, and by which rule."""

    rule: str
    text: str


class Attachment(Struct, frozen=True, omit_defaults=True):
    """What a file is that was posted. ``size`` in bytes; ``width`` and ``height`` of an image.

    ``thumbnail``: a small picture of it can be had.
    """

    name: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    thumbnail: bool = False


class ConversationStarted(Struct, frozen=True, omit_defaults=True):
    """A visitor began to talk, at the site of this id.

    ``channel`` is the way it came by, ``language`` what it reads. ``department`` and ``skills``,
    which whoever answers should have, are by its own choice or by the rule of ``reception``.
    ``greeting`` is what it answers; ``invitation`` the id of an agent's, which it accepted.
    """

    visitor: str
    department: str | None = None
    page: Page | None = None
    site: str | None = None
    channel: str | None = None
    language: str | None = None
    skills: tuple[str, ...] = ()
    reception: str | None = None
    greeting: Greeting | None = None
    invitation: str | None = None


class MessagePosted(Struct, frozen=True, omit_defaults=True):
    """Somebody wrote to the other side. ``message`` is the command's id.

    ``file`` says what the body's file is.
    """

    message: str
    body: Body
    file: Attachment | None = None


class NoteAdded(Struct, frozen=True, omit_defaults=True):
    """An agent wrote for agents only. ``note`` is the command's id."""

    note: str
    body: Body
    file: Attachment | None = None


class MessageDelivered(Struct, frozen=True):
    """A device of the actor's has the conversation up to this version."""

    upto: int


class MessageRead(Struct, frozen=True):
    """The actor has read the conversation up to this version."""

    upto: int


class ConversationAssigned(Struct, frozen=True, omit_defaults=True):
    """An agent serves the conversation from now on.

    ``reason`` is why Parley chose it: ``round_robin``, ``least_busy`` or ``invited``; None where
    somebody did.
    """

    agent: str
    name: str | None = None
    reason: str | None = None


class ConversationTransferred(Struct, frozen=True, omit_defaults=True):
    """The conversation went to another agent, or to a department where nobody serves it yet.

    With neither it waits for anybody. ``reason``: ``left``, the agent gave it up; ``agent_gone``,
    it had vanished; ``agent_deactivated``, it works here no more.
    """

    agent: str | None = None
    name: str | None = None
    department: str | None = None
    reason: str | None = None


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


class ConversationMissed(Struct, frozen=True):
    """Nobody answered.

    ``reason``: ``closed``, it came outside of the opening hours; ``unstaffed``, nobody was there;
    ``unanswered``, the visitor waited too long.
    """

    reason: str


class ConversationUnanswered(Struct, frozen=True):
    """The visitor's message at version ``upto`` has had no answer for ``after_s`` seconds."""

    upto: int
    after_s: int


class ConversationErased(Struct, frozen=True):
    """The visitor's data was erased; nothing more may happen here."""

"""What can be asked of a conversation. ``id`` is the sender's own UUID for the command.

The limits on what people write live in these types, so that every way in (socket, HTTP, command
line) holds the same ones. Lengths are in characters.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from msgspec import Meta, Struct

from domain.conversation.events import Body, Greeting, Page
from domain.limits import MAX_COMMENT, MAX_TAG, MAX_TAGS

DEPARTMENT = r"^[A-Za-z][A-Za-z0-9_-]{0,31}$(?!\n)"
"""A department's id: a label and no free text, since it is stored in clear.

Python's ``$`` also matches before a last line break, hence what follows it.
"""

Department = Annotated[str, Meta(pattern=DEPARTMENT)]
Tag = Annotated[str, Meta(min_length=1, max_length=MAX_TAG)]
Tags = Annotated[list[Tag], Meta(max_length=MAX_TAGS)]
Rating = Annotated[int, Meta(ge=1, le=5)]
Comment = Annotated[str, Meta(max_length=MAX_COMMENT)]
Version = Annotated[int, Meta(ge=1, le=2**53)]
Channel = Literal["widget", "inline", "link", "api"]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$(?!\n)")]
"""A language tag (BCP 47), such as ``zh-Hans``."""


class Start(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="start"):
    """Begin a conversation; with one open already, say it there.

    ``greeting`` is the text of a welcome rule that it answers, as it was shown; ``invitation`` the
    id of an agent's.
    """

    id: UUID
    body: Body | None = None
    page: Page | None = None
    department: Department | None = None
    channel: Channel | None = None
    language: Language | None = None
    greeting: Greeting | None = None
    invitation: UUID | None = None


class Post(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="post"):
    """Write to the other side; with ``note``, which is for agents, to the agents only."""

    id: UUID
    conversation: UUID
    body: Body
    note: bool = False


class Delivered(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="delivered"):
    """Say that one's device has all up to this version, seen or not."""

    id: UUID
    conversation: UUID
    upto: Version


class Read(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="read"):
    """Say that all up to this version was read."""

    id: UUID
    conversation: UUID
    upto: Version


class Assign(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="assign"):
    """Give the conversation to an agent; without one, take it. ``free``: if nobody serves it."""

    id: UUID
    conversation: UUID
    agent: UUID | None = None
    free: bool = False


class Transfer(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="transfer"):
    """Pass the conversation to one agent or to one department."""

    id: UUID
    conversation: UUID
    agent: UUID | None = None
    department: Department | None = None


class Leave(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="leave"):
    """Give up a conversation that one serves: somebody else may take it."""

    id: UUID
    conversation: UUID


class SetTags(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="tag"):
    """Set the conversation's tags: the whole set."""

    id: UUID
    conversation: UUID
    tags: Tags


class Close(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="close"):
    """End the conversation for now."""

    id: UUID
    conversation: UUID


class Reopen(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="reopen"):
    """Let the conversation go on."""

    id: UUID
    conversation: UUID


class Rate(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="rate"):
    """Judge the conversation."""

    id: UUID
    conversation: UUID
    rating: Rating
    comment: Comment | None = None


class Route(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="route"):
    """Give a conversation that nobody serves to an agent; one that somebody serves stays so."""

    id: UUID
    conversation: UUID
    agent: UUID
    reason: str


class Release(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="release"):
    """Take a conversation from an agent that has vanished, if it is at this version still."""

    id: UUID
    conversation: UUID
    agent: UUID
    version: Version
    reason: str


class Miss(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="miss"):
    """Note that nobody answered, if the conversation is at this version still."""

    id: UUID
    conversation: UUID
    version: Version
    reason: str


class Remind(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="remind"):
    """Note that the visitor waits for an answer, if the conversation is at this version still."""

    id: UUID
    conversation: UUID
    version: Version
    upto: Version
    after_s: int


Routed = Route | Release | Miss | Remind
"""What the router asks for: never a socket's."""

Guarded = Release | Miss | Remind
"""Those that hold for the version only that they were decided on."""

Marking = Read | Delivered
"""How far somebody has got."""

Named = Post | Marking | Assign | Transfer | Leave | SetTags | Close | Reopen | Rate | Routed
"""The commands that name their conversation."""

NAMED: Final[tuple[type[Named], ...]] = get_args(Named)
"""The same as types, the most frequent first: asking a union takes many times as long."""

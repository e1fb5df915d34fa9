"""What a session view is: one conversation at a glance.

All that a person wrote or is called is in :class:`Label`, which is stored encrypted under the
visitor's key; the rest holds ids, numbers and times only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from domain import streams

LAST_TEXT = 200
"""Characters of the last message that a list shows."""

Status = Literal["open", "closed", "erased"]


class Last(Struct, frozen=True):
    """The last message: its beginning, who wrote it, when. A file has no text."""

    text: str
    role: str
    at: datetime


class Label(Struct, frozen=True, omit_defaults=True):
    """The personal part of a session view."""

    visitor_name: str | None = None
    assignee_name: str | None = None
    tags: tuple[str, ...] = ()
    last: Last | None = None
    comment: str | None = None
    language: str | None = None
    skills: tuple[str, ...] = ()


EMPTY = Label()


class SessionRow(Struct, frozen=True):
    """One conversation.

    ``version`` and ``mark`` (8 bytes of its chain hash) are those of its last event, ``position``
    that event's place in the log. ``last_at`` moves with what both sides see happen: a message,
    closing, reopening. ``reads`` says for each agent the version read up to, ``visitor_read`` for
    the visitor. ``last_visitor_version`` is the version of the visitor's last message,
    ``last_message_version`` of anybody's. ``invited``: an agent's invitation was its beginning.
    From ``queued_at`` on see :class:`~domain.routing.serving.Served`.
    """

    id: str
    visitor: str
    status: Status
    assignee: str | None
    department: str | None
    started_at: datetime
    last_at: datetime
    version: int
    mark: bytes
    position: int
    last_message_version: int = 0
    last_visitor_version: int = 0
    visitor_read: int = 0
    reads: dict[str, int] = {}
    rating: int | None = None
    channel: str | None = None
    invited: bool = False
    queued_at: datetime | None = None
    served_at: datetime | None = None
    unanswered_at: datetime | None = None
    unreminded_at: datetime | None = None
    unreminded_version: int = 0
    missed: str | None = None
    label: Label = EMPTY

    @property
    def subject(self) -> str:
        """Under whose key the label is."""
        return streams.visitor(self.visitor)


class Called(Struct, frozen=True, omit_defaults=True):
    """What a visitor is called: the user that the site vouched for, and what was said of it."""

    user: str | None = None
    name: str | None = None

    @property
    def shown(self) -> str | None:
        """By which of them it goes: whom the site vouches for, whatever it calls itself."""
        return self.user or self.name


class Sessions(Struct, frozen=True):
    """Some of a log's rows, by conversation, and what their visitors are called.

    Rows of a page of events are complete when they hold every conversation named in it and every
    conversation of a visitor who is named in it.
    """

    rows: dict[str, SessionRow] = {}
    users: dict[str, Called] = {}
    """Of one whose name cannot be read any more it is an empty one."""

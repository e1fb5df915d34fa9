"""Those who are in the set, with what the generator has to know of them at a moment.

These are not the aggregates of ``domain``: those are folded from events, and a test folds what is
generated to see that both agree. Only what is written next rests on these.
"""

from __future__ import annotations

from uuid import UUID

from domain import streams
from domain.envelope import Access, Actor
from domain.permissions import AGENT, VISITOR
from ops.dataset.words.language import Language


class Bot:
    """What answers by itself."""

    __slots__ = ("actor",)

    def __init__(self) -> None:
        self.actor = Actor("bot", "assistant", "Ava")


BOT = Bot()


class Agent:
    """Somebody who answers; ``shift``: which half of the opening hours is its own."""

    __slots__ = (
        "actor",
        "departments",
        "email",
        "id",
        "role",
        "shift",
        "status",
        "stream",
        "version",
    )

    def __init__(self, id_: UUID, name: str, email: str, role: str, shift: int) -> None:
        self.id = id_
        self.email = email
        self.role = role
        self.shift = shift
        self.departments: tuple[str, ...] = ()
        self.actor = Actor(AGENT, str(id_), name)
        self.stream = streams.agent(id_)
        self.status = "offline"
        self.version = 0

    @property
    def name(self) -> str:
        """What others see."""
        assert self.actor.name is not None
        return self.actor.name


class Visitor:
    """Somebody on a site. ``free_at``: when all that is planned for it has happened.

    ``user`` is what its site calls it, to be told when it signs in; ``origin`` of the site's pages.
    """

    __slots__ = (
        *("actor", "conversations", "free_at", "identified", "language", "last", "origin"),
        *("site", "source", "stream", "user", "version"),
    )

    def __init__(self, id_: UUID, site: str, origin: str, language: Language) -> None:
        self.actor = Actor(VISITOR, str(id_))
        self.stream = streams.visitor(id_)
        self.site = site
        self.origin = origin
        self.language = language
        self.user: str | None = None
        self.identified = False
        self.version = 0
        self.last: Conversation | None = None
        self.conversations: list[Conversation] = []
        self.free_at = 0
        self.source = "direct"


class Conversation:
    """A conversation of a visitor. Its id is that of the command that starts it."""

    __slots__ = ("access", "id", "open", "reads", "stream", "tags", "version", "visitor")

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        visitor.conversations.append(self)
        self.id: UUID | None = None
        self.stream = ""
        self.version = 0
        self.access = Access()
        self.open = False
        self.tags: tuple[str, ...] = ()
        self.reads: dict[str, int] = {}


Who = Visitor | Agent | Bot
"""Whoever acts. A visitor's actor is another one once it is known who it is."""

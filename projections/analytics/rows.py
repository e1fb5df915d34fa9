"""What the facts are: one row a conversation, a visit, a goal reached.

In clear stands only what the events' envelopes tell, and what is a tenant's own: so it is the same
after an erasure. What came out of a visitor's data (sources, tags, pages, ratings, the site, goals)
goes with it: as labels under the visitor's key, as digests, or as numbers that fall back to none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from domain.tenant.events import HoursChanged
from domain.tenant.goals import Goals

Key = tuple[str, int]


class Took(Struct, frozen=True, array_like=True):
    """How long something took: in all, and of that in business hours. Whole milliseconds."""

    ms: int
    business_ms: int


class Settings(Struct, frozen=True):
    """What a tenant has set that facts rest on: its hours (None: none said), its goals."""

    hours: HoursChanged | None = None
    goals: Goals = {}


class FactLabel(Struct, frozen=True, omit_defaults=True):
    """The personal part of a conversation's fact."""

    source: str | None = None
    tags: tuple[str, ...] = ()


class Fact(Struct, frozen=True):
    """A conversation.

    ``begun`` and ``position`` are the log positions of its first event and of the last one that
    changed the fact, ``own_position`` of the last one of its own. An erasure is none of these: it
    takes away what was, then too. ``agent`` served it last, ``serving_since`` says since when one
    serves it now. ``asked_at``, ``assigned_at`` and ``answered_at`` are of the visitor's first
    message, of the first assignment and of the first message by an agent, ``closed_at`` of the last
    close while it is closed. ``goals``: reached by its visitor, and credited to it.
    """

    conversation: str
    visitor: str
    begun: int
    position: int
    own_position: int
    started_at: datetime
    status: Literal["open", "closed"] = "open"
    erased: bool = False
    agent: str | None = None
    department: str | None = None
    site: str | None = None
    serving_since: datetime | None = None
    asked_at: datetime | None = None
    assigned_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    wait: Took | None = None
    first_response: Took | None = None
    handling: Took | None = None
    resolution: Took | None = None
    visitor_messages: int = 0
    agent_messages: int = 0
    bot_messages: int = 0
    transfers: int = 0
    reopenings: int = 0
    goals: int = 0
    rating: int | None = None
    label: FactLabel | None = FactLabel()


class VisitLabel(Struct, frozen=True, omit_defaults=True):
    """The personal part of a visit: where it came from, its first page, the goals reached in it."""

    source: str
    entry: str
    reached: tuple[str, ...] = ()


class Visit(Struct, frozen=True):
    """A visitor's run of page views. ``begun`` and ``position`` are as a fact's."""

    visitor: str
    begun: int
    position: int
    started_at: datetime
    ended_at: datetime
    pages: int = 1
    goals: int = 0
    site: str | None = None
    label: VisitLabel | None = None

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.visitor, self.begun


class GoalLabel(Struct, frozen=True, omit_defaults=True):
    """The personal part of a goal that was reached."""

    source: str
    page: str


class GoalReached(Struct, frozen=True):
    """A goal that a visitor reached, at most once a visit.

    ``position`` is that of the page view. ``conversation`` is the one that it is credited to, if
    any, ``agent`` and ``department`` those that served this one at that time.
    """

    visitor: str
    position: int
    goal: str
    reached_at: datetime
    label: GoalLabel
    site: str | None = None
    conversation: str | None = None
    agent: str | None = None
    department: str | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells it from others."""
        return self.visitor, self.position, self.goal


class Analytics(Struct, frozen=True):
    """Some of a log's rows.

    Those of a page of events are complete when they hold the settings, every conversation that is
    named in it, of every visitor who views a page or begins to talk the last visit and the last
    conversation, and all visits and goals of everybody who is erased.
    """

    settings: Settings = Settings()
    facts: dict[str, Fact] = {}
    visits: dict[Key, Visit] = {}
    goals: dict[tuple[str, int, str], GoalReached] = {}

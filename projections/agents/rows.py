"""What the read model of agents knows: who they are, how they are, and what they do.

Ids, times and numbers stand in clear, since an event's envelope tells them; what an agent is
called, may do, and says of itself is a label under its own key.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

OFFLINE = "offline"

UNASSIGNED = ""
"""The assignee of an open conversation that nobody serves."""

QUARTER_S = 900
"""Seconds that work is counted by. A quarter of an hour: every time zone's days begin with one."""


class Said(Struct, frozen=True):
    """At which version of an agent's stream it was made what it is, when, and by whom."""

    version: int
    at: datetime
    role: str
    by: str


class Label(Struct, frozen=True, omit_defaults=True):
    """What an agent is: the part that goes with its key.

    ``reason``: why it has its status where nobody said so.
    """

    name: str
    role: str
    status: str = OFFLINE
    departments: tuple[str, ...] = ()
    email: str = ""
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    said: Said | None = None
    reason: str | None = None


class AgentRow(Struct, frozen=True):
    """One agent. ``active``: it may sign in. ``since``: from when on it is in its present status.

    ``given_at``: when it was given a conversation, or took one, last.
    ``label`` is None where it cannot be read any more.
    """

    id: str
    active: bool
    since: datetime | None
    label: Label | None
    given_at: datetime | None = None


class Interval(Struct, frozen=True):
    """A time in one status that is over; ``status`` is None where it cannot be read any more."""

    agent: str
    from_at: datetime
    to_at: datetime
    status: str | None


class Work(Struct, frozen=True):
    """What was done in a quarter of an hour: messages sent, conversations taken or given."""

    messages: int = 0
    conversations: int = 0


class Agents(Struct, frozen=True):
    """Some of a log's rows.

    ``serving`` is, by conversation, who serves it while it is open, and None once it is not;
    ``work`` by agent and quarter. ``ended`` are the intervals that these events ended.
    """

    rows: dict[str, AgentRow] = {}
    serving: dict[str, str | None] = {}
    work: dict[tuple[str, datetime], Work] = {}
    ended: tuple[Interval, ...] = ()


def quarter_of(at: datetime) -> datetime:
    """The quarter of an hour that a moment (in UTC) lies in, by its beginning."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)

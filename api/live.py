"""``/v1/live``: who works, who waits, who is being served, and what goes on at the sites, now.

For agents; conversations that an agent may not read are not there. Numbers of visitors are the
tenant's: they tell of nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from api import throttle
from api.deps import SessionFilters
from api.presence import everybody, present
from api.routing import GET, Call, Route

MOST = 200
"""Conversations of a kind that are shown: as many as anybody looks through. The oldest waiting ones
are the last of a longer list, so a list of them is read to its end, up to ``PAGES`` pages."""

PAGES = 5


class LiveAgent(Struct, frozen=True):
    """Who works here. ``online`` says whether it has a desk open.

    ``load`` is how many open conversations it serves, ``capacity`` how many it may.
    """

    id: str
    name: str
    status: str
    status_since: datetime | None
    online: bool
    load: int
    capacity: int | None


class LiveWaiting(Struct, frozen=True):
    """An open conversation that nobody serves, since when."""

    conversation: str
    visitor: str
    visitor_name: str | None
    department: str | None
    queued_at: datetime


class LiveServing(Struct, frozen=True):
    """An open conversation that somebody serves.

    ``unanswered_at``: since when its visitor waits for an answer.
    """

    conversation: str
    visitor: str
    visitor_name: str | None
    assignee: str
    assignee_name: str | None
    started_at: datetime
    unanswered_at: datetime | None


class LiveVisits(Struct, frozen=True):
    """Visits by when they began: today in the tenant's zone, in the last hour, by hour of today."""

    today: int
    last_hour: int
    by_hour: list[int]


class Live(Struct, frozen=True):
    """What goes on now. ``present`` is how many visitors are on the sites.

    Of waiting and served conversations 200 each are shown, those that wait longest first.
    """

    as_of: int
    mark: str
    agents: list[LiveAgent]
    waiting: list[LiveWaiting]
    serving: list[LiveServing]
    present: int
    visits: LiveVisits


async def show_live(call: Call) -> Live:
    """Everything that goes on now."""
    await throttle.count_read(call.deps, call.caller)
    waiting: list[Any] = []
    serving: list[Any] = []
    place = (0, "")
    async for page in _open(call):
        place = place if place[0] else (page.as_of, page.mark)
        for each in page.items:
            (waiting if each.assignee is None else serving).append(each)
    _, count = await everybody(call, "visitor")
    visits = await call.deps.visits.now(call.caller.log)
    return Live(
        *place,
        agents=await _agents(call),
        waiting=sorted(map(_waiting, waiting), key=lambda each: each.queued_at)[:MOST],
        serving=sorted(map(_serving, serving), key=_patience)[:MOST],
        present=count,
        visits=LiveVisits(visits.today, visits.last_hour, visits.by_hour),
    )


async def _open(call: Call) -> AsyncIterator[Any]:
    """The open conversations that the caller may read, page by page."""
    cursor = None
    for _ in range(PAGES):
        page = await call.deps.sessions.page(
            call.caller.log, SessionFilters("open"), MOST, cursor, call.caller.rights
        )
        yield page
        cursor = page.next
        if cursor is None:
            return


async def _agents(call: Call) -> list[LiveAgent]:
    team = await call.deps.agents.agents(call.caller.log)
    online = await present(call, "agent", (each.id for each in team))
    return [
        LiveAgent(
            each.id,
            each.name,
            each.status,
            each.status_since,
            each.id in online,
            each.load,
            getattr(each, "capacity", None),
        )
        for each in team
    ]


def _waiting(found: Any) -> LiveWaiting:
    since = getattr(found, "queued_at", None) or found.started_at
    return LiveWaiting(
        found.conversation, found.visitor, found.visitor_name, found.department, since
    )


def _serving(found: Any) -> LiveServing:
    return LiveServing(
        conversation=found.conversation,
        visitor=found.visitor,
        visitor_name=found.visitor_name,
        assignee=found.assignee,
        assignee_name=found.assignee_name,
        started_at=found.started_at,
        unanswered_at=getattr(found, "unanswered_at", None),
    )


def _patience(found: LiveServing) -> tuple[bool, datetime]:
    """Who waits for an answer comes first, the longest of all; then those who have one."""
    since = found.unanswered_at
    return since is None, since or found.started_at


ROUTES = (Route(GET, "/v1/live", show_live, "Show what goes on now", answer=Live),)

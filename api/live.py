"""``/v1/live``: who works, who waits, who is being served, and what goes on at the sites, now.

For agents; conversations that an agent may not read are not there. Numbers of visitors are the
tenant's: they tell of nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from api import throttle, times
from api.deps import SessionFilters
from api.presence import everybody, present
from api.routing import GET, Call, Route

MOST = 200
"""Conversations of a kind that are shown: as many as anybody looks through."""

PAGES = 5
"""Pages of as many that are looked through for them, since who waits longest is on the last."""


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
    zone: str


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
    waiting = await _found(call, SessionFilters("open", waiting=True))
    serving = await _found(call, SessionFilters("open"))
    queued = [_waiting(each) for page in waiting for each in page.items if each.assignee is None]
    served = [_serving(each) for page in serving for each in page.items if each.assignee]
    _, count = await everybody(call, "visitor")
    visits = await call.deps.visits.now(call.caller.log)
    zone, _ = await times.zone_of(call)
    return Live(
        waiting[0].as_of,
        waiting[0].mark,
        agents=await _agents(call),
        waiting=sorted(queued, key=lambda each: each.queued_at)[:MOST],
        serving=sorted(served, key=_patience)[:MOST],
        present=count,
        visits=LiveVisits(visits.today, visits.last_hour, visits.by_hour, zone),
    )


async def _found(call: Call, filters: SessionFilters) -> list[Any]:
    """Pages of the conversations that the caller may read: one at least."""
    log, rights = call.caller.log, call.caller.rights
    pages: list[Any] = [await call.deps.sessions.page(log, filters, MOST, None, rights)]
    while pages[-1].next is not None and len(pages) < PAGES:
        cursor = pages[-1].next
        pages.append(await call.deps.sessions.page(log, filters, MOST, cursor, rights))
    return pages


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
            each.capacity,
        )
        for each in team
    ]


def _waiting(found: Any) -> LiveWaiting:
    since = found.queued_at or found.started_at
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
        unanswered_at=found.unanswered_at,
    )


def _patience(found: LiveServing) -> tuple[bool, datetime]:
    """Who waits for an answer comes first, the longest of all; then those who have one."""
    since = found.unanswered_at
    return since is None, since or found.started_at


ROUTES = (Route(GET, "/v1/live", show_live, "Show what goes on now", answer=Live),)

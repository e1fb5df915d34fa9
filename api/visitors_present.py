"""``/v1/visitors``: the visitors who are on the site now, and the page that each sees.

For agents, who see those whose last conversation they may read; a visitor that talked to nobody yet
is seen by those whose role is not limited. For servers too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from api import throttle
from api.conversations import PLAIN
from api.deps import PresentFilters
from api.presence import everybody
from api.routing import GET, Call, Route
from api.visitors import Device, Invited, invited, told
from domain.errors import Refused
from domain.visitor.source import Source

Text = Annotated[str, Meta(pattern=PLAIN, max_length=200)]


class PresentQuery(Struct, frozen=True):
    """Which of those who are there. ``present`` is ``true``: nobody else is listed.

    ``q`` is part of what is known of a visitor: name, addresses, attributes, place, page.
    ``country`` is a code, ``device`` a kind, ``site`` a site's id; ``source`` is part of the name
    or medium of where the visit comes from, ``page`` part of the page's address.
    """

    present: bool = False
    q: Text | None = None
    country: Text | None = None
    site: Text | None = None
    source: Text | None = None
    page: Text | None = None
    device: Text | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(pattern=PLAIN, max_length=512)] | None = None


class LivePage(Struct, frozen=True):
    """The page that a visitor sees, since when."""

    url: str
    title: str | None
    at: datetime


class PresentVisitor(Struct, frozen=True):
    """A visitor who is there. ``since`` is when its visit began.

    ``source`` and ``referrer`` are of this visit; ``conversation`` is its open one, and
    ``assignee`` who serves that.
    """

    visitor: str
    name: str | None
    email: str | None
    phone: str | None
    user: str | None
    since: datetime
    page: LivePage | None
    site: str | None
    pages: int
    visits: int
    conversations: int
    source: Source | None
    referrer: str | None
    device: Device | None
    language: str | None
    country: str | None
    region: str | None
    city: str | None
    conversation: str | None
    assignee: str | None
    invited: Invited | None
    attributes: dict[str, str]


class PresentVisitors(Struct, frozen=True):
    """A part of those who are there, the last come first.

    ``present`` is how many the caller may see, whatever is asked for; ``next`` the cursor of the
    part after it, null at the end.
    """

    as_of: int
    mark: str
    items: list[PresentVisitor]
    next: str | None
    present: int


async def list_present(call: Call) -> PresentVisitors:
    """Those who are there now."""
    query: PresentQuery = call.query
    await throttle.count_read(call.deps, call.caller)
    if not query.present:
        raise Refused("bad_request", "Only visitors who are present are listed: ?present=true.")
    there, _ = await everybody(call, "visitor")
    sought = PresentFilters(
        query.q, query.country, query.site, query.source, query.page, query.device
    )
    found = await call.deps.present.page(
        call.caller.log, there, sought, query.limit, query.cursor, call.caller.rights
    )
    items = [_shown(each) for each in found.items]
    return PresentVisitors(found.as_of, found.mark, items, found.next, found.present)


def _shown(found: Any) -> PresentVisitor:
    row, label = found.row, found.row.label
    visit, view = label.visit, None if found.page is None else found.page.view
    open_one = found.talk is not None and found.talk.status == "open"
    return PresentVisitor(
        visitor=row.id,
        user=label.user,
        since=row.visit_at or row.last_at,
        page=None if view is None else LivePage(view.page.url, view.page.title, found.page.at),
        site=None if view is None else view.site,
        pages=row.pages,
        visits=row.visits,
        conversations=row.conversations,
        source=None if visit is None else visit.source,
        referrer=None if visit is None else visit.referrer,
        conversation=found.talk.conversation if open_one else None,
        assignee=found.talk.access.assignee if open_one else None,
        invited=invited(label.invited),
        **told(label),
    )


ROUTES = (
    Route(
        GET,
        "/v1/visitors",
        list_present,
        "List the visitors who are on the site now",
        query=PresentQuery,
        answer=PresentVisitors,
    ),
)

"""``/v1/search``: messages and notes by what is in them, from the index.

Only agents and servers search, and find what they may read at this moment. An answer that stopped
at a limit says so, and its cursor goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from api import names, throttle
from api.conversations import PLAIN, PlainTag
from api.deps import SearchFilters
from api.routing import GET, Call, Route
from domain.conversation.commands import Department
from domain.errors import Refused
from domain.moments import demand_order

Time = Annotated[datetime, Meta(tz=True)]


class SearchQuery(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """What is searched for: words, all of which must occur, and "phrases" in quotation marks.

    ``from`` and ``to`` (exclusive) are times; ``agent`` is who serves the conversation now, an id,
    ``me`` or ``none``.
    """

    q: Annotated[str, Meta(pattern=PLAIN, min_length=1, max_length=200)]
    since: Time | None = None
    until: Time | None = None
    agent: Annotated[str, Meta(pattern=PLAIN, max_length=64)] | None = None
    tag: PlainTag | None = None
    source: Annotated[str, Meta(pattern=PLAIN, max_length=200)] | None = None
    sender: Literal["visitor", "agent", "bot"] | None = None
    department: Department | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(pattern=PLAIN, max_length=64)] | None = None


class Sender(Struct, frozen=True):
    """Who wrote it."""

    role: str
    id: str
    name: str | None


class Snippet(Struct, frozen=True):
    """A part of the text around the first hit. ``marks`` are its hits: [start, end) in ``text``.

    They count Unicode code points.
    """

    text: str
    marks: list[tuple[int, int]]


class Hit(Struct, frozen=True):
    """A message or note that was found. ``version`` is its place in the conversation."""

    conversation: str
    version: int
    position: int
    at: datetime
    kind: Literal["message", "note"]
    sender: Sender
    visitor: str
    visitor_name: str | None
    snippet: Snippet


class Hits(Struct, frozen=True):
    """What was found, the newest first, as of one position of the log.

    ``next`` is the cursor of the page after it, null at the end. ``complete`` is false where the
    search stopped at a limit with fewer hits than asked; ``next`` goes on searching.
    """

    as_of: int
    mark: str
    items: list[Hit]
    next: str | None
    complete: bool


async def search(call: Call) -> Hits:
    """A page of what the caller may read."""
    query, caller = call.query, call.caller
    assert isinstance(query, SearchQuery)
    await throttle.count_read(call.deps, caller)
    first, until = _utc(query.since), _utc(query.until)
    demand_order(first, until)
    filters = SearchFilters(
        assignee=names.agent(query.agent, "agent", me=caller.actor.id),
        department=query.department,
        tag=query.tag,
        source=query.source,
        sender=query.sender,
        first=first,
        until=until,
    )
    page = await call.deps.search.page(
        caller.log, query.q, filters, query.limit, query.cursor, caller.rights
    )
    return msgspec.convert(page, Hits, from_attributes=True)


def _utc(time: datetime | None) -> datetime | None:
    """The same moment in UTC. Raises Refused for one that UTC cannot express."""
    try:
        return None if time is None else time.astimezone(UTC)
    except OverflowError:
        raise Refused("bad_request", "A time is beyond what can be asked for.") from None


ROUTES = (
    Route(GET, "/v1/search", search, "Search messages and notes", query=SearchQuery, answer=Hits),
)

"""``/v1/conversations``: session views, from the read model.

Answers say which position they reflect (``as_of``, ``mark``), so that a client can follow the
inbox from exactly there. Visitors see their own conversation only, without what is the agents'.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from api import moments, names, reading, throttle
from api.deps import SessionFilters, SessionPage
from api.presence import present
from api.routing import GET, Call, Route
from domain.conversation.commands import Department, Tag
from domain.errors import Refused
from domain.permissions import VISITOR
from projections.sessions.rows import Status
from projections.waiting import behind

T = TypeVar("T")

PLAIN = r"^[^\x00-\x1f\x7f]*$(?!\n)"
"""Text without control characters: what a store can be asked for. ``$`` alone would let Python
pass a last line break; ``\\Z``, which would not, is unknown to the dialect of OpenAPI."""

Position = Annotated[int, Meta(ge=0, le=2**53)]
PlainTag = Annotated[Tag, Meta(pattern=PLAIN)]


class ListQuery(Struct, frozen=True):
    """Which conversations, and which part of the list.

    ``assignee`` is an agent's id, ``me`` or ``none``; ``visitor`` a visitor's id. ``waiting``: it
    is open and nobody serves it; ``missed``: nobody has answered in time.
    """

    status: Status | None = None
    assignee: Annotated[str, Meta(pattern=PLAIN, max_length=64)] | None = None
    department: Department | None = None
    tag: PlainTag | None = None
    visitor: Annotated[str, Meta(pattern=PLAIN, max_length=64)] | None = None
    waiting: bool | None = None
    missed: bool | None = None
    q: Annotated[str, Meta(pattern=PLAIN, max_length=200)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(pattern=PLAIN, max_length=512)] | None = None
    min_position: Position | None = None


class OneQuery(Struct, frozen=True):
    """``min_position``: wait until the view reflects it. ``at``: as it was, without waiting."""

    min_position: Position | None = None
    at: moments.AtText | None = None


class Last(Struct, frozen=True):
    """The beginning of the last message, who wrote it, and when."""

    text: str
    role: str
    at: datetime


class View(Struct, frozen=True):
    """What the read model knows of a conversation. ``id`` and ``conversation`` are the same.

    ``reads`` is, for each agent, the version read up to; ``visitor_read`` the visitor's. ``skills``
    are what whoever answers should have. ``queued_at``: since when nobody serves it;
    ``unanswered_at``: since when the visitor waits for an answer; both null where it is not so.
    ``missed``: why nobody answered in time (``closed``, ``unstaffed``, ``unanswered``), until an
    agent does. ``invited``: it began with an agent's invitation.
    """

    id: str
    conversation: str
    visitor: str
    visitor_name: str | None
    status: str
    assignee: str | None
    assignee_name: str | None
    department: str | None
    tags: tuple[str, ...]
    started_at: datetime
    last_at: datetime
    last: Last | None
    last_message_version: int
    last_visitor_version: int
    rating: int | None
    comment: str | None
    version: int
    version_mark: str
    reads: dict[str, int]
    visitor_read: int
    channel: str | None
    language: str | None
    skills: tuple[str, ...]
    invited: bool
    queued_at: datetime | None
    unanswered_at: datetime | None
    missed: str | None


class Item(View, frozen=True, kw_only=True):
    """A conversation at a glance. ``visitor_online`` says whether its visitor is there right now.

    That is no part of the view and reflects no position.
    """

    visitor_online: bool


class Items(Struct, frozen=True):
    """A page of conversations, newest first, as of one position of the log.

    ``next`` is the cursor of the page after it, null at the end. ``complete`` is false where a
    search for ``q`` stopped at its limit with fewer items than asked; ``next`` goes on searching.
    """

    as_of: int
    mark: str
    items: list[Item]
    next: str | None
    complete: bool


class AgentsView(View, frozen=True, kw_only=True):
    """One conversation as agents and servers see it, as of a position of the log.

    ``at`` is there where it was asked how it was; ``visitor_online`` is null then, being of now.
    """

    as_of: int
    mark: str
    visitor_online: bool | None
    at: moments.At | UnsetType = UNSET


class VisitorsView(Struct, frozen=True):
    """One conversation as its visitor sees it."""

    id: str
    conversation: str
    visitor: str
    status: str
    assignee: str | None
    assignee_name: str | None
    started_at: datetime
    last_at: datetime
    last: Last | None
    last_message_version: int
    rating: int | None
    comment: str | None
    version: int
    version_mark: str
    visitor_read: int


async def list_conversations(call: Call) -> Items:
    """A page of what the caller may read."""
    query, caller = call.query, call.caller
    assert isinstance(query, ListQuery)
    await throttle.count_read(call.deps, caller)
    await _caught_up(call, query.min_position)
    filters = SessionFilters(
        query.status,
        names.agent(query.assignee, "assignee", me=caller.actor.id),
        query.department,
        query.tag,
        query.q,
        names.visitor(query.visitor),
        query.waiting,
        query.missed,
    )
    page = await call.deps.sessions.page(
        caller.log, filters, query.limit, query.cursor, caller.rights
    )
    items = await _at_a_glance(call, page)
    return Items(page.as_of, page.mark, items, page.next, page.complete)


async def one_conversation(call: Call) -> Struct:
    """One conversation at a glance."""
    conversation = call.id()
    await throttle.count_read(call.deps, call.caller)
    await reading.check(call, conversation)
    if call.query.at is not None:
        return await _as_it_was(call, conversation, call.query.at)
    await _caught_up(call, call.query.min_position)
    page = await call.deps.sessions.one(call.caller.log, conversation)
    if page is None or not page.items:
        raise behind()
    if call.caller.role == VISITOR:
        return _convert(page.items[0], VisitorsView)
    (item,) = await _at_a_glance(call, page)
    return AgentsView(**asdict(item), as_of=page.as_of, mark=page.mark)


async def _as_it_was(call: Call, conversation: str, at: str) -> AgentsView:
    """The view at a moment. One whose beginning cannot be read has none, then as now."""
    moment = await moments.moment(call, at, conversation)
    page = await call.deps.past.one(call.caller.log, conversation, moment)
    if page is None:
        raise Refused("damaged")
    view = asdict(_convert(page.items[0], View))
    return AgentsView(
        **view, as_of=page.as_of, mark=page.mark, visitor_online=None, at=moments.shown(moment)
    )


async def _at_a_glance(call: Call, page: SessionPage) -> list[Item]:
    """The page's views, each with whether its visitor is there."""
    views = [_convert(each, View) for each in page.items]
    online = await present(call, "visitor", (each.visitor for each in views))
    return [Item(**asdict(each), visitor_online=each.visitor in online) for each in views]


async def _caught_up(call: Call, position: int | None) -> None:
    if position is None:
        return
    wait_s = call.deps.settings.min_position_wait_s
    if not await call.deps.sessions.wait_for(call.caller.log, position, wait_s):
        raise behind()


def _convert(found: Any, form: type[T]) -> T:
    """What a reader gave as what the API answers: the fields named here and no others."""
    return msgspec.convert(found, form, from_attributes=True)


ROUTES = (
    Route(
        GET,
        "/v1/conversations",
        list_conversations,
        "List conversations",
        query=ListQuery,
        answer=Items,
    ),
    Route(
        GET,
        "/v1/conversations/{id}",
        one_conversation,
        "Show a conversation; its visitor is shown less",
        query=OneQuery,
        answer=AgentsView,
        to_visitor=VisitorsView,
        cross_origin=True,
    ),
)

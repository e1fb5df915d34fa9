"""``/v1/visitors``: who a visitor is, as far as is known, and the pages that it saw.

For agents who may read the visitor's last conversation, and for servers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, convert

from api import reading, throttle
from api.presence import present
from api.routing import GET, Call, Route
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from domain.visitor.source import Source
from projections.waiting import behind


class Arrival(Struct, frozen=True):
    """How the visitor came the first time, and what that page says of its source."""

    url: str
    referrer: str | None
    site: str | None
    source: Source


class Device(Struct, frozen=True):
    """With what the visitor came last, as its browser says; null where that cannot be told.

    ``device``: ``desktop``, ``mobile``, ``tablet``, ``bot``.
    """

    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device: str | None


class Greeted(Struct, frozen=True):
    """What a welcome rule said last, and when."""

    rule: str
    text: str
    at: datetime


class Invited(Struct, frozen=True):
    """What an agent asked, and the visitor has begun nothing since."""

    invitation: str
    text: str
    at: datetime
    agent: str
    name: str | None


class Seen(Struct, frozen=True):
    """A page that was seen, on the visit of this number. Address and title are null once erased."""

    position: int
    at: datetime
    visit: int
    url: str | None
    title: str | None
    referrer: str | None
    site: str | None


class Profile(Struct, frozen=True):
    """A visitor, as of one position of the log. ``id`` and ``visitor`` are the same.

    ``user`` is whom the site vouched for; ``name``, ``email``, ``phone`` and ``attributes`` are
    what it or an agent said. ``country``, ``region`` and ``city`` are those of its network. A new
    visit begins after 30 minutes without a page. ``online`` says whether it is there right now, and
    reflects no position.
    """

    as_of: int
    mark: str
    id: str
    visitor: str
    user: str | None
    name: str | None
    email: str | None
    phone: str | None
    attributes: dict[str, str]
    device: Device | None
    language: str | None
    country: str | None
    region: str | None
    city: str | None
    greeted: Greeted | None
    invited: Invited | None
    first_seen: datetime
    last_seen: datetime
    visits: int
    pages: int
    conversations: int
    arrival: Arrival | None
    last_page: Seen | None
    erased: bool
    online: bool


class Path(Struct, frozen=True):
    """A part of the pages that were seen, the last first. ``next`` is the cursor of the rest."""

    as_of: int
    mark: str
    items: list[Seen]
    next: str | None


class PathQuery(Struct, frozen=True):
    """Which part: ``cursor`` is the ``next`` of the part before it."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[int, Meta(ge=1, le=2**53)] | None = None


async def show_visitor(call: Call) -> Profile:
    """Who a visitor is, as far as is known."""
    visitor = call.id()
    await throttle.count_read(call.deps, call.caller)
    await reading.check_visitor(call, visitor)
    found = await call.deps.visitors.one(call.caller.log, visitor)
    if found is None:
        raise behind()
    row = found.row
    return Profile(
        as_of=found.as_of,
        mark=found.mark,
        id=visitor,
        visitor=visitor,
        user=row.label.user,
        **told(row.label),
        greeted=_greeted(row.label.greeted),
        invited=invited(row.label.invited),
        first_seen=row.first_at,
        last_seen=row.last_at,
        visits=row.visits,
        pages=row.pages,
        conversations=row.conversations,
        arrival=_arrival(row.label.arrival),
        last_page=None if found.last is None else _seen(found.last),
        erased=row.erased,
        online=visitor in await present(call, "visitor", [visitor]),
    )


async def list_pages(call: Call) -> Path:
    """The pages that a visitor saw."""
    visitor = call.id()
    await throttle.count_read(call.deps, call.caller)
    await reading.check_visitor(call, visitor)
    asked: PathQuery = call.query
    path = await call.deps.visitors.path(call.caller.log, visitor, asked.limit, asked.cursor)
    following = None if path.next is None else str(path.next)
    return Path(path.as_of, path.mark, [_seen(each) for each in path.items], following)


def told(label: Any) -> dict[str, Any]:
    """What a label tells of who a visitor is, with what it came, and from where."""
    known, device = label.known or VisitorIntroduced(), label.device
    seen = device or DeviceSeen()
    return {
        "name": known.name,
        "email": known.email,
        "phone": known.phone,
        "attributes": known.attributes,
        "device": None if device is None else convert(device, Device, from_attributes=True),
        "language": seen.language,
        "country": seen.country,
        "region": seen.region,
        "city": seen.city,
    }


def _greeted(found: Any) -> Greeted | None:
    return None if found is None else Greeted(found.rule, found.text, found.at)


def invited(found: Any) -> Invited | None:
    """An invitation that waits for its answer."""
    return found and Invited(found.id, found.text, found.at, found.agent, found.name)


def _arrival(found: Any) -> Arrival | None:
    if found is None:
        return None
    return Arrival(found.url, found.referrer, found.site, found.source)


def _seen(found: Any) -> Seen:
    view = found.view
    page = None if view is None else view.page
    return Seen(
        position=found.position,
        at=found.at,
        visit=found.visit,
        url=None if page is None else page.url,
        title=None if page is None else page.title,
        referrer=None if page is None else page.referrer,
        site=None if view is None else view.site,
    )


ROUTES = (
    Route(
        GET, "/v1/visitors/{id}", show_visitor, "Show who a visitor is, as known", answer=Profile
    ),
    Route(
        GET,
        "/v1/visitors/{id}/pages",
        list_pages,
        "List the pages that a visitor saw",
        query=PathQuery,
        answer=Path,
    ),
)

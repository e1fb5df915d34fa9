"""What the read model of visitors knows: a profile of each, and each page that it saw.

Ids, times and numbers stand in clear, since an event's envelope tells them; names, addresses and
sources are labels under the visitor's own key.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from domain.conversation.events import Page
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from domain.visitor.source import Source


class Arrival(Struct, frozen=True, omit_defaults=True):
    """How a visitor came: the first page of a visit, and what that says of its source."""

    url: str
    source: Source
    referrer: str | None = None
    site: str | None = None


class Greeted(Struct, frozen=True):
    """What a welcome rule said to the visitor, and when."""

    rule: str
    text: str
    at: datetime


class Invited(Struct, frozen=True, omit_defaults=True):
    """An agent asked whether the visitor wants to talk, and it has begun nothing since."""

    id: str
    text: str
    at: datetime
    agent: str
    name: str | None = None


class Label(Struct, frozen=True, omit_defaults=True):
    """The personal part of a profile. ``user``: whom the site vouched for.

    ``arrival`` is how it came the first time, ``visit`` how on its last visit; ``known`` is what
    was said of it, ``device`` with what and from where it came last.
    """

    user: str | None = None
    arrival: Arrival | None = None
    visit: Arrival | None = None
    known: VisitorIntroduced | None = None
    device: DeviceSeen | None = None
    greeted: Greeted | None = None
    invited: Invited | None = None


EMPTY = Label()


class VisitorRow(Struct, frozen=True):
    """One visitor. Visits, pages and conversations are numbers of them.

    ``first_at`` and ``last_at`` are when it did something first and last, or was identified by the
    site before it ever did; ``viewed_at`` is when it saw its last page, ``visit_at`` when the visit
    began on which that was.
    """

    id: str
    first_at: datetime
    last_at: datetime
    visits: int = 0
    pages: int = 0
    conversations: int = 0
    erased: bool = False
    viewed_at: datetime | None = None
    visit_at: datetime | None = None
    label: Label = EMPTY


class View(Struct, frozen=True, omit_defaults=True):
    """The personal part of a page that was seen."""

    page: Page
    site: str | None = None


class PageRow(Struct, frozen=True):
    """A page that a visitor saw, on its visit of this number; ``view`` is None once erased."""

    visitor: str
    position: int
    at: datetime
    visit: int
    view: View | None


class Visitors(Struct, frozen=True):
    """Some of a log's visitors, the pages that these events added, and who was erased by them."""

    rows: dict[str, VisitorRow] = {}
    added: tuple[PageRow, ...] = ()
    erased: frozenset[str] = frozenset()

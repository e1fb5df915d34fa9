"""Visitors who are there, on PostgreSQL: who is found by what, who sees whom, and how fast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct

from adapters.postgres.readmodels import PostgresTransaction
from domain.access import Rights
from domain.conversation.commands import Start
from domain.conversation.events import Body, Page
from domain.envelope import Actor
from domain.tenant.commands import SetHours
from domain.visitor.commands import Introduce, SeeDevice, ViewPage
from domain.visitor.events import DeviceSeen
from projections.analytics.now import VisitsReader
from projections.analytics.projection import AnalyticsProjection
from projections.engine import Engine
from projections.projection import create_tables
from projections.visitors.present import PresentReader
from tests.doubles.clock import ManualClock
from tests.fixtures.postgres import Owner
from tests.integration.projections.conftest import Views
from tests.unit.projections.histories import LOG, VISITORS, History

ADA, BOB, DAN = VISITORS
EVE = "0192ffff-0000-7000-8000-000000000009"
WEEK = (((540, 600),), *((),) * 6)
SHOP = "https://shop.example"


class Sought(Struct, frozen=True):
    """What is looked for."""

    q: str | None = None
    country: str | None = None
    site: str | None = None
    source: str | None = None
    page: str | None = None
    device: str | None = None


@pytest.fixture
def present(views: Views) -> PresentReader:
    """The reader."""
    return PresentReader(views.database.read_models, views.database.cipher)


async def found(present: PresentReader, *there: str, **more: Any) -> list[str]:
    """Whom a search finds, in order, turned through in parts of two."""
    rights, limit = more.pop("rights", None), more.pop("limit", 2)
    sought, cursor, names = Sought(**more), None, []
    while True:
        page = await present.page(LOG, there, sought, limit, cursor, rights)
        names += [each.row.id for each in page.items]
        assert len(page.items) <= limit
        if page.next is None:
            return names
        cursor = page.next


async def look(history: History, visitor: str, path: str, referrer: str | None = None) -> None:
    """A visitor sees a page."""
    page = Page(f"{SHOP}{path}", f"Title of {path}", referrer)
    await history.ask(Actor("visitor", visitor), ViewPage(history.id(), page))


async def test_those_who_are_there_are_found(
    views: Views, history: History, present: PresentReader
) -> None:
    """The last come first; by name, attribute, place, page, source, device; erased ones by none."""
    for visitor, path in ((ADA, "/boots"), (BOB, "/coats"), (EVE, "/boots/9"), (DAN, "/hats")):
        await look(history, visitor, path, "https://www.google.com/" if visitor == EVE else None)
    who = Actor("visitor", ADA)
    await history.ask(who, Introduce(history.id(), name="Ada", attributes={"plan": "Pro"}))
    seen = DeviceSeen("Firefox", device="mobile", country="DE", city="München", address="::7")
    await history.ask(who, SeeDevice(history.id(), seen))
    await look(history, ADA, "/cart")
    ack = await history.ask(who, Start(history.id(), Body("hello")))
    await history.erase(DAN)
    await views.follow()
    everybody = (ADA, BOB, EVE, DAN, "nobody")
    assert await found(present, *everybody) == [DAN, EVE, BOB, ADA]
    assert await found(present, BOB, ADA) == [BOB, ADA]
    assert await found(present) == []
    for query in ("ada", "PRO", "münchen", "/CART", "title of /cart", "::7"):
        assert await found(present, *everybody, q=query) == [ADA], query
    assert await found(present, *everybody, page="/boots") == [EVE]
    assert await found(present, *everybody, source="Goog") == [EVE]
    assert await found(present, *everybody, country="de", device="mobile") == [ADA]
    assert await found(present, *everybody, country="de", device="bot") == []
    assert await found(present, *everybody, q="hats") == []
    page = await present.page(LOG, everybody, Sought(q="ada"), 10, None, None)
    (one,) = page.items
    assert one.page is not None
    assert one.page.view is not None
    assert one.page.view.page.url == f"{SHOP}/cart"
    assert one.talk is not None
    assert (one.talk.conversation, one.talk.status) == (ack.conversation, "open")
    assert (page.present, page.as_of) == (4, (await history.store.heads([LOG]))[0].position)


async def test_who_sees_whom(views: Views, history: History, present: PresentReader) -> None:
    """By the last conversation; one that talked to nobody is seen by whoever is not limited."""
    for visitor in (ADA, BOB, EVE):
        await look(history, visitor, "/")
    for visitor, department in ((ADA, "sales"), (BOB, "support")):
        start = Start(history.id(), Body("hello"), department=department)
        await history.ask(Actor("visitor", visitor), start)
    await views.follow()
    for role, departments, expected in (
        ("agent", (), [EVE, BOB, ADA]),
        ("limited", ("sales",), [ADA]),
        ("limited", (), []),
    ):
        rights = Rights(role, "grace", frozenset(departments))
        assert await found(present, ADA, BOB, EVE, rights=rights) == expected
        page = await present.page(LOG, (ADA, BOB, EVE), Sought(), 1, None, rights)
        assert page.present == len(expected)


async def test_visits_of_today(views: Views, history: History, owner: Owner) -> None:
    """By the hour of the tenant's own clock, and within the last hour."""
    database = views.database
    projection = AnalyticsProjection(database.read_models, database.cipher)
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), [projection])
    engine = Engine(database.store, database.read_models, projection, views.clock)
    await history.ask(Actor("system", "cli"), SetHours(history.id(), "Asia/Kolkata", WEEK))
    for visitor in (ADA, BOB):
        await look(history, visitor, "/")
    await engine.follow(LOG, lambda _: None)
    now = datetime.now(UTC)
    reader = VisitsReader(database.read_models, views.clock)
    visits = await reader.now(LOG)
    local = now + timedelta(hours=5, minutes=30)
    if local.minute:  # not while an hour begins
        assert (visits.today, visits.last_hour) == (2, 2)
        assert visits.by_hour[local.hour] == 2
        assert len(visits.by_hour) == 24
    clock = ManualClock(now.timestamp() + 86_400)
    assert (await VisitsReader(database.read_models, clock).now(LOG)).today == 0

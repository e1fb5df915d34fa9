"""``/v1/visitors`` and ``/v1/live`` over HTTP: who is on the site, and what goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.deps import PresentFilters
from domain.conversation.events import Page
from domain.envelope import Access
from domain.presence import Person
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from domain.visitor.source import Source
from projections.sessions.among import Talk
from projections.visitors.present import Present
from projections.visitors.rows import Arrival, Label, PageRow, View, VisitorRow
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Item, Site, bearer, check_problem, colleague

AT = datetime(2026, 11, 27, 2, tzinfo=UTC)
ADA, BOB = "00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"


async def get(at: Site, path: str, token: str, **query: Any) -> Any:
    """The answer to a question."""
    return await at.client.get(f"/v1/{path}", params=query, headers=bearer(token))


async def come(site: Site, tenant: Tenant, *visitors: str) -> None:
    """Let visitors open their sockets."""
    await site.presences.arrive(
        [(Person(tenant.log, "visitor", each), UUID(int=1)) for each in visitors]
    )


def ada(status: str = "open") -> Present:
    """A visitor of whom everything is known."""
    arrival = Arrival("https://shop.example/", Source("search", "google"), "https://google.com/")
    label = Label(
        user="ann",
        visit=arrival,
        known=VisitorIntroduced("Ada", attributes={"plan": "pro"}),
        device=DeviceSeen("Firefox", "141.0", "Linux", None, "desktop", "de", "DE", address="::2"),
    )
    row = VisitorRow(ADA, AT - timedelta(days=1), AT, 2, 7, 1, visit_at=AT, label=label)
    page = PageRow(ADA, 20, AT, 2, View(Page("https://shop.example/cart", "Cart"), "s"))
    return Present(row, page, Talk("talk", status, Access("sales", "grace")))


async def test_those_who_are_there_are_shown(site: Site, demo: Tenant) -> None:
    """With the page they see, and the conversation that is open; the network's address is not."""
    bob = Present(VisitorRow(BOB, AT, AT), None, None)
    site.present.items = [ada(), bob]
    await come(site, demo, ADA, BOB)
    for token in (await demo.agent_token(), await demo.add_key()):
        said = (await get(site, "visitors", token, present="true")).json()
        assert (said["as_of"], said["next"], said["present"]) == (10, "more", 2)
        first, second = said["items"]
        assert first["page"] == {
            "url": "https://shop.example/cart",
            "title": "Cart",
            "at": "2026-11-27T02:00:00Z",
        }
        assert (first["conversation"], first["assignee"]) == ("talk", "grace")
        assert (first["name"], first["user"], first["country"]) == ("Ada", "ann", "DE")
        assert (first["source"]["name"], first["device"]["os"]) == ("google", "Linux")
        assert (first["since"], first["visits"], first["pages"]) == ("2026-11-27T02:00:00Z", 2, 7)
        assert "::2" not in str(said)
        assert (second["visitor"], second["page"], second["conversation"]) == (BOB, None, None)
    site.present.items = [ada("closed")]
    said = (await get(site, "visitors", token, present="true")).json()
    assert (said["items"][0]["conversation"], said["items"][0]["assignee"]) == (None, None)


async def test_what_is_asked_reaches_the_view(site: Site, demo: Tenant) -> None:
    """Filters, rights and place; whoever is no visitor, or of another tenant, is not there."""
    other = await site.world.tenant("other")
    await come(site, demo, ADA)
    await come(site, other, BOB)
    await site.presences.arrive([(Person(demo.log, "agent", "grace"), UUID(int=2))])
    await demo.add_agent("sales@example.org", "limited", "sales")
    token = await demo.agent_token("sales@example.org")
    query = {"q": "a", "country": "DE", "site": "s", "source": "g", "page": "/p", "device": "bot"}
    await get(site, "visitors", token, present="true", limit=7, cursor="x", **query)
    ((there, sought, limit, cursor, rights),) = site.present.asked
    assert (there, limit, cursor) == ([ADA], 7, "x")
    assert sought == PresentFilters(**query)
    assert rights is not None
    assert rights.departments == {"sales"}


async def test_nobody_else_is_listed(site: Site, demo: Tenant) -> None:
    """Visitors who are not there are found by their conversations."""
    token = await demo.agent_token()
    for query in ({}, {"present": "false"}, {"present": "true", "limit": 0}):
        check_problem(await get(site, "visitors", token, **query), "bad_request")


async def test_a_crowd_is_looked_at_in_parts_up_to_a_bound(site: Site, demo: Tenant) -> None:
    """All of it is counted."""
    crowd = [str(UUID(int=n)) for n in range(5_200)]
    await come(site, demo, *crowd)
    await get(site, "visitors", await demo.agent_token(), present="true")
    assert site.present.asked[0][0] == crowd[:5_000]
    assert (await get(site, "live", await demo.agent_token())).json()["present"] == 5_200


async def test_what_goes_on(site: Site, demo: Tenant) -> None:
    """Who works, who waits, longest first, who is served, and the visits of today."""
    alan = await demo.add_agent("alan@example.org")
    site.views.team[demo.log] = [colleague(alan, since=AT), colleague("somebody", "Eve")]
    await site.presences.arrive([(Person(demo.log, "agent", alan), UUID(int=1))])
    await come(site, demo, ADA, BOB)
    late, early = Item("late", ADA), Item("early", BOB, started_at=AT - timedelta(days=900))
    served = Item("served", "eve", visitor_name="Eve", assignee=alan, assignee_name="Alan")
    site.views.items[demo.log] = [late, served, early]
    said = (await get(site, "live", await demo.agent_token())).json()
    assert [each["conversation"] for each in said["waiting"]] == ["early", "late"]
    (one,) = said["serving"]
    assert (one["visitor_name"], one["assignee"], one["assignee_name"]) == ("Eve", alan, "Alan")
    assert [(each["online"], each["load"]) for each in said["agents"]] == [(True, 3), (False, 3)]
    assert said["visits"]["by_hour"][9:11] == [2, 1]
    assert (said["present"], said["visits"]["today"], said["visits"]["last_hour"]) == (2, 3, 1)
    assert (said["as_of"], site.views.asked[0].status) == (10, "open")


async def test_limited_agents_see_what_they_may(site: Site, demo: Tenant) -> None:
    """Of what waits and is served; how many visitors there are is nobody's secret."""
    await demo.add_agent("sales@example.org", "limited", "sales")
    mine, other = Item("mine", ADA, department="sales"), Item("other", BOB, department="support")
    site.views.items[demo.log] = [mine, replace(mine, id="m2", assignee="x"), other]
    said = (await get(site, "live", await demo.agent_token("sales@example.org"))).json()
    assert [each["conversation"] for each in said["waiting"]] == ["mine"]
    assert [each["conversation"] for each in said["serving"]] == ["m2"]

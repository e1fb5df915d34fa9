"""``/v1/visitors`` over HTTP: who may see a visitor, and what is told of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.conversation.events import Page
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from domain.visitor.source import Source
from projections.visitors.reader import Profile
from projections.visitors.rows import (
    Arrival,
    Greeted,
    Invited,
    Label,
    PageRow,
    View,
    VisitorRow,
)
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem

AT = datetime(2026, 11, 27, 2, tzinfo=UTC)
PAGE = Page("https://shop.example/cart", "Cart", "https://shop.example/")
ARRIVAL = Arrival("https://shop.example/", Source("search", "google"), "https://google.com/", "s")


async def get(site: Site, path: str, token: str) -> Any:
    """The answer to a question."""
    return await site.client.get(f"/v1/visitors/{path}", headers=bearer(token))


async def test_a_profile(site: Site, demo: Tenant) -> None:
    """Numbers and times, who it is, how it came, where it is; and whether it is there."""
    talk = await site.talk(demo)
    label = Label(
        "ann",
        ARRIVAL,
        known=VisitorIntroduced("Ann", "ann@shop.example", "+49 30", {"plan": "pro"}),
        device=DeviceSeen("Firefox", "141.0", "Linux", None, "desktop", "de", "DE", "Bayern"),
        greeted=Greeted("hello", "Hello!", AT),
        invited=Invited("i1", "Can I help?", AT, "grace", "Grace"),
    )
    row = VisitorRow(talk.visitor, AT, AT, 2, 7, 1, label=label)
    last = PageRow(talk.visitor, 20, AT, 2, View(PAGE, "s"))
    site.visitors.profiles[talk.visitor] = Profile(21, "ab" * 8, row, last)
    said = (await get(site, talk.visitor, await demo.agent_token())).json()
    assert said == {
        "as_of": 21,
        "mark": "ab" * 8,
        "id": talk.visitor,
        "visitor": talk.visitor,
        "user": "ann",
        "name": "Ann",
        "email": "ann@shop.example",
        "phone": "+49 30",
        "attributes": {"plan": "pro"},
        "device": {
            "browser": "Firefox",
            "browser_version": "141.0",
            "os": "Linux",
            "os_version": None,
            "device": "desktop",
        },
        "language": "de",
        "country": "DE",
        "region": "Bayern",
        "city": None,
        "greeted": {"rule": "hello", "text": "Hello!", "at": "2026-11-27T02:00:00Z"},
        "invited": {
            "invitation": "i1",
            "text": "Can I help?",
            "at": "2026-11-27T02:00:00Z",
            "agent": "grace",
            "name": "Grace",
        },
        "first_seen": "2026-11-27T02:00:00Z",
        "last_seen": "2026-11-27T02:00:00Z",
        "visits": 2,
        "pages": 7,
        "conversations": 1,
        "arrival": {
            "url": ARRIVAL.url,
            "referrer": ARRIVAL.referrer,
            "site": "s",
            "source": {"medium": "search", "name": "google", "campaign": None},
        },
        "last_page": {
            "position": 20,
            "at": "2026-11-27T02:00:00Z",
            "visit": 2,
            "url": PAGE.url,
            "title": PAGE.title,
            "referrer": PAGE.referrer,
            "site": "s",
        },
        "erased": False,
        "online": False,
    }


async def test_what_is_left_of_an_erased_visitor(site: Site, demo: Tenant) -> None:
    """That somebody was there, and when."""
    talk = await site.talk(demo)
    row = VisitorRow(talk.visitor, AT, AT, 2, 7, 1, erased=True)
    site.visitors.profiles[talk.visitor] = Profile(
        21, "ab" * 8, row, PageRow(talk.visitor, 20, AT, 2, None)
    )
    said = (await get(site, talk.visitor, await demo.agent_token())).json()
    assert (said["erased"], said["user"], said["arrival"]) == (True, None, None)
    assert (said["visits"], said["last_page"]["url"]) == (2, None)
    assert (said["name"], said["attributes"], said["device"]) == (None, {}, None)


async def test_pages_follow_one_another(site: Site, demo: Tenant) -> None:
    """The last first; the answer's cursor is where the next part begins."""
    talk = await site.talk(demo)
    site.visitors.seen = [PageRow(talk.visitor, n, AT, 1, View(PAGE)) for n in (9, 7, 5)]
    token = await demo.agent_token()
    first = (await get(site, f"{talk.visitor}/pages?limit=2", token)).json()
    assert [page["position"] for page in first["items"]] == [9, 7]
    await get(site, f"{talk.visitor}/pages?limit=2&cursor={first['next']}", token)
    assert site.visitors.asked == [(2, None), (2, 7)]
    check_problem(await get(site, f"{talk.visitor}/pages?cursor=x", token), "bad_request")


@pytest.mark.parametrize("path", ["{}", "{}/pages"])
async def test_who_may_see_a_visitor(site: Site, demo: Tenant, path: str) -> None:
    """Agents who may read its last conversation, and servers; nobody sees whom there is not.

    One that talked to nobody yet is seen by those whose role is not limited.
    """
    await demo.add_agent("sales@example.org", "limited", "sales")
    await demo.add_agent("support@example.org", "limited", "support")
    talk = await site.talk(demo, department="sales")
    quiet = await demo.visit(page=PAGE)

    async def asks(token: str, visitor: str) -> httpx.Response:
        response: httpx.Response = await get(site, path.format(visitor), token)
        return response

    for token in (await demo.agent_token("sales@example.org"), await demo.add_key()):
        assert (await asks(token, talk.visitor)).status_code == 200
        check_problem(await asks(token, str(site.world.ids.uuid())), "not_found")
    support = await demo.agent_token("support@example.org")
    check_problem(await asks(support, talk.visitor), "not_found")
    check_problem(await asks(support, quiet.visitor), "not_found")
    for token in (await demo.agent_token(), await demo.add_key()):
        assert (await asks(token, quiet.visitor)).status_code == 200


async def test_a_view_that_is_behind_says_so(site: Site, demo: Tenant) -> None:
    """The log has the visitor already: not that there is none, but later."""
    talk = await site.talk(demo)
    site.visitors.profiles[talk.visitor] = None
    check_problem(await get(site, talk.visitor, await demo.agent_token()), "not_caught_up")


async def test_conversations_of_a_visitor(site: Site, demo: Tenant) -> None:
    """The list's filter reaches the read model."""
    talk = await site.talk(demo)
    path = f"/v1/conversations?visitor={talk.visitor}"
    await site.client.get(path, headers=bearer(await demo.agent_token()))
    assert site.views.asked[-1].visitor == talk.visitor

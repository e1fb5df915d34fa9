"""Conversations over HTTP: who sees which, and how much of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from domain.conversation.commands import Assign, Post, Read
from domain.conversation.events import Body
from domain.envelope import Actor
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, Talk, bearer, check_problem, colleague

LIST = "/v1/conversations"


async def get(site: Site, path: str, token: str, **query: Any) -> httpx.Response:
    """Ask with a token."""
    return await site.client.get(path, headers=bearer(token), params=query)


# --- the list ------------------------------------------------------------------------------------


async def test_a_list_says_what_it_reflects(site: Site, demo: Tenant) -> None:
    """Position and mark to follow on from, and of each conversation what the contract names."""
    talk = await site.talk(demo)
    said = (await get(site, LIST, await demo.agent_token())).json()
    assert (said["as_of"], said["mark"], said["next"]) == (10, "ab" * 8, None)
    (item,) = said["items"]
    assert item["id"] == item["conversation"] == talk.id
    assert item["tags"] == ["vip"]
    assert item["started_at"] == "2026-01-01T00:00:00Z"
    assert "internal" not in item


async def test_the_list_is_of_ones_own_tenant(site: Site, demo: Tenant) -> None:
    """Another tenant's agent and server see none of it."""
    await site.talk(demo)
    other = await site.world.tenant("other")
    await other.add_agent()
    for token in (await other.agent_token(), await other.add_key()):
        assert (await get(site, LIST, token)).json()["items"] == []


async def test_a_limited_agent_sees_its_own_part(site: Site, demo: Tenant) -> None:
    """Its departments' conversations in the list; of the others not even that they exist."""
    sales, help_ = await site.talk(demo, department="sales"), await site.talk(demo)
    await demo.add_agent("alan@example.org", "limited", "sales")
    token = await demo.agent_token("alan@example.org")
    listed = (await get(site, LIST, token)).json()["items"]
    assert [item["id"] for item in listed] == [sales.id]
    assert (await get(site, f"{LIST}/{sales.id}", token)).status_code == 200
    for path in (f"{LIST}/{help_.id}", f"{LIST}/{help_.id}/events"):
        check_problem(await get(site, path, token), "not_found")


async def test_filters_reach_the_view(site: Site, demo: Tenant) -> None:
    """``me`` is the caller itself."""
    token = await demo.agent_token()
    me = (await site.world.doors.authenticate(token)).actor.id
    query = {"status": "open", "assignee": "me", "department": "sales", "tag": "vip", "q": "hi"}
    await get(site, LIST, token, **query)
    await get(site, LIST, token, assignee="none")
    first, second = site.views.asked
    assert (first.status, first.assignee, first.department) == ("open", me, "sales")
    assert (first.tag, first.q) == ("vip", "hi")
    assert second.assignee == "none"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"limit": "1.5"},
        {"limit": "9" * 5000},
        {"limit": ""},
        {"status": "lost"},
        {"assignee": "a\0b"},
        {"department": "Sales!"},
        {"tag": ""},
        {"tag": "a\0"},
        {"tag": "x" * 65},
        {"q": "a\nb"},
        {"cursor": "\0"},
        {"min_position": "-1"},
        {"min_position": "NaN"},
    ],
)
async def test_a_bad_query_is_a_bad_request(
    site: Site, demo: Tenant, query: dict[str, str]
) -> None:
    """Nothing of it reaches a store."""
    check_problem(await get(site, LIST, await demo.agent_token(), **query), "bad_request")
    assert not site.views.asked


async def test_one_waits_for_ones_own_write(site: Site, demo: Tenant) -> None:
    """A view that does not come so far in time says when to ask again."""
    talk = await site.talk(demo)
    token = await demo.agent_token()
    for path in (LIST, f"{LIST}/{talk.id}"):
        assert (await get(site, path, token, min_position=10)).status_code == 200
        late = await get(site, path, token, min_position=11)
        check_problem(late, "not_caught_up")
        assert late.headers["retry-after"] == "1"


# --- one -----------------------------------------------------------------------------------------


async def test_agents_see_all_of_one(site: Site, demo: Tenant) -> None:
    """The item itself, with what it reflects."""
    talk = await site.talk(demo)
    said = (await get(site, f"{LIST}/{talk.id}", await demo.agent_token())).json()
    assert said["id"] == talk.id
    assert (said["as_of"], said["mark"]) == (10, "ab" * 8)
    assert said["reads"] == {"somebody": 1}


async def test_a_visitor_sees_less_of_its_own(site: Site, demo: Tenant) -> None:
    """No tags, department, other agents' reads, and no place in the tenant's log."""
    talk = await site.talk(demo)
    said = (await get(site, f"{LIST}/{talk.id}", talk.token)).json()
    assert said["visitor"] == talk.visitor
    hidden = {"tags", "department", "reads", "as_of", "mark", "last_visitor_version"}
    assert not hidden & set(said)
    assert said["version_mark"] == "00" * 8


@pytest.mark.parametrize(
    "name", ["x", "018C0000-0000-7000-8000-000000000001", "%00", "..", "a" * 9000]
)
async def test_what_can_be_no_id_is_not_found(site: Site, demo: Tenant, name: str) -> None:
    """One form of an id only; nothing else reaches a store."""
    token = await demo.agent_token()
    for path in (f"{LIST}/{name}/events", f"/v1/agents/{name}"):
        check_problem(await get(site, path, token), "not_found")


async def test_others_conversations_are_not_there(site: Site, demo: Tenant) -> None:
    """Another visitor, another tenant's agent and nobody's id get the same answer."""
    talk, stranger = await site.talk(demo), await site.talk(demo)
    other = await site.world.tenant("other")
    await other.add_agent()
    for path in (f"{LIST}/{talk.id}", f"{LIST}/{talk.id}/events"):
        for token in (stranger.token, await other.agent_token(), await other.add_key()):
            check_problem(await get(site, path, token), "not_found")
    nobodys = str(site.world.ids.uuid())
    check_problem(await get(site, f"{LIST}/{nobodys}", stranger.token), "not_found")


async def test_a_view_that_is_behind_says_so(site: Site, demo: Tenant) -> None:
    """A conversation that is in the log is never said not to exist."""
    talk = await site.talk(demo)
    site.views.items.clear()
    check_problem(await get(site, f"{LIST}/{talk.id}", talk.token), "not_caught_up")


async def test_a_right_that_was_taken_away_works_no_more(site: Site, demo: Tenant) -> None:
    """Although the view, which is behind, would still show it."""
    agent = await demo.add_agent("alan@example.org", "limited", "sales")
    token = await demo.agent_token("alan@example.org")
    talk = await site.talk(demo, department="sales")
    assert (await get(site, f"{LIST}/{talk.id}", token)).status_code == 200
    await demo.set_rights(agent, "limited", "help")
    check_problem(await get(site, f"{LIST}/{talk.id}", token), "not_found")


# --- events --------------------------------------------------------------------------------------


async def say(site: Site, demo: Tenant, talk: Talk) -> None:
    """An agent takes the conversation, notes and answers; the visitor reads."""
    agent = (await site.world.doors.authenticate(await demo.agent_token())).actor
    uuid, conversation = site.world.ids.uuid, UUID(talk.id)
    for command in (
        Assign(uuid(), conversation),
        Post(uuid(), conversation, Body("a note"), note=True),
        Post(uuid(), conversation, Body("welcome")),
    ):
        await site.world.send(demo.log, command, agent)
    visitor = Actor("visitor", talk.visitor)
    await site.world.send(demo.log, Read(uuid(), conversation, 5), visitor)


async def test_agents_read_everything(site: Site, demo: Tenant) -> None:
    """One range over the whole, each event with its position."""
    talk = await site.talk(demo)
    await say(site, demo, talk)
    said = (await get(site, f"{LIST}/{talk.id}/events", await demo.agent_token())).json()
    assert (said["feed"], said["after"], said["upto"]) == (f"conversation:{talk.id}", 0, 6)
    assert said["head"] == 6
    assert [event["version"] for event in said["events"]] == [1, 2, 3, 4, 5, 6]
    assert all("position" in event for event in said["events"])


async def test_a_visitors_range_counts_what_it_hides(site: Site, demo: Tenant) -> None:
    """The note is not shown, but no offset is missing: the rule of continuity holds."""
    talk = await site.talk(demo)
    await say(site, demo, talk)
    response = await get(site, f"{LIST}/{talk.id}/events", talk.token)
    said = response.json()
    assert said["upto"] == said["head"] == 6
    assert [event["version"] for event in said["events"]] == [1, 2, 3, 5, 6]
    assert "a note" not in response.text
    assert all("position" not in event for event in said["events"])


@pytest.mark.parametrize("limit", [1, 2, 4, 1000])
async def test_ranges_join(site: Site, demo: Tenant, limit: int) -> None:
    """Page by page, with offset and mark given back, to the end and not beyond it."""
    talk = await site.talk(demo)
    await say(site, demo, talk)
    mine, mark, seen = 0, None, []
    while True:
        query = {"after": mine, "limit": limit, **({"mark": mark} if mark else {})}
        said = (await get(site, f"{LIST}/{talk.id}/events", talk.token, **query)).json()
        assert said["after"] == mine
        seen += [event["version"] for event in said["events"]]
        if said["upto"] == mine:
            break
        mine, mark = said["upto"], said["mark"]
    assert seen == [1, 2, 3, 5, 6]
    assert said["mark"] == mark


async def test_an_offset_of_another_history_is_a_conflict(site: Site, demo: Tenant) -> None:
    """Beyond the end, or with a mark that is not this log's."""
    talk = await site.talk(demo)
    path = f"{LIST}/{talk.id}/events"
    check_problem(await get(site, path, talk.token, after=3), "ahead")
    check_problem(await get(site, path, talk.token, after=2, mark="0" * 16), "history")
    assert (await get(site, path, talk.token, after=0, mark="0" * 16)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": "9" * 30},
        {"limit": "0"},
        {"limit": "1001"},
        {"mark": "zz"},
        {"mark": "0" * 16 + "\n"},
    ],
)
async def test_a_bad_range_is_a_bad_request(
    site: Site, demo: Tenant, query: dict[str, str]
) -> None:
    """Integers in their bounds, marks in their form."""
    talk = await site.talk(demo)
    response = await get(site, f"{LIST}/{talk.id}/events", talk.token, **query)
    check_problem(response, "bad_request")


async def test_the_site_decides_which_pages_read(site: Site, demo: Tenant) -> None:
    """A visitor's token does not work on a page where the site's chat may not be."""
    await demo.add_site(("https://shop.example",))
    talk = await site.talk(demo)
    path = f"{LIST}/{talk.id}/events"
    good = await site.client.get(
        path, headers={**bearer(talk.token), "Origin": "https://shop.example"}
    )
    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    bad = await site.client.get(
        path, headers={**bearer(talk.token), "Origin": "https://evil.example"}
    )
    check_problem(bad, "origin_not_allowed")
    assert "access-control-allow-origin" not in bad.headers
    agents = await site.client.get(
        path, headers={**bearer(await demo.agent_token()), "Origin": "https://evil.example"}
    )
    assert "access-control-allow-origin" not in agents.headers


async def test_with_the_store_away_one_is_told_to_come_back(site: Site, demo: Tenant) -> None:
    """503 with a time, never 401 or 404: nobody signs out because of it."""
    talk = await site.talk(demo)
    site.world.store.away = True
    for path in (LIST, f"{LIST}/{talk.id}", f"{LIST}/{talk.id}/events"):
        response = await get(site, path, talk.token)
        check_problem(response, "unavailable")
        assert response.headers["retry-after"] == "1"


async def test_a_mistake_of_ours_is_not_shown(site: Site, demo: Tenant) -> None:
    """500 in the same form; the traceback is in the log only."""

    async def broken(*_: object) -> None:
        raise RuntimeError("postgresql://user:secret@host")

    site.views.page = broken  # type: ignore[assignment,method-assign]  # a view with a bug
    response = await get(site, LIST, await demo.agent_token())
    check_problem(response, "internal")
    assert "secret" not in response.text


# --- agents --------------------------------------------------------------------------------------


async def test_colleagues_see_names_and_status(site: Site, demo: Tenant) -> None:
    """Nothing of passwords, in the list or alone; of addresses only admins learn."""
    agent = await demo.add_agent("alan@example.org", "agent", "sales")
    await demo.add_agent("ada@example.org", "admin")
    since = datetime(2026, 11, 27, 2, tzinfo=UTC)
    site.views.team[demo.log] = [colleague(agent, since=since)]
    token = await demo.agent_token()
    listed = await get(site, "/v1/agents", token)
    expected = {"id": agent, "name": "Alan", "role": "agent", "status": "online", "online": False}
    view = {"status_since": "2026-11-27T02:00:00Z", "load": 3}
    expected |= {"departments": ["sales"], "skills": [], "capacity": None, "reason": None}
    assert listed.json() == {"items": [{**expected, **view}]}
    alone = await get(site, f"/v1/agents/{agent}", token)
    admins = await demo.agent_token("ada@example.org")
    told = [(await get(site, path, admins)).json() for path in ("/v1/agents", alone.url.path)]
    assert [told[0]["items"][0]["email"], told[1]["email"]] == ["alan@example.org"] * 2
    behind = {"name": "Grace", "status": "offline", "status_since": None, "load": 3}
    assert alone.json() == {**expected, **behind}
    gone = replace(colleague(agent, status="offline", since=since), reason="gone")
    site.views.team[demo.log] = [gone]
    alone = await get(site, f"/v1/agents/{agent}", token)
    view |= {"name": "Grace", "status": "offline", "reason": "gone"}
    assert alone.json() == {**expected, **view}

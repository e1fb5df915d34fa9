"""Searching over HTTP: what is asked for, what is answered, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.deps import SearchFilters
from domain.rate_limits import Rate
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem

SEARCH = "/v1/search"


async def get(site: Site, token: str, **query: Any) -> httpx.Response:
    """Search with a token."""
    return await site.client.get(SEARCH, headers=bearer(token), params=query)


async def test_an_answer_has_what_the_contract_names(site: Site, demo: Tenant) -> None:
    """Position and mark, hits with their snippets, how to go on; and nothing beside that."""
    talk = await site.talk(demo)
    answer = (await get(site, await demo.agent_token(), q="hello")).json()
    assert answer == {
        "as_of": 10,
        "mark": "ab" * 8,
        "next": "more",
        "complete": False,
        "items": [
            {
                "conversation": talk.id,
                "version": 2,
                "position": 9,
                "at": "2026-01-01T00:00:00Z",
                "kind": "message",
                "sender": {"role": "visitor", "id": "v", "name": "Ada"},
                "visitor": "v",
                "visitor_name": None,
                "snippet": {"text": "oh hello", "marks": [[3, 8]]},
            }
        ],
    }


async def test_all_that_is_asked_reaches_the_index(site: Site, demo: Tenant) -> None:
    """``me`` is the caller itself, times are those of UTC, and the caller's rights go with it."""
    token = await demo.agent_token()
    caller = await site.world.doors.authenticate(token)
    query = {
        "q": '"a word" 退款',
        "from": "2026-01-01T01:00:00+01:00",
        "to": "2026-02-01T00:00:00Z",
        "agent": "me",
        "tag": "vip",
        "source": "ads",
        "sender": "bot",
        "department": "sales",
        "limit": "7",
        "cursor": "abc",
    }
    assert (await get(site, token, **query)).status_code == 200
    (asked,) = site.search.asked
    assert (asked.q, asked.limit, asked.cursor) == ('"a word" 退款', 7, "abc")
    assert asked.rights == caller.rights
    assert asked.filters == SearchFilters(
        assignee=caller.actor.id,
        department="sales",
        tag="vip",
        source="ads",
        sender="bot",
        first=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2026, 2, 1, tzinfo=UTC),
    )
    await get(site, await demo.add_key(), q="word", agent="none")
    assert site.search.asked[1].filters == SearchFilters(assignee="none")
    assert site.search.asked[1].rights is None


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "a\nb"},
        {"q": "x" * 201},
        {"q": "a", "limit": "0"},
        {"q": "a", "limit": "101"},
        {"q": "a", "from": "yesterday"},
        {"q": "a", "to": "2026-01-01T00:00:00"},
        {"q": "a", "from": "0001-01-01T00:00:00+14:00"},
        {"q": "a", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00+00:00"},
        {"q": "a", "sender": "server"},
        {"q": "a", "department": "two words"},
        {"q": "a", "cursor": "x" * 65},
    ],
)
async def test_what_does_not_fit_is_refused(site: Site, demo: Tenant, query: Any) -> None:
    """As a bad request, before anybody is asked."""
    check_problem(await get(site, await demo.agent_token(), **query), "bad_request")
    assert not site.search.asked


async def test_searching_is_reading(site: Site, demo: Tenant) -> None:
    """It counts into the same limit as lists and histories."""
    client = site.with_settings(reads=Rate("reads", 0.1, 1))
    headers = bearer(await demo.agent_token())
    assert (await client.get(SEARCH, headers=headers, params={"q": "a"})).status_code == 200
    check_problem(await client.get(SEARCH, headers=headers, params={"q": "a"}), "rate_limited")


async def test_the_contract_says_what_is_needed(site: Site) -> None:
    """In the API's description ``q`` is required, the rest is not."""
    document = (await site.client.get("/openapi.json")).json()
    parameters = document["paths"][SEARCH]["get"]["parameters"]
    assert {each["name"] for each in parameters} == {
        *("q", "from", "to", "agent", "tag", "source", "sender", "department", "limit", "cursor"),
    }
    assert [each["name"] for each in parameters if each["required"]] == ["q"]

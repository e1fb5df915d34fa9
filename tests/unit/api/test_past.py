"""``?at=``: a conversation as it was, for whoever may read it now."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from domain.conversation.commands import Assign, Post
from domain.conversation.events import Body
from domain.envelope import RecordedEvent
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, Talk, bearer, check_problem

LIST = "/v1/conversations"


async def get(site: Site, talk: Talk, token: str, what: str = "", **query: Any) -> httpx.Response:
    """Ask for a conversation, or for ``what`` below it."""
    return await site.client.get(f"{LIST}/{talk.id}{what}", headers=bearer(token), params=query)


async def events_of(site: Site, demo: Tenant) -> list[RecordedEvent]:
    """The tenant's log."""
    events: list[RecordedEvent] = await site.world.store.read_log(demo.log, 0, 1000)
    return events


@pytest.fixture
async def talk(site: Site, demo: Tenant) -> Talk:
    """A conversation that an agent takes and answers in, twice, while others begin theirs."""
    talk = await site.talk(demo)
    agent = (await site.world.doors.authenticate(await demo.agent_token())).actor
    uuid, conversation = site.world.ids.uuid, UUID(talk.id)
    for command in (
        Assign(uuid(), conversation),
        Post(uuid(), conversation, Body("welcome")),
        Post(uuid(), conversation, Body("anything else?")),
    ):
        await site.talk(demo)
        await site.world.clock.advance(60.0)
        await site.world.send(demo.log, command, agent)
    return talk


async def test_a_view_by_position_and_by_time(site: Site, demo: Tenant, talk: Talk) -> None:
    """The same moment, however it is named, and the answer says which it is."""
    token = await demo.agent_token()
    events = await events_of(site, demo)
    (welcome,) = [
        event
        for event in events
        if event.type == "message.posted" and event.data.body.text == "welcome"
    ]
    time = welcome.at.isoformat()
    by_position = (await get(site, talk, token, at=welcome.position)).json()
    assert by_position["last"]["text"] == "welcome"
    assert (by_position["version"], by_position["as_of"]) == (welcome.version, welcome.position)
    assert by_position["mark"] == welcome.mark
    assert by_position["visitor_online"] is None
    assert by_position["at"] == {
        "position": welcome.position,
        "time": time.replace("+00:00", "Z"),
        "latest": False,
    }
    assert (await get(site, talk, token, at=time)).json() == by_position
    unescaped = await site.client.get(f"{LIST}/{talk.id}?at={time}", headers=bearer(token))
    assert unescaped.json() == by_position
    local = quote(welcome.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    assert (await get(site, talk, token, at=local)).status_code == 400  # escaped twice: nonsense


async def test_before_it_began_it_is_not_there(site: Site, demo: Tenant, talk: Talk) -> None:
    """404, and a sentence of its own: whoever reads it knows that it is there now."""
    token = await demo.agent_token()
    for what in ("", "/events"):
        response = await get(site, talk, token, what, at=1)
        check_problem(response, "not_found")
        assert response.json()["detail"] == "The conversation had not begun then."


async def test_beyond_the_end_is_the_present(site: Site, demo: Tenant, talk: Talk) -> None:
    """It is shown as it is, and said that it is the latest there is."""
    token, events = await demo.agent_token(), await events_of(site, demo)
    for at in (len(events), 2**53, "9999-12-31T00:00:00Z"):
        said = (await get(site, talk, token, at=at)).json()
        assert (said["at"]["position"], said["at"]["latest"]) == (len(events), True)
        assert said["last"]["text"] == "anything else?"
        transcript = (await get(site, talk, token, "/events", at=at)).json()
        assert transcript["at"] == said["at"]


@pytest.mark.parametrize("at", ["", "-1", "now", "2026-11-22", "1e3", "9" * 20, "x" * 41])
async def test_nonsense_is_a_bad_request(site: Site, demo: Tenant, talk: Talk, at: str) -> None:
    """Whatever is neither a position nor a time with its offset."""
    for what in ("", "/events"):
        response = await get(site, talk, await demo.agent_token(), what, at=at)
        check_problem(response, "bad_request")


async def test_the_past_is_for_whoever_may_read_it_now(
    site: Site, demo: Tenant, talk: Talk
) -> None:
    """Servers and agents; not visitors, and no agent that may not read the conversation today."""
    await demo.add_agent("alan@example.org", "limited", "sales")
    other = await site.world.tenant("other")
    await other.add_agent()
    key, position = await demo.add_key(), len(await events_of(site, demo))
    for what in ("", "/events"):
        assert (await get(site, talk, key, what, at=position)).status_code == 200
        check_problem(await get(site, talk, talk.token, what, at=position), "not_allowed")
        for token in (await demo.agent_token("alan@example.org"), await other.agent_token()):
            check_problem(await get(site, talk, token, what, at=position), "not_found")


@pytest.mark.parametrize("limit", [1, 2, 1000])
async def test_a_transcript_as_it_was(site: Site, demo: Tenant, talk: Talk, limit: int) -> None:
    """At every position: its events up to there, in ranges that join, and nothing of later."""
    token, events = await demo.agent_token(), await events_of(site, demo)
    own = [event for event in events if event.stream == f"conversation-{talk.id}"]
    for position in range(own[0].position, len(events) + 1):
        then = [event for event in own if event.position <= position]
        mine, mark, seen = 0, None, []
        while True:
            query = {"after": mine, "limit": limit, "at": position} | (
                {"mark": mark} if mark else {}
            )
            said = (await get(site, talk, token, "/events", **query)).json()
            assert (said["after"], said["head"]) == (mine, then[-1].version)
            assert said["at"]["position"] == position
            seen += [event["version"] for event in said["events"]]
            if said["upto"] == mine:
                break
            mine, mark = said["upto"], said["mark"]
        assert seen == [event.version for event in then]
        assert mark == then[-1].mark


async def test_an_offset_beyond_that_moment_is_ahead(site: Site, demo: Tenant, talk: Talk) -> None:
    """Who has more than there was then has another history; a wrong mark too."""
    token, events = await demo.agent_token(), await events_of(site, demo)
    began = next(event for event in events if event.stream == f"conversation-{talk.id}")
    later = {"after": began.version + 2, "at": began.position}
    check_problem(await get(site, talk, token, "/events", **later), "ahead")
    wrong = {"after": began.version, "at": began.position, "mark": "0" * 16}
    check_problem(await get(site, talk, token, "/events", **wrong), "history")


async def test_what_was_erased_since_is_shown_erased(site: Site, demo: Tenant, talk: Talk) -> None:
    """The past tells no more of somebody than the present does."""
    token, events = await demo.agent_token(), await events_of(site, demo)
    await site.world.store.destroy_key(demo.log, f"visitor-{talk.visitor}")
    view = await get(site, talk, token, at=len(events))
    transcript = await get(site, talk, token, "/events", at=len(events))
    assert (view.json()["status"], view.json()["last"]) == ("erased", None)
    assert all(event["erased"] for event in transcript.json()["events"])
    assert not {"hello", "welcome"} & set(view.text.split('"') + transcript.text.split('"'))


async def test_a_view_that_cannot_be_made_is_damaged(site: Site, demo: Tenant, talk: Talk) -> None:
    """With its beginning unreadable there is no view, and that is no fault of the caller's."""
    token, events = await demo.agent_token(), await events_of(site, demo)
    began = next(event for event in events if event.stream == f"conversation-{talk.id}")
    await get(site, talk, token, at=len(events))  # the state, which rights rest on, is kept
    site.world.store.damaged = frozenset({began.position})
    check_problem(await get(site, talk, token, at=len(events)), "damaged")


async def test_the_past_is_not_waited_for(site: Site, demo: Tenant, talk: Talk) -> None:
    """It is folded from the log, which is never behind."""
    token, head = await demo.agent_token(), len(await events_of(site, demo))
    assert (await get(site, talk, token, min_position=head, at=head)).status_code == 200

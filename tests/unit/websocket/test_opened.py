"""A visitor's pages hear of its open conversation, whoever began it, and of invitations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.unit.websocket.chat import Chat, Client, body, feed_of, started


def told(client: Client) -> list[dict[str, Any]]:
    """What a socket was told of open conversations."""
    return client.all("signal", kind="opened")


async def test_other_pages_hear_what_one_began() -> None:
    """All but the one that began it; no other visitor, and no agent."""
    chat = await Chat().open()
    ada, tab, bob = [await chat.visitor(each) for each in ("ada", "ada", "bob")]
    desk = await chat.agent(await chat.add_agent(), feeds={"inbox": 0})
    talk = await started(ada)
    assert told(tab) == [{"op": "signal", "kind": "opened", "conversation": talk}]
    assert not any(told(each) for each in (ada, bob, desk))
    assert (await tab.ask("subscribe", feed=feed_of(talk), after=0))["op"] == "ack"
    await started(ada, "another message, in the same conversation")
    assert len(told(tab)) == 1


async def test_what_is_reopened_is_told_to_those_who_do_not_follow_it() -> None:
    """Who follows it sees the event itself."""
    chat = await Chat().open()
    ada, tab = await chat.visitor(), await chat.visitor()
    talk = await started(ada)
    await ada.ask("subscribe", feed=feed_of(talk), after=0)
    desk = await chat.agent(await chat.add_agent())
    await desk.ask("close", conversation=talk)
    await desk.ask("reopen", conversation=talk)
    assert [each["conversation"] for each in told(tab)] == [talk, talk]
    assert not told(ada)


async def test_a_page_that_is_gone_is_told_nothing() -> None:
    """And nothing is kept of it."""
    chat = await Chat().open()
    ada, tab = await chat.visitor(), await chat.visitor()
    tab.hang_up()
    await chat.idle()
    await started(ada)
    assert not told(tab)
    ada.hang_up()
    await chat.idle()
    assert chat.hub._visitors == {}


async def test_all_pages_of_a_visitor_hear_an_invitation() -> None:
    """What an agent asked, and who it is; whoever accepts on one page is served on all of them."""
    chat = await Chat().open()
    visitor = str(uuid4())
    ada, tab, bob = [await chat.visitor(each) for each in (visitor, visitor, "bob")]
    await ada.ask("page", page={"url": "https://shop.example/"})
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={"inbox": 0})
    asked = await desk.ask("invite", visitor=visitor, body=body("Can I help?"))
    assert asked["op"] == "ack"
    (heard,) = ada.all("signal")
    who = {"role": "agent", "id": str(agent), "name": None}
    assert heard.pop("agent") | {"name": None} == who
    assert heard == {
        "op": "signal",
        "kind": "invited",
        "invitation": asked["id"],
        "text": "Can I help?",
    }
    assert not bob.all("signal")
    talk = await started(tab, "yes", invitation=asked["id"])
    assert [each["conversation"] for each in told(ada)] == [talk]
    types = [event["type"] for event in desk.events("inbox")]
    assert types[-3:] == ["conversation.started", "conversation.assigned", "message.posted"]

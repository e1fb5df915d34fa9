"""Every command of the protocol, by the socket, as visitor and agent use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fixtures.client import Client, Frame, agent_session, new_id, visitor_session
from tests.fixtures.server import Server


@asynccontextmanager
async def a_visitor(server: Server) -> AsyncIterator[Client]:
    """A new visitor's socket."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as client:
        yield client


@asynccontextmanager
async def an_agent(server: Server, number: int = 0) -> AsyncIterator[Client]:
    """The socket of one of the demo's two agents."""
    credentials = server.credentials
    session = await agent_session(server.url, "demo", credentials["agents"][number])
    async with Client(session) as client:
        yield client


async def started(visitor: Client, text: str = "hello") -> str:
    """A conversation begun by this visitor, followed by it."""
    ack = await visitor.ack("start", body={"text": text})
    conversation: str = ack["conversation"]
    await visitor.follow(f"conversation:{conversation}")
    return conversation


async def test_a_message_reaches_the_other_side_both_ways(server: Server) -> None:
    """A visitor writes, an agent answers, each sees both, in one order."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor, "is anybody there?")
        feed = f"conversation:{conversation}"
        await agent.follow(feed)
        await agent.ack("post", conversation=conversation, body={"text": "yes!"})
        for client in (visitor, agent):
            await client.until(lambda c=client: len(c.texts(feed)) == 2)
            assert client.texts(feed) == ["is anybody there?", "yes!"]
        assert "position" not in visitor.events[feed][0]
        assert agent.events[feed][0]["position"] > 0
        assert visitor.types(feed) == [
            "conversation.started",
            "message.posted",
            "conversation.assigned",
            "message.posted",
        ]


async def test_start_with_one_open_posts_there(server: Server) -> None:
    """A second ``start`` names the open conversation and says its text there."""
    async with a_visitor(server) as visitor:
        conversation = await started(visitor)
        again = await visitor.ack("start", body={"text": "two"})
        assert again["conversation"] == conversation
        empty = await visitor.ack("start")
        assert empty["conversation"] == conversation
        assert empty["unchanged"] is True


async def test_a_repeat_gets_the_first_ack_even_when_it_would_be_refused(server: Server) -> None:
    """The same id twice: one effect, the first version again; another content: ``id_reused``."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor)
        await agent.ack("assign", conversation=conversation)
        fields: Frame = {"id": new_id(), "conversation": conversation, "body": {"text": "once"}}
        first = await agent.ack("post", **fields)
        again = await agent.ack("post", **fields)
        assert again == {**first, "duplicate": True}
        await agent.ack("close", conversation=conversation)
        assert await agent.ack("post", **fields) == {**first, "duplicate": True}
        fields["body"] = {"text": "other"}
        assert await agent.refused("post", **fields) == "id_reused"


async def test_ids_belong_to_their_sender(server: Server) -> None:
    """Another's command id is no obstacle: visitor and agent use the same one."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor)
        fields: Frame = {"id": new_id(), "conversation": conversation, "body": {"text": "x"}}
        one = await visitor.ack("post", **fields)
        two = await agent.ack("post", **fields)
        assert two["version"] > one["version"]
        assert "duplicate" not in two


async def test_assign_transfer_and_take(server: Server) -> None:
    """An agent takes a conversation, passes it to another agent, then to a department."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        other = (await agent_session(server.url, "demo", server.credentials["agents"][1]))["agent"]
        conversation = await started(visitor)
        feed = f"conversation:{conversation}"
        await agent.follow(feed)
        await agent.ack("assign", conversation=conversation)
        assert (await agent.ack("assign", conversation=conversation))["unchanged"] is True
        await agent.ack("assign", conversation=conversation, agent=other)
        await agent.ack("transfer", conversation=conversation, agent=agent.session["agent"])
        await agent.ack("transfer", conversation=conversation, department="sales")
        await agent.until(lambda: "sales" in str(agent.events[feed]))
        await visitor.until(lambda: "conversation.transferred" in visitor.types(feed))
        assert "sales" not in str(visitor.events[feed])
        assert await agent.refused("transfer", conversation=conversation) == "bad_request"
        nobody = await agent.refused("assign", conversation=conversation, agent=new_id())
        assert nobody == "not_found"


async def test_notes_tags_and_reads_stay_with_whom_they_are_for(server: Server) -> None:
    """A visitor sees no note, no tag, no other agent's read; its ranges count them all."""
    async with (
        a_visitor(server) as visitor,
        an_agent(server) as agent,
        an_agent(server, 1) as other,
    ):
        conversation = await started(visitor)
        feed = f"conversation:{conversation}"
        await agent.ack("assign", conversation=conversation)
        await agent.ack("post", conversation=conversation, body={"text": "secret"}, note=True)
        await agent.ack("tag", conversation=conversation, tags=["vip", "vip", "late"])
        await other.ack("read", conversation=conversation, upto=2)
        ack = await agent.ack("read", conversation=conversation, upto=2)
        await visitor.until(lambda: visitor.offsets[feed] >= ack["version"])
        assert visitor.types(feed)[2:] == ["conversation.assigned", "message.read"]
        assert visitor.events[feed][-1]["actor"]["id"] == agent.session["agent"]
        await agent.follow(feed)
        assert "note.added" in agent.types(feed)
        tagged = next(e for e in agent.events[feed] if e["type"] == "conversation.tagged")
        assert tagged["data"] == {"tags": ["vip", "late"]}


async def test_close_reopen_and_rate(server: Server) -> None:
    """Closed by an agent, judged by the visitor, opened again by a visitor's post."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor)
        feed = f"conversation:{conversation}"
        await agent.ack("close", conversation=conversation)
        assert (await agent.ack("close", conversation=conversation))["unchanged"] is True
        closed = await agent.refused("post", conversation=conversation, body={"text": "late"})
        assert closed == "conversation_closed"
        await visitor.ack("rate", conversation=conversation, rating=5, comment="good")
        assert await visitor.refused("rate", conversation=conversation, rating=6) == "bad_request"
        await visitor.ack("post", conversation=conversation, body={"text": "one more thing"})
        await visitor.until(lambda: "one more thing" in visitor.texts(feed))
        assert visitor.types(feed)[-3:] == [
            "conversation.rated",
            "conversation.reopened",
            "message.posted",
        ]
        await visitor.ack("close", conversation=conversation)
        await agent.ack("reopen", conversation=conversation)


async def test_one_open_conversation_per_visitor(server: Server) -> None:
    """While another is open, an old conversation cannot be opened again, by either side."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        old = await started(visitor)
        await visitor.ack("close", conversation=old)
        new = (await visitor.ack("start", body={"text": "again"}))["conversation"]
        assert new != old
        assert await visitor.refused("post", conversation=old, body={"text": "x"}) == "other_open"
        assert await agent.refused("reopen", conversation=old) == "other_open"


async def test_status_and_page_reach_the_inbox(server: Server) -> None:
    """An agent's status and a visitor's page are events on an agent's inbox."""
    async with a_visitor(server) as visitor, an_agent(server) as agent, an_agent(server, 1) as me:
        started_at = await visitor.ack("start", body={"text": "hello"})
        ack = await me.ack("tag", conversation=started_at["conversation"], tags=["new"])
        await agent.follow("inbox", ack["position"])
        await visitor.ack("page", page={"url": "https://shop.example/cart", "title": "Cart"})
        for status in ("away", "online"):
            await me.ack("status", status=status)
        await agent.until(lambda: len(agent.types("inbox")) == 3)
        assert agent.types("inbox") == [
            "page.viewed",
            "agent.status_changed",
            "agent.status_changed",
        ]
        assert (await me.ack("status", status="online"))["unchanged"] is True
        assert await me.refused("status", status="asleep") == "bad_request"


async def test_typing_passes_by(server: Server) -> None:
    """Typing reaches the other side as a signal and leaves no event."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor)
        await agent.follow(f"conversation:{conversation}")
        await visitor.send("typing", conversation=conversation, on=True)
        await agent.until(lambda: agent.saw("signal", kind="typing", conversation=conversation))
        assert not visitor.saw("signal")


async def test_ping_subscribe_unsubscribe(server: Server) -> None:
    """Ping answers with the same n; what is unsubscribed is silent."""
    async with a_visitor(server) as visitor, an_agent(server) as agent:
        conversation = await started(visitor)
        feed = f"conversation:{conversation}"
        await visitor.ack("unsubscribe", feed=feed)
        await agent.ack("post", conversation=conversation, body={"text": "unheard"})
        await visitor.send("ping", n=7)
        await visitor.until(lambda: visitor.saw("pong", n=7))
        assert "unheard" not in visitor.texts(feed)
        await visitor.follow(feed, visitor.offsets[feed], mark=visitor.marks[feed])
        assert visitor.texts(feed)[-1] == "unheard"


@pytest.mark.parametrize(
    ("op", "fields"),
    [
        ("start", {}),
        ("rate", {"rating": 5}),
        ("page", {"page": {"url": "https://x.example"}}),
    ],
)
async def test_agents_may_not_do_what_is_the_visitors(
    server: Server, op: str, fields: Frame
) -> None:
    """The permission table holds at the socket: agents."""
    async with an_agent(server) as agent:
        assert await agent.refused(op, conversation=new_id(), **fields) == "not_allowed"


@pytest.mark.parametrize(
    ("op", "fields"),
    [
        ("assign", {}),
        ("transfer", {"department": "sales"}),
        ("tag", {"tags": []}),
        ("reopen", {}),
        ("status", {"status": "online"}),
        ("post", {"body": {"text": "x"}, "note": True}),
    ],
)
async def test_visitors_may_not_do_what_is_the_agents(
    server: Server, op: str, fields: Frame
) -> None:
    """The permission table holds at the socket: visitors."""
    async with a_visitor(server) as visitor:
        conversation = await started(visitor)
        assert await visitor.refused(op, conversation=conversation, **fields) == "not_allowed"


async def test_a_visitor_opens_nothing_of_another(server: Server) -> None:
    """Neither feed nor command reaches a conversation of somebody else."""
    async with a_visitor(server) as one, a_visitor(server) as two:
        conversation = await started(one)
        feed = f"conversation:{conversation}"
        assert await two.refused("subscribe", feed=feed, after=0) == "not_found"
        assert await two.refused("subscribe", feed="inbox", after=0) == "not_allowed"
        for op, fields in (
            ("post", {"body": {"text": "x"}}),
            ("read", {"upto": 1}),
            ("close", {}),
            ("rate", {"rating": 1}),
        ):
            assert await two.refused(op, conversation=conversation, **fields) == "not_found"

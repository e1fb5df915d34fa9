"""Coming back: from an offset, with and without marks, on another history."""

from __future__ import annotations

import asyncio
import json

import httpx

from tests.fixtures.client import Client, Frame, agent_session, visitor_session
from tests.fixtures.server import Server


async def conversation_of(session: Frame, messages: int) -> tuple[str, int]:
    """A conversation with so many messages; its id and its version."""
    async with Client(session) as client:
        conversation = (await client.ack("start"))["conversation"]
        futures = [
            await client.submit("post", conversation=conversation, body={"text": f"m{n}"})
            for n in range(messages)
        ]
        answers = await asyncio.gather(*futures)
    assert [a["version"] for a in answers] == list(range(2, messages + 2)), "pipelined order"
    return conversation, answers[-1]["version"]


async def test_a_thousand_messages_are_resumed_in_order(server: Server) -> None:
    """Pipelined posts keep their order, and all come back from any offset."""
    session = await visitor_session(server.url, server.credentials["site"])
    conversation, head = await conversation_of(session, 1000)
    feed = f"conversation:{conversation}"
    for offset in (0, 1, 500, head - 1, head):
        async with Client(session, {feed: offset}) as client:
            await client.until(lambda c=client: c.saw("live", feed=feed))
            assert client.welcome["feeds"] == {feed: head}
            assert client.offsets[feed] == head
            want = [f"m{n}" for n in range(max(offset - 1, 0), 1000)]
            assert client.texts(feed) == want


async def test_marks_and_epochs_of_another_history_reset(server: Server) -> None:
    """A mark or an epoch that is not this log's, or an offset beyond the head: ``reset``."""
    session = await visitor_session(server.url, server.credentials["site"])
    conversation, head = await conversation_of(session, 5)
    feed = f"conversation:{conversation}"
    async with Client(session, {feed: 0}) as client:
        await client.until(lambda: client.saw("live", feed=feed))
        mark, epoch = client.marks[feed], client.welcome["epoch"]
    async with Client(session, {feed: head}, marks={feed: mark}, epoch=epoch) as client:
        await client.until(lambda: client.saw("live", feed=feed, at=head))
    for offset, hello, reason in (
        (head, {"marks": {feed: "0" * 16}}, "history"),
        (head, {"epoch": "0" * 16}, "history"),
        (head + 1, {}, "ahead"),
    ):
        async with Client(session, {feed: offset}, **hello) as client:
            await client.until(lambda c=client: c.saw("reset"))
            assert client.frames[-1] | {"op": "reset"} == {
                "op": "reset",
                "feed": feed,
                "head": head,
                "reason": reason,
            }
            await client.follow(feed)
            assert client.offsets[feed] == head


async def test_many_feeds_on_one_socket(server: Server) -> None:
    """An agent's inbox and its conversations come in step over one socket."""
    credentials = server.credentials
    sessions = [await visitor_session(server.url, credentials["site"]) for _ in range(5)]
    made = [await conversation_of(session, 20) for session in sessions]
    agent = await agent_session(server.url, "demo", credentials["agents"][0])
    feeds = {f"conversation:{conversation}": 0 for conversation, _ in made}
    async with Client(agent, {"inbox": 0, **feeds}) as client:
        for feed in client.hello["feeds"]:
            await client.until(lambda f=feed: client.saw("live", feed=f))
        for conversation, head in made:
            feed = f"conversation:{conversation}"
            assert client.offsets[feed] == head
            stream = f"conversation-{conversation}"
            inbox = [event for event in client.events["inbox"] if event["stream"] == stream]
            assert inbox == client.events[feed]


async def test_the_inbox_continues_the_list_without_a_hole(server: Server) -> None:
    """The list's ``as_of`` and mark are where the inbox goes on, while others write."""
    credentials = server.credentials
    session = await visitor_session(server.url, credentials["site"])
    agent = await agent_session(server.url, "demo", credentials["agents"][0])
    headers = {"authorization": f"Bearer {agent['token']}"}
    async with Client(session) as visitor, httpx.AsyncClient(headers=headers) as http:
        ack = await visitor.ack("start", body={"text": "first"})
        conversation = ack["conversation"]

        async def write() -> None:
            for n in range(100):
                await visitor.ack("post", conversation=conversation, body={"text": f"m{n}"})

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.05)
        listed = (await http.get(f"{server.url}/v1/conversations?limit=100")).json()
        item = next((i for i in listed["items"] if i["id"] == conversation), None)
        known = item["version"] if item else 0
        async with Client(
            agent, {"inbox": listed["as_of"]}, marks={"inbox": listed["mark"]}
        ) as desk:
            await writing
            await desk.until(lambda: "m99" in json.dumps(desk.events["inbox"]))
            versions = [
                event["version"]
                for event in desk.events["inbox"]
                if event["stream"] == f"conversation-{conversation}" and event["version"] > known
            ]
            assert versions == list(range(known + 1, 103))


async def test_pull_gives_the_same_ranges(server: Server) -> None:
    """The HTTP fallback shows a visitor exactly what its socket shows."""
    session = await visitor_session(server.url, server.credentials["site"])
    conversation, head = await conversation_of(session, 30)
    feed = f"conversation:{conversation}"
    async with Client(session, {feed: 0}) as client:
        await client.until(lambda: client.saw("live", feed=feed))
    pulled: list[Frame] = []
    headers = {"authorization": f"Bearer {session['token']}"}
    async with httpx.AsyncClient(headers=headers) as http:
        after = 0
        while after < head:
            url = f"{server.url}/v1/conversations/{conversation}/events?after={after}&limit=7"
            page = (await http.get(url)).json()
            assert page["after"] == after
            pulled += page["events"]
            after = page["upto"]
    assert pulled == client.events[feed]

"""Coming back: from an offset, with and without marks, on another history."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import httpx

from tests.fixtures.client import Client, Frame, agent_session, visitor_session
from tests.fixtures.server import Server

VIEWS = 20
"""How often a view is loaded; halfway all views are rebuilt."""

SPOILT = "00"
"""The mark of views that are to be rebuilt, of no history."""

OVERFULL_MESSAGES = 3_000
"""Messages of 9,000 letters that no system keeps for a socket which reads nothing."""

SLOW_SOCKETS = "parley_slow_sockets_total"


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


async def test_many_tabs_that_come_and_go_all_end_alike(server: Server) -> None:
    """Tabs of a visitor and desks of an agent, each from where it was, while others write."""
    credentials = server.credentials
    session = await visitor_session(server.url, credentials["site"])
    conversation, head = await conversation_of(session, 30)
    agent = await agent_session(server.url, "demo", credentials["agents"][0])
    feed = f"conversation:{conversation}"
    offsets = [0, 0, 7, head - 1, head]
    async with Client(session) as writer:

        async def come_and_go(who: Frame, offset: int) -> tuple[int, list[str]]:
            texts: list[str] = []
            marks: dict[str, str] = {}
            mine = offset
            while mine < head + 200:
                async with Client(who, {feed: mine}, marks=marks) as tab:
                    until = min(mine + 35, head + 200)
                    await tab.until(lambda t=tab, upto=until: t.offsets[feed] >= upto)
                    assert not tab.saw("reset")
                texts += tab.texts(feed)
                mine, marks = tab.offsets[feed], dict(tab.marks)
            return offset, texts

        coming = [come_and_go(who, offset) for who in (session, agent) for offset in offsets]
        tabs = asyncio.gather(*coming)
        for n in range(30, 230):
            await writer.ack("post", conversation=conversation, body={"text": f"m{n}"})
        for offset, texts in await tabs:
            assert texts == [f"m{n}" for n in range(max(offset - 1, 0), 230)]


async def test_a_desk_begins_from_views_that_are_being_rebuilt(server: Server) -> None:
    """Whenever it loads its view, before, during or after: from there the inbox goes on exactly."""
    session = await visitor_session(server.url, server.credentials["site"])
    conversation, head = await conversation_of(session, 5)
    agent = await agent_session(server.url, "demo", server.credentials["agents"][0])
    headers = {"authorization": f"Bearer {agent['token']}"}
    url = f"{server.url}/v1/conversations/{conversation}"
    more = {"conversation": conversation, "body": {"text": "more"}}
    begun: list[Frame] = []
    async with Client(session) as visitor, httpx.AsyncClient(headers=headers) as http:
        for number in range(VIEWS):
            if number == VIEWS // 2:
                await let_views_be_rebuilt(server)
            head = (await visitor.ack("post", **more))["version"]
            answer = await http.get(url)
            view = answer.json()
            begun += [view] if answer.status_code == 200 and view["mark"] != SPOILT else []
        async with asyncio.timeout(20):
            while "it is rebuilt" not in server.log.read_text():
                head = (await visitor.ack("post", **more))["version"]
        ack = await visitor.ack("post", **more)
    assert ack["version"] == head + 1
    assert begun
    for view in begun:
        marks = {"inbox": view["mark"]}
        async with Client(agent, {"inbox": view["as_of"]}, marks=marks) as desk:
            await desk.until(lambda d=desk: d.saw("live", feed="inbox"))
            stream = f"conversation-{conversation}"
            versions = [e["version"] for e in desk.events["inbox"] if e["stream"] == stream]
        later = [version for version in versions if version > view["version"]]
        assert later == list(range(view["version"] + 1, head + 2))


async def let_views_be_rebuilt(server: Server) -> None:
    """As if they were of another history, which the projector finds out by itself."""
    connection = await asyncpg.connect(server.credentials["database_url"])
    try:
        spoil = (
            "UPDATE es.checkpoint SET mark = decode($1, 'hex') WHERE projection LIKE 'sessions%'"
        )
        assert await connection.execute(spoil, SPOILT) != "UPDATE 0"
    finally:
        await connection.close()


async def test_who_reads_nothing_for_a_while_is_not_waited_for(server: Server) -> None:
    """Far more than the system's own buffers hold: nobody else waits, and nothing is missing."""
    session = await visitor_session(server.url, server.credentials["site"])
    conversation, head = await conversation_of(session, 1)
    feed, before = f"conversation:{conversation}", await slow_sockets(server)
    async with Client(session, {feed: 0}) as slow, Client(session, {feed: 0}) as writer:
        await slow.until(lambda: slow.saw("live", feed=feed))
        slow.hold()
        while await slow_sockets(server) == before:
            assert head < OVERFULL_MESSAGES, "the socket is never full"
            posts = [
                await writer.submit("post", conversation=conversation, body={"text": "x" * 9_000})
                for _ in range(100)
            ]
            head = max(answer["version"] for answer in await asyncio.gather(*posts))
        await writer.until(lambda: writer.offsets[feed] == head)
        assert slow.offsets[feed] < head
        slow.go_on()
        await slow.until(lambda: slow.offsets[feed] == head)
    assert slow.events[feed] == writer.events[feed]


async def slow_sockets(server: Server) -> float:
    """How often a socket of the server was too slow to be pushed to."""
    async with httpx.AsyncClient() as http:
        lines = (await http.get(f"{server.url}/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(SLOW_SOCKETS))

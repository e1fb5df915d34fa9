"""Routing from outside: who waits is told so, and gets an agent; whoever is killed, once.

The times that a tenant has said are seconds here, and those of the product are shortened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.fixtures.client import Client, Frame, agent_session, visitor_session
from tests.fixtures.product import running_copy
from tests.fixtures.server import Server, data_directory

TIMES = {
    "PARLEY_PRESENCE_GRACE_S": "0.3",
    "PARLEY_PRESENCE_LOOK_S": "0.1",
    "PARLEY_ROUTER_POLL_S": "0.2",
    "PARLEY_ROUTER_LEASE_S": "0.6",
    "PARLEY_ROUTER_SETTLE_S": "1.0",
    "PARLEY_ROUTER_REPEAT_S": "2",
}
ROUTING = {
    "strategy": "least_busy",
    "capacity": 1,
    "release_after_s": 1,
    "remind_after_s": 1,
    "missed_after_s": 2,
}
TALKS = 30
LOOK_S = 0.05


@pytest.fixture
def server(demonstration: Path) -> Iterator[Server]:
    """The embedded product in a hurry."""
    with running_copy(demonstration, **TIMES) as running:
        yield running


@pytest.fixture
def nodes(empty_postgres_url: str) -> Iterator[list[Server]]:
    """Two nodes with all roles on one database."""
    with data_directory() as data:
        where = {"PARLEY_DATABASE_URL": empty_postgres_url, **TIMES}
        made = [Server(data, None, name=f"node{n}", **where) for n in range(2)]
        try:
            made[0].start()
            made[1].start()
            yield made
        finally:
            for each in made:
                each.end()


async def say(server: Server, admin: Frame, **routing: object) -> None:
    """Let the tenant's routing be so from now on."""
    async with httpx.AsyncClient() as http:
        answer = await http.put(
            f"{server.url}/v1/settings/routing",
            json={**ROUTING, **routing},
            headers={"Authorization": f"Bearer {admin['token']}"},
        )
    assert answer.status_code == 200, answer.text


async def signed_in(server: Server) -> tuple[Frame, list[Frame]]:
    """The admin's session, and both agents'."""
    found = server.credentials
    accounts = [found["admin"], *found["agents"]]
    admin, *agents = [await agent_session(server.url, "demo", each) for each in accounts]
    return admin, agents


async def begun(server: Server) -> tuple[Client, str]:
    """A visitor's socket that follows the conversation that it has begun."""
    client = Client(await visitor_session(server.url, server.credentials["site"]))
    await client.__aenter__()
    ack = await client.ack("start", body={"text": "hello"})
    await client.follow(f"conversation:{ack['conversation']}")
    return client, ack["conversation"]


def of(desk: Client, conversation: str, type_: str) -> list[Frame]:
    """What a desk's inbox has of this type in a conversation."""
    stream = f"conversation-{conversation}"
    events = desk.events["inbox"]
    return [each["data"] for each in events if each["stream"] == stream and each["type"] == type_]


def place(visitor: Client) -> Frame:
    """What a visitor was told of its place last."""
    found = [frame for frame in visitor.frames if frame.get("kind") == "queue"]
    return found[-1] if found else {}


async def test_who_waits_gets_an_agent_and_is_told_meanwhile(server: Server) -> None:
    """An agent with room; at once when there is room again; another one when that is gone."""
    admin, (ann, bob) = await signed_in(server)
    await say(server, admin)
    async with AsyncExitStack() as stack, Client(ann, {"inbox": 0}) as desk:
        other = await Client(bob, {"inbox": 0}).__aenter__()
        visitors = [await begun(server) for _ in range(3)]
        for client, _ in visitors:
            stack.push_async_exit(client.__aexit__)
        (first, one), (_, two), (last, three) = visitors
        await last.until(lambda: place(last).get("place") == 3)
        assert not place(last)["staffed"]
        assert place(last)["open"]

        for each in (desk, other):
            await each.ack("status", status="online")
        await first.until(lambda: "conversation.assigned" in first.types(f"conversation:{one}"))
        await desk.until(lambda: of(desk, two, "conversation.assigned"))
        given = [of(desk, talk, "conversation.assigned")[0] for talk in (one, two)]
        assert {each["agent"] for each in given} == {ann["agent"], bob["agent"]}
        assert {each["reason"] for each in given} == {"least_busy"}
        assert all(each["name"] for each in given)
        await last.until(lambda: place(last).get("place") == 1)
        assert place(last)["staffed"]
        await desk.until(lambda: of(desk, three, "conversation.unanswered"))
        await desk.until(lambda: of(desk, three, "conversation.missed"))
        assert of(desk, three, "conversation.missed") == [{"reason": "unanswered"}]

        mine = one if given[0]["agent"] == ann["agent"] else two
        await desk.ack("close", conversation=mine)
        await desk.until(lambda: of(desk, three, "conversation.assigned"))
        assert of(desk, three, "conversation.assigned")[0]["agent"] == ann["agent"]

        theirs = two if mine == one else one
        await other.__aexit__(None, None, None)
        await desk.until(lambda: of(desk, theirs, "conversation.transferred"))
        assert of(desk, theirs, "conversation.transferred")[0]["reason"] == "agent_gone"
        await desk.ack("post", conversation=three, body={"text": "so"})
        await desk.ack("close", conversation=three)
        await desk.until(lambda: len(of(desk, theirs, "conversation.assigned")) > 1)
        statuses = [
            each["data"]
            for each in desk.events["inbox"]
            if each["type"] == "agent.status_changed" and each["actor"]["role"] == "system"
        ]
        assert statuses == [{"status": "offline", "automatic": True, "reason": "gone"}]


async def test_a_killed_router_is_followed_by_another(nodes: list[Server]) -> None:
    """With kill -9, among conversations that come all the time: each gets its agent, and once."""
    admin, (ann, _) = await signed_in(nodes[0])
    await say(nodes[0], admin, capacity=1_000, remind_after_s=0, missed_after_s=0)
    desks = [
        await Client(
            {**ann, "ws": f"ws://127.0.0.1:{each.port}/ws/agent"}, {"inbox": 0}
        ).__aenter__()
        for each in nodes
    ]
    await desks[0].ack("status", status="online")
    _, first = await _start(nodes[0])
    await desks[0].until(lambda: of(desks[0], first, "conversation.assigned"))
    routing, left = (0, 1) if await _routes(nodes[0]) else (1, 0)
    assert await _routes(nodes[routing])

    started = [first]
    for n in range(TALKS):
        if n == TALKS // 3:
            nodes[routing].kill()
        started.append((await _start(nodes[left]))[1])
    desk = desks[left]
    await desk.until(lambda: all(of(desk, talk, "conversation.assigned") for talk in started))
    times = Counter(len(of(desk, talk, "conversation.assigned")) for talk in started)
    assert times == {1: TALKS + 1}
    for each in desks:
        await each.__aexit__(None, None, None)


async def _start(server: Server) -> tuple[Frame, str]:
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as visitor:
        return session, (await visitor.ack("start", body={"text": "hello"}))["conversation"]


async def _routes(server: Server) -> bool:
    """Whether this node's router has given something to somebody."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"{server.url}/metrics")).text
    done = 'parley_router_decisions_total{decision="route",outcome="done"}'
    return any(line.startswith(done) for line in text.splitlines())

"""Full size: who is there, who types and how fast one may be, over two nodes and one Redis.

Times are short here, so that a test need not wait long for what must come by itself. One cluster
serves all tests of this file, each of which leaves it whole.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.client import Client, Frame, agent_session, visitor_session
from tests.fixtures.cluster import Cluster, running_cluster
from tests.fixtures.server import Server
from tests.fixtures.stack import OwnStack, run_directory

GRACE_S = 1.5
TIMES = {
    "PARLEY_PRESENCE_GRACE_S": str(GRACE_S),
    "PARLEY_PRESENCE_TTL_S": "4",
    "PARLEY_PRESENCE_BEAT_S": "1",
    "PARLEY_PRESENCE_LOOK_S": "0.1",
    "PARLEY_REDIS_LOOK_S": "0.2",
    "PARLEY_BREAKERS_REST_S": "0.2",
    "PARLEY_LIMITS_ENABLED": "true",
    "PARLEY_API_SIGN_IN_FAILURES": "0.01,4",
}


@pytest.fixture(scope="module")
def full() -> Iterator[Cluster]:
    """A cluster on servers of its own."""
    directory = Path(tempfile.mkdtemp(prefix="own-", dir=run_directory()))
    directory.chmod(0o755)
    stack = OwnStack(directory, ("database", "broker", "redis"))
    try:
        with running_cluster(stack, **TIMES) as running:
            yield running
    finally:
        stack.close()


async def begun(full: Cluster) -> tuple[Frame, str]:
    """A visitor's session at the first node, and the conversation that it has begun and left."""
    session = await visitor_session(full.one.url, full.one.credentials["site"])
    async with Client(session) as visitor:
        ack = await visitor.ack("start", body={"text": "hello"})
    return session, ack["conversation"]


async def desk_at(server: Server, number: int = 0) -> Frame:
    """An agent's session at a node."""
    return await agent_session(server.url, "demo", server.credentials["agents"][number])


def at(session: Frame, server: Server) -> Frame:
    """The same session, at this node."""
    return {**session, "ws": f"ws://127.0.0.1:{server.port}/ws/visitor"}


def presence_of(desk: Client, conversation: str) -> list[bool]:
    """What a desk was told of a conversation's visitor, in order."""
    wanted = {"op": "signal", "kind": "presence", "conversation": conversation}
    return [frame["online"] for frame in desk.frames if wanted.items() <= frame.items()]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + 20
    while not await holds():
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.1)


async def shown(server: Server, path: str) -> Any:
    """What a node's API says to the tenant's own server."""
    key = {"Authorization": f"Bearer {server.credentials['api_key']}"}
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{server.url}{path}", headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_visitor_is_seen_from_the_other_node(full: Cluster) -> None:
    """It comes, moves to the other node unnoticed, and is gone; both nodes' API say the same."""
    session, talk = await begun(full)
    path = f"/v1/conversations/{talk}"
    async with Client(await desk_at(full.two)) as desk:
        await desk.follow(f"conversation:{talk}")
        await desk.until(lambda: presence_of(desk, talk)[-1:] == [False])
        async with Client(session):
            # What its first socket's coming and going has to tell may still be on its way.
            await desk.until(lambda: presence_of(desk, talk)[-1:] == [True])
            told = len(presence_of(desk, talk))
            for server in (full.one, full.two):
                assert (await shown(server, path))["visitor_online"] is True
        async with Client(at(session, full.two)):
            await asyncio.sleep(2 * GRACE_S)  # a going would be told by now
            # A node that does not know yet of whom the others know says of its own that they came.
            assert False not in presence_of(desk, talk)[told:]
        await desk.until(lambda: presence_of(desk, talk)[-1:] == [False])
        for server in (full.one, full.two):
            assert (await shown(server, path))["visitor_online"] is False


async def test_colleagues_are_seen_from_the_other_node(full: Cluster) -> None:
    """By signal and by HTTP."""
    mine, theirs = await desk_at(full.one), await desk_at(full.two, 1)
    async with Client(mine) as desk:
        who = {"role": "agent", "id": theirs["agent"]}
        async with Client(theirs):
            await desk.until(lambda: desk.saw("signal", kind="presence", actor=who, online=True))
            agents = (await shown(full.one, "/v1/agents"))["items"]
            online = {each["id"] for each in agents if each["online"]}
            assert online == {mine["agent"], theirs["agent"]}
        await desk.until(lambda: desk.saw("signal", kind="presence", actor=who, online=False))


async def test_typing_reaches_the_other_node(full: Cluster) -> None:
    """Those who follow the conversation there, and no socket of the typist's."""
    session, talk = await begun(full)
    async with (
        Client(session) as visitor,
        Client(at(session, full.two)) as tab,
        Client(await desk_at(full.two)) as desk,
    ):
        for client in (visitor, tab, desk):
            await client.follow(f"conversation:{talk}")
        await visitor.send("typing", conversation=talk, on=True)
        await desk.until(lambda: desk.saw("signal", kind="typing", conversation=talk, on=True))
        await desk.send("typing", conversation=talk, on=False)
        for client in (visitor, tab):
            await client.until(lambda c=client: c.saw("signal", kind="typing", on=False))
            assert not client.saw("signal", kind="typing", on=True)


async def test_a_killed_nodes_visitors_are_told_to_be_gone(full: Cluster) -> None:
    """By the node that is left, when nothing was heard of them for a while."""
    session, talk = await begun(full)
    async with Client(await desk_at(full.two)) as desk:
        await desk.follow(f"conversation:{talk}")
        async with Client(session):
            await desk.until(lambda: presence_of(desk, talk)[-1:] == [True])
            full.one.kill()
            await desk.until(lambda: presence_of(desk, talk)[-1:] == [False])
    await asyncio.to_thread(full.one.start)


async def test_without_redis_nobody_flickers_and_chat_goes_on(full: Cluster) -> None:
    """Killed and back empty: each node tells of its own; afterwards all is known again."""
    session, talk = await begun(full)
    other, talked = await begun(full)
    path = f"/v1/conversations/{talk}"
    async with Client(await desk_at(full.two)) as desk, Client(session) as visitor:
        for conversation in (talk, talked):
            await desk.follow(f"conversation:{conversation}")
        await desk.until(lambda: presence_of(desk, talk)[-1:] == [True])
        await desk.until(lambda: presence_of(desk, talked)[-1:] == [False])
        full.stack.kill("redis")
        await until(lambda: ill(full))
        told = len(presence_of(desk, talked))
        async with Client(other):
            await desk.until(lambda: presence_of(desk, talked)[told:] == [True])
            await visitor.ack("post", conversation=talk, body={"text": "without"})
        await desk.until(lambda: presence_of(desk, talked)[told:] == [True, False])
        await asyncio.to_thread(full.stack.start, "redis")
        await until(lambda: well(full))
        await until(lambda: is_online(full, path))
        await asyncio.sleep(4 + GRACE_S)  # what had expired would be told by now
        assert presence_of(desk, talk)[-1] is True
        assert False not in presence_of(desk, talk)[presence_of(desk, talk).index(True) :]


async def is_online(full: Cluster, path: str) -> bool:
    """Whether both nodes know that a conversation's visitor is there."""
    found = [await shown(server, path) for server in (full.one, full.two)]
    return all(each["visitor_online"] for each in found)


async def ill(full: Cluster) -> bool:
    """Whether both nodes say that something is wrong with Redis."""
    async with httpx.AsyncClient() as http:
        said = [await http.get(f"{each.url}/api/healthz") for each in (full.one, full.two)]
    return all(each.status_code == 503 and each.json()["redis"] != "OK" for each in said)


async def well(full: Cluster) -> bool:
    """Whether both nodes are well."""
    return full.one.healthy() and full.two.healthy()


async def test_guessing_is_counted_over_both_nodes(full: Cluster) -> None:
    """Four wrong passwords in all; the other node knows of those at the first."""
    account = {"tenant": "demo", "email": "nobody@example.org", "password": "wrong"}
    async with httpx.AsyncClient() as http:
        said = [
            (await http.post(f"{server.url}/v1/agent/sessions", json=account)).json()["code"]
            for server in (full.one, full.one, full.two, full.two, full.two, full.one)
        ]
    assert said == ["bad_credentials"] * 4 + ["rate_limited"] * 2


# --- visitors on the site ------------------------------------------------------------------------

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
BOOTS = {"url": "https://shop.example/boots", "title": "Boots"}


async def arrive(server: Server, resume: str | None = None) -> Frame:
    """Come to the site with a browser, and look at a page."""
    headers = {"User-Agent": FIREFOX, "Accept-Language": "de-DE,de;q=0.9"}
    asked = {"site": server.credentials["site"], "page": BOOTS, "resume": resume}
    async with httpx.AsyncClient(headers=headers) as http:
        answer = await http.post(f"{server.url}/v1/visitor/sessions", json=asked)
    assert answer.status_code == 200, answer.text
    session: Frame = answer.json()
    return session


async def ask(server: Server, desk: Frame, path: str, **query: Any) -> Frame:
    """What a node tells an agent."""
    async with httpx.AsyncClient() as http:
        headers = {"Authorization": f"Bearer {desk['token']}"}
        answer = await http.get(f"{server.url}/v1/{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    said: Frame = answer.json()
    return said


async def test_a_visitor_is_seen_and_asked_from_another_node(full: Cluster) -> None:
    """Seen with what it comes with, asked on every page, served by whoever asked.

    It has a page open at each node; the agent is at one. The other page follows what one began.
    """
    session, agent = await arrive(full.one), await desk_at(full.two)
    tab = at(session, full.two)
    visitor, found = session["visitor"], dict[str, Any]()

    async def listed() -> bool:
        said = await ask(full.two, agent, "visitors", present="true", q="boots")
        found.update({each["visitor"]: each for each in said["items"]})
        return visitor in found and said["present"] >= 1

    async with Client(session) as here, Client(tab) as there, Client(agent, {"inbox": 0}) as desk:
        await until(listed)
        seen = found[visitor]
        assert (seen["device"]["browser"], seen["device"]["os"]) == ("Firefox", "Linux")
        assert (seen["device"]["device"], seen["language"]) == ("desktop", "de-DE")
        assert (seen["page"]["url"], seen["country"]) == (BOOTS["url"], None)
        asked = await desk.ack("invite", visitor=visitor, body={"text": "Can I help?"})
        for page in (here, there):
            await page.until(lambda page=page: page.saw("signal", kind="invited"))
        again = await arrive(full.two, session["resume"])
        assert again["visitor"] == visitor
        assert again["invitation"]["invitation"] == asked["id"]
        assert again["invitation"]["agent"]["id"] == agent["agent"]
        yes = await here.ack("start", body={"text": "Yes"}, invitation=asked["id"])
        talk = yes["conversation"]
        await there.until(lambda: there.saw("signal", kind="opened", conversation=talk))
        assert not here.saw("signal", kind="opened")
        await there.follow(f"conversation:{talk}")
        assert there.texts(f"conversation:{talk}") == ["Yes"]

        async def served() -> bool:
            live = await ask(full.two, agent, "live")
            one = [each for each in live["serving"] if each["conversation"] == talk]
            return bool(one) and one[0]["assignee"] == agent["agent"]

        await until(served)
        await until(lambda: _is_listed_with(full, agent, visitor, talk))
    last = await arrive(full.one, session["resume"])
    assert (last["conversation"]["id"], last["invitation"]) == (talk, None)


async def _is_listed_with(full: Cluster, agent: Frame, visitor: str, talk: str) -> bool:
    said = await ask(full.one, agent, "visitors", present="true")
    talks = {each["visitor"]: each["conversation"] for each in said["items"]}
    return talks.get(visitor) == talk

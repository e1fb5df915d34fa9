"""The contract's words on HTTP: bodies too large, signed identities, limited agents."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.fixtures.client import Client, Frame, agent_session, new_id, visitor_session
from tests.fixtures.server import Server


def identity(server: Server, user: str, **other: Any) -> Frame:
    """What a customer's own back end signs; ``other`` replaces fields *before* signing."""
    credentials = server.credentials
    form = {"user": user, "timestamp": int(time.time()), "nonce": new_id(), **other}
    text = f"{credentials['site']}\n{form['user']}\n{form['timestamp']}\n{form['nonce']}"
    key = credentials["site_secret"].encode()
    return {**form, "signature": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


@pytest.mark.parametrize("path", ["/v1/visitor/sessions", "/v1/agent/sessions"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("size", [300_000, 1_000_000, 5_000_000])
async def test_a_body_too_large_gets_its_answer(
    server: Server, path: str, kind: str, size: int
) -> None:
    """The client gets to read the refusal; the connection is not reset under it."""
    body = b'{"site":"' + b"x" * size + b'"}'
    async with httpx.AsyncClient(timeout=20) as http:
        for _ in range(3):
            headers = {"content-type": kind}
            answer = await http.post(server.url + path, content=body, headers=headers)
            assert answer.status_code in {413, 415}
            assert answer.json()["code"] in {"too_large", "unsupported_media_type"}


@pytest.mark.parametrize(
    "timestamp",
    [float(int(time.time())), str(int(time.time())), True, None, [0], -1, 10**30],
    ids=["float", "text", "bool", "null", "list", "negative", "huge"],
)
async def test_a_timestamp_is_an_integer(server: Server, timestamp: Any) -> None:
    """Nothing but an integer is taken, however well it is signed."""
    signed = identity(server, "u", timestamp=timestamp)
    body = {"site": server.credentials["site"], "identity": signed}
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{server.url}/v1/visitor/sessions", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


async def test_of_many_replays_at_once_one_gets_in(server: Server) -> None:
    """A nonce is good once, however many ask with it at the same moment."""
    body = {"site": server.credentials["site"], "identity": identity(server, new_id())}
    async with httpx.AsyncClient(timeout=60) as http:
        url = f"{server.url}/v1/visitor/sessions"
        answers = await asyncio.gather(*(http.post(url, json=body) for _ in range(200)))
    assert Counter(each.json().get("code") for each in answers) == {None: 1, "nonce_used": 199}


async def test_one_user_at_once_is_one_visitor(server: Server) -> None:
    """A user who comes in many tabs at the same first moment is one visitor."""
    user, url = f"用户 {new_id()}", f"{server.url}/v1/visitor/sessions"
    bodies = [
        {"site": server.credentials["site"], "identity": identity(server, user)} for _ in range(40)
    ]
    async with httpx.AsyncClient(timeout=60) as http:
        answers = await asyncio.gather(*(http.post(url, json=body) for body in bodies))
    assert len({answer.json()["visitor"] for answer in answers}) == 1


async def test_of_many_new_users_one_becomes_the_anonymous_visitor(server: Server) -> None:
    """Two people cannot both become the visitor that one secret names."""
    session = await visitor_session(server.url, server.credentials["site"])
    url = f"{server.url}/v1/visitor/sessions"
    bodies = [
        {
            "site": server.credentials["site"],
            "resume": session["resume"],
            "identity": identity(server, new_id()),
        }
        for _ in range(20)
    ]
    async with httpx.AsyncClient(timeout=60) as http:
        answers = await asyncio.gather(*(http.post(url, json=body) for body in bodies))
    visitors = [answer.json()["visitor"] for answer in answers]
    assert visitors.count(session["visitor"]) == 1
    assert len(set(visitors)) == len(visitors)


async def test_a_limited_agent_sees_its_departments_only(server: Server) -> None:
    """In and out of sight is shown; what is out is not found; changed rights reset and end."""
    made = server.parley(
        *("agent", "create", "--tenant", "demo", "--role", "limited", "--department", "repairs"),
        *("--email", f"{new_id()}@x.example", "--json"),
    )
    account = httpx.Response(200, text=made.stdout).json()
    limited = await agent_session(server.url, "demo", account)
    mia = await agent_session(server.url, "demo", server.credentials["agents"][0])
    here, there = [await visitor_session(server.url, server.credentials["site"]) for _ in range(2)]
    async with (
        Client(limited) as agent,
        Client(mia) as other,
        Client(here) as seen,
        Client(there) as unseen,
    ):
        inside = (await seen.ack("start", department="repairs"))["conversation"]
        outside = (await unseen.ack("start", department="sales"))["conversation"]
        headers = {"authorization": f"Bearer {limited['token']}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
            position = (await other.ack("tag", conversation=inside, tags=["t"]))["position"]
            answer = await http.get("/v1/conversations", params={"min_position": position})
            view = answer.json()
            assert [item["id"] for item in view["items"]] == [inside]
            for address in (outside, f"{outside}/events"):
                assert (await http.get(f"/v1/conversations/{address}")).status_code == 404
        await agent.follow("inbox", view["as_of"], mark=view["mark"])
        await agent.follow(f"conversation:{inside}")
        assert await agent.refused("post", conversation=outside, body={"text": "x"}) == "not_found"
        assert (
            await agent.refused("subscribe", feed=f"conversation:{outside}", after=0) == "not_found"
        )

        def shown(conversation: str) -> list[str]:
            stream = f"conversation-{conversation}"
            return [each["type"] for each in agent.events["inbox"] if each["stream"] == stream]

        await other.ack("transfer", conversation=outside, department="repairs")
        await agent.until(lambda: shown(outside) == ["conversation.transferred"])
        await other.ack("transfer", conversation=inside, department="sales")
        await agent.until(lambda: agent.saw("gone", feed=f"conversation:{inside}"))
        await agent.until(lambda: "conversation.transferred" in shown(inside))
        before = len(shown(inside))
        await seen.ack("post", conversation=inside, body={"text": "no longer yours"})
        last = await other.ack("tag", conversation=outside, tags=["t"])
        await agent.until(lambda: agent.offsets["inbox"] >= last["position"])
        assert len(shown(inside)) == before
        await agent.follow(f"conversation:{outside}")
        changed = server.parley(
            *("agent", "set", "--tenant", "demo", "--email", account["email"]),
            *("--department", "elsewhere"),
        )
        assert changed.returncode == 0, changed.stderr
        await agent.until(lambda: agent.saw("reset", feed="inbox", reason="view"))
        await agent.until(lambda: agent.saw("gone", feed=f"conversation:{outside}"))


async def test_a_name_that_becomes_known_is_said_on_sockets_that_are_open(server: Server) -> None:
    """Who was anonymous at hello, and is vouched for later, is named in what it says after that."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as visitor:
        conversation = (await visitor.ack("start", body={"text": "who am I?"}))["conversation"]
        await visitor.follow(f"conversation:{conversation}")
        user = f"ada {new_id()}"
        again = await visitor_session(
            server.url,
            server.credentials["site"],
            resume=session["resume"],
            identity=identity(server, user),
        )
        assert again["visitor"] == session["visitor"]
        await visitor.ack("post", conversation=conversation, body={"text": "it is me"})
        feed = f"conversation:{conversation}"
        await visitor.until(lambda: visitor.texts(feed)[-1:] == ["it is me"])
        names = [each["actor"]["name"] for each in visitor.events[feed]]
        assert (names[0], names[-1]) == (None, user)


async def test_both_contracts_are_answered_to_anyone(server: Server) -> None:
    """HTTP in OpenAPI, sockets and RabbitMQ in AsyncAPI, of one version, at the same node."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30.0) as http:
        api, sockets = [
            (await http.get(path)).json() for path in ("/openapi.json", "/asyncapi.json")
        ]
    assert sockets["asyncapi"] == "3.0.0"
    assert sockets["info"]["version"] == api["info"]["version"]
    for channel in ("visitor", "agent"):
        assert sockets["channels"][channel]["address"] in api["paths"]
    addresses = {each["address"] for each in sockets["channels"].values()}
    assert {"{tenant}", "grown", "beacon", "passing.{log}", "parley.work.webhooks"} < addresses

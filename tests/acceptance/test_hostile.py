"""Bad frames and bodies from outside: answered or closed, never 1011, never 500."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.fixtures.client import SUBPROTOCOL, Client, Frame, agent_session, new_id, visitor_session
from tests.fixtures.server import Server

DEEP = "[" * 50_000


async def greeted(server: Server) -> Client:
    """A socket, still to be opened, whose hello is good."""
    return Client(await visitor_session(server.url, server.credentials["site"]))


async def code_after(server: Server, *frames: str | bytes, path: str = "visitor") -> int | None:
    """The close code after these frames on a fresh socket."""
    url = f"ws://127.0.0.1:{server.port}/ws/{path}"
    async with connect(url, subprotocols=[SUBPROTOCOL], compression=None) as ws:
        try:
            for frame in frames:
                await ws.send(frame)
            async with asyncio.timeout(10):
                while True:
                    await ws.recv()
        except ConnectionClosed:
            return ws.close_code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", 4400),
        ("nonsense", 4400),
        ("[]", 4400),
        ("null", 4400),
        ("1", 4400),
        (b"\x00\x01", 4400),
        (DEEP, 4400),
        ('{"op":"ping"}', 4400),
        ('{"op":"post","id":"0192aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"}', 4400),
        ('{"op":"hello"}', 4400),
        ('{"op":"hello","token":7}', 4400),
        ('{"op":"hello","token":"nobody"}', 4401),
        ('{"op":"hello","token":"' + "x" * (129 * 1024) + '"}', 4413),
        ('{"op":"hello","token":"' + "x" * (2 * 1024 * 1024) + '"}', 1009),
    ],
)
async def test_bad_first_frames_close(server: Server, frame: str | bytes, code: int) -> None:
    """What cannot be answered closes with its code, before hello."""
    assert await code_after(server, frame) == code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4400),
        ('{"op":"post"}', 4400),
        ('{"op":"nothing"}', 4400),
        ('{"op":"post","id":7}', 4400),
        ('{"op":"post","id":null,"conversation":"x"}', 4400),
        (b"binary", 4400),
        (json.dumps({"op": "post", "id": new_id(), "pad": "x" * (128 * 1024)}), 4413),
        ('{"op":"hello","token":"again"}', 4400),
    ],
)
async def test_bad_later_frames_close(server: Server, frame: str | bytes, code: int) -> None:
    """What cannot be answered closes with its code, after hello."""
    async with await greeted(server) as client:
        await client.send_text(frame)
        await client.until(lambda: client.close_code is not None)
        assert client.close_code == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"op": "fly"}, "unknown_op"),
        ({"op": 7}, "unknown_op"),
        ({}, "unknown_op"),
        ({"op": "post"}, "bad_request"),
        ({"op": "post", "conversation": 7, "body": {"text": "x"}}, "bad_request"),
        ({"op": "post", "conversation": "x", "body": {"text": "x"}}, "bad_request"),
        ({"op": "post", "conversation": new_id(), "body": {"text": "x"}}, "not_found"),
        ({"op": "start", "body": {}}, "bad_request"),
        ({"op": "start", "body": {"text": ""}}, "bad_request"),
        ({"op": "start", "body": {"text": " \n "}}, "bad_request"),
        ({"op": "start", "body": {"text": 7}}, "bad_request"),
        ({"op": "start", "body": {"text": "x" * 10_001}}, "too_large"),
        ({"op": "start", "body": {"text": "\ud800"}}, "bad_request"),
        ({"op": "start", "body": {"text": "x", "file": "y"}}, "bad_request"),
        ({"op": "start", "body": {"file": new_id()}}, "not_found"),
        ({"op": "start", "department": "Äpfel & Birnen"}, "bad_request"),
        ({"op": "page", "page": {"url": "x" * 5000}}, "bad_request"),
        ({"op": "subscribe", "feed": "conversation:x", "after": 0}, "not_found"),
        ({"op": "subscribe", "feed": "nonsense", "after": 0}, "not_found"),
        ({"op": "subscribe", "feed": "conversation:" + new_id(), "after": -1}, "bad_request"),
        ({"op": "subscribe", "feed": "conversation:" + new_id(), "after": 10**30}, "bad_request"),
        ({"op": "subscribe", "feed": "conversation:" + new_id(), "after": 0}, "not_found"),
        ({"op": "rate", "conversation": new_id(), "rating": "5"}, "bad_request"),
        ({"op": "read", "conversation": new_id(), "upto": 0}, "bad_request"),
    ],
)
async def test_bad_fields_are_answered(server: Server, fields: Frame, code: str) -> None:
    """A frame with an id is answered with the code, and the socket lives on."""
    async with await greeted(server) as client:
        frame = {"id": new_id(), **fields}
        await client.send_text(json.dumps(frame))
        await client.until(lambda: client.saw("error", id=frame["id"]))
        assert client.frames[-1]["code"] == code
        await client.send("ping", n="still here")
        await client.until(lambda: client.saw("pong", n="still here"))


async def test_an_id_of_another_form_is_answered_as_sent(server: Server) -> None:
    """An id in capitals comes back in capitals; one that is no UUID is an error with it."""
    async with await greeted(server) as client:
        capitals = new_id().upper()
        assert (await client.ack("start", id=capitals))["id"] == capitals
        assert await client.refused("start", id="not a uuid") == "bad_request"


async def test_no_hello_in_time(server: Server) -> None:
    """A socket that says nothing is closed with 4408."""
    assert await code_after(server) == 4408


async def test_a_token_opens_only_its_own_kind_of_socket(server: Server) -> None:
    """A visitor's token is worth nothing at the agents' socket, and the other way round."""
    credentials = server.credentials
    visitor = await visitor_session(server.url, credentials["site"])
    agent = await agent_session(server.url, "demo", credentials["agents"][0])
    for session, path in ((visitor, "agent"), (agent, "visitor")):
        hello = json.dumps({"op": "hello", "token": session["token"], "feeds": {}})
        assert await code_after(server, hello, path=path) == 4401


async def test_an_agents_socket_is_not_opened_by_another_page(server: Server) -> None:
    """The origin check: 4403."""
    url = f"ws://127.0.0.1:{server.port}/ws/agent"
    async with connect(url, origin=Origin("https://evil.example")) as ws:
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert ws.close_code == 4403


async def test_bad_feeds_in_hello_are_answered_by_name(server: Server) -> None:
    """A refused feed gets an error with its name; the good ones are followed."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as first:
        conversation = (await first.ack("start", body={"text": "x"}))["conversation"]
    good = f"conversation:{conversation}"
    feeds: dict[str, Any] = {good: 0, "inbox": 0, "nonsense": 0, f"conversation:{new_id()}": "x"}
    async with Client(session, feeds) as client:
        client.offsets = {good: 0}
        await client.until(lambda: client.saw("live", feed=good))
        refused = {f["feed"] for f in client.frames if f["op"] == "error"}
        assert refused == set(feeds) - {good}


BODIES: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"site":7}',
    b'{"site":"nobody"}',
    b'{"site":"\xff\xfe"}',
    b'{"site":"\\ud800"}',
    b'{"site":NaN}',
    b"[" * 100_000,
    b'{"site":' + b"[" * 100_000,
    b'{"site":"' + b"x" * 200_000 + b'"}',
    b'{"tenant":"demo","email":"a@b.example","password":"' + b"p" * 100_000 + b'"}',
    b'{"tenant":"demo","email":{},"password":[]}',
    b"1e999999",
    b"\x00" * 100,
]


@pytest.mark.parametrize("path", ["/v1/visitor/sessions", "/v1/agent/sessions"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_no_body_causes_a_500(server: Server, path: str, body: bytes) -> None:
    """Every bad body gets a problem with a code."""
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            server.url + path, content=body, headers={"content-type": "application/json"}
        )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/conversations",
        "/v1/conversations?limit=x",
        "/v1/conversations/x",
        "/v1/conversations/%00",
        "/v1/nothing",
        "/assets/../pyproject.toml",
        "/assets/%2e%2e/%2e%2e/pyproject.toml",
    ],
)
async def test_bad_addresses_are_problems(server: Server, path: str) -> None:
    """Unknown and malformed addresses are refused, and give nothing away."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(server.url + path)
    assert 400 <= answer.status_code < 500
    assert "requires-python" not in answer.text


async def test_half_open_requests_hurt_nobody(server: Server) -> None:
    """Clients that connect and say little do not keep others from being served."""
    slow = []
    for part in (b"", b"POST /v1/visitor/sessions HTTP/1.1\r\nContent-Le", b"GET / HT"):
        raw = socket.create_connection(("127.0.0.1", server.port))
        raw.sendall(part)
        slow.append(raw)
    session = await visitor_session(server.url, server.credentials["site"])
    assert session["token"]
    for raw in slow:
        raw.close()

"""The contract's words on once-ness and order, tried with pipelines, tabs and a frozen store."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures.client import (
    SUBPROTOCOL,
    Client,
    Frame,
    agent_session,
    new_id,
    visitor_session,
)
from tests.fixtures.server import Server


async def visitor_of(server: Server) -> Frame:
    """A visitor's session."""
    return await visitor_session(server.url, server.credentials["site"])


async def answers_of(client: Client, commands: list[tuple[str, dict[str, Any]]]) -> list[Frame]:
    """Send commands without waiting; their answers in the order that they came.

    Unlike ``submit`` this knows several answers to one id.
    """
    start = len(client.frames)
    for op, fields in commands:
        await client.send(op, **fields)

    def found() -> list[Frame]:
        return [each for each in client.frames[start:] if each["op"] in {"ack", "error"}]

    await client.until(lambda: len(found()) >= len(commands), timeout_s=60)
    return found()


def signal_all(postgres: psutil.Process, number: int) -> None:
    """Send a signal to PostgreSQL and its backends."""
    for process in (postgres, *postgres.children(recursive=True)):
        if process.is_running():
            process.send_signal(number)


@pytest.mark.parametrize("tabs", [1, 2])
@pytest.mark.parametrize("pattern", ["each twice", "the one before again"])
async def test_repeats_amid_a_pipeline_cost_nobody_an_answer(
    server: Server, tabs: int, pattern: str
) -> None:
    """Repeats between new commands are duplicates; no healthy server gives up for them."""
    session = await visitor_of(server)
    ids = [new_id() for _ in range(200)]
    order: list[int] = []
    for number in range(len(ids)):
        order += [number, number if pattern == "each twice" else max(0, number - 1)]
    async with Client(session) as first, Client(session) as second:
        conversation = (await first.ack("start"))["conversation"]
        posts = [
            ("post", {"id": ids[n], "conversation": conversation, "body": {"text": str(n)}})
            for n in order
        ]
        sockets = [first, second][:tabs]
        given = await asyncio.gather(*(answers_of(each, posts) for each in sockets))
        answers = [answer for each in given for answer in each]
        codes = {answer.get("code") for answer in answers} - {None}
        assert not codes
        assert sum(not answer.get("duplicate") for answer in answers) == len(ids)
        await first.follow(f"conversation:{conversation}")
        assert first.texts(f"conversation:{conversation}") == [str(n) for n in range(len(ids))]


async def test_two_tabs_start_at_once(server: Server) -> None:
    """Starts of two tabs at once meet in one conversation, each tab's in its order."""
    session = await visitor_of(server)
    async with Client(session) as one, Client(session) as two:
        sent = [(one, "1"), (two, "2"), (one, "3"), (two, "4")]
        acks = await asyncio.gather(
            *(client.ack("start", body={"text": text}) for client, text in sent)
        )
        assert len({ack["conversation"] for ack in acks}) == 1
        feed = f"conversation:{acks[0]['conversation']}"
        await one.follow(feed)
        texts = one.texts(feed)
        assert sorted(texts) == ["1", "2", "3", "4"]
        assert texts.index("1") < texts.index("3")
        assert texts.index("2") < texts.index("4")
        assert one.types(feed).count("conversation.started") == 1


async def test_one_start_id_on_two_sockets_at_once(server: Server) -> None:
    """The same start twice is one conversation; with two bodies, one of them is ``id_reused``."""
    session = await visitor_of(server)
    async with Client(session) as one, Client(session) as two:
        same = new_id()
        acks = await asyncio.gather(
            *(each.ack("start", id=same, body={"text": "a"}) for each in (one, two))
        )
        assert {(ack["conversation"], ack["version"]) for ack in acks} == {
            (acks[0]["conversation"], 2)
        }
        assert sorted(ack.get("duplicate", False) for ack in acks) == [False, True]
        other = new_id()
        answers = await asyncio.gather(
            one.call("start", id=other, body={"text": "b"}),
            two.call("start", id=other, body={"text": "c"}),
        )
        assert sorted(each.get("code", "ack") for each in answers) == ["ack", "id_reused"]


async def test_at_most_one_is_open_whoever_pulls(server: Server) -> None:
    """Two tabs and two agents start, close, reopen and post at once: never are two open."""
    credentials = server.credentials
    session = await visitor_of(server)
    mia, noah = [await agent_session(server.url, "demo", each) for each in credentials["agents"]]
    drawn = random.Random(7)
    async with (
        Client(session) as one,
        Client(session) as two,
        Client(mia) as first,
        Client(noah) as second,
    ):
        conversations = []
        for _ in range(3):
            conversations.append((await one.ack("start"))["conversation"])
            await one.ack("close", conversation=conversations[-1])
        sent = []
        for _ in range(200):
            client = drawn.choice([one, two, first, second])
            visitor = client in {one, two}
            op = drawn.choice(["start", "close", "post"] if visitor else ["reopen", "close"])
            fields: Frame = {"conversation": drawn.choice(conversations)} if op != "start" else {}
            if op == "post":
                fields["body"] = {"text": "x"}
            sent.append(await client.submit(op, **fields))
        answers = await asyncio.gather(*sent)
        assert {each.get("code", "ack") for each in answers} <= {"ack", "other_open"}
        started = {each["conversation"] for each in answers if "conversation" in each}
        events = []
        for each in sorted(started | set(conversations)):
            await first.follow(f"conversation:{each}")
            events += first.events[f"conversation:{each}"]
        opened: set[str] = set()
        for event in sorted(events, key=lambda event: event["position"]):
            if event["type"] in {"conversation.started", "conversation.reopened"}:
                assert opened <= {event["stream"]}
                opened.add(event["stream"])
            elif event["type"] == "conversation.closed":
                opened.discard(event["stream"])


async def test_five_thousand_posts_before_the_first_answer_is_read(server: Server) -> None:
    """A client may send all that it has; everything is acked and in order."""
    session = await visitor_of(server)
    async with Client(session) as visitor:
        conversation = (await visitor.ack("start"))["conversation"]
    feed = f"conversation:{conversation}"
    count = 5_000
    texts: list[str] = []
    acks = 0
    async with connect(session["ws"], subprotocols=[SUBPROTOCOL], compression=None) as socket:
        hello = {"op": "hello", "token": session["token"], "feeds": {feed: 0}}
        await socket.send(json.dumps(hello))

        async def send() -> None:
            for number in range(count):
                post = {"op": "post", "id": new_id(), "conversation": conversation}
                await socket.send(json.dumps({**post, "body": {"text": str(number)}}))

        sending = asyncio.create_task(send())
        await asyncio.sleep(1.0)
        async with asyncio.timeout(60):
            while acks < count or len(texts) < count:
                frame = json.loads(await socket.recv())
                assert frame["op"] != "error", frame
                acks += frame["op"] == "ack"
                texts += [
                    event["data"]["body"]["text"]
                    for event in frame.get("events", [])
                    if event["type"] == "message.posted"
                ]
        await sending
    assert texts == [str(number) for number in range(count)]


async def test_what_follows_a_refused_command_is_refused_until_it_is_sent_again(
    own_server: Server,
) -> None:
    """``unavailable`` stays on that conversation and socket; the order is kept, each comes once."""
    credentials = own_server.credentials
    session = await visitor_of(own_server)
    mia = await agent_session(own_server.url, "demo", credentials["agents"][0])
    ids = [new_id() for _ in range(10)]
    async with Client(session) as visitor, Client(session) as tab, Client(mia) as agent:
        conversation = (await visitor.ack("start"))["conversation"]
        feed = f"conversation:{conversation}"

        async def post(client: Client, number: int) -> Frame:
            body = {"text": str(number)}
            return await client.call("post", id=ids[number], conversation=conversation, body=body)

        postgres = own_server.postgres()
        signal_all(postgres, signal.SIGSTOP)
        try:
            refused = await asyncio.gather(*(post(visitor, number) for number in range(5)))
        finally:
            signal_all(postgres, signal.SIGCONT)
        assert {answer["code"] for answer in refused} == {"unavailable"}
        await asyncio.to_thread(own_server.wait_ready)
        for number in (5, 3):  # one more, and one that was not the first
            assert (await post(visitor, number))["code"] in {"busy", "unavailable"}
        other = {"conversation": conversation, "body": {"text": "x"}, "note": True}
        await agent.ack("post", **other)
        await tab.ack("post", conversation=conversation, body={"text": "tab"})
        for number in range(len(ids)):
            assert (await post(visitor, number))["op"] == "ack"
        await visitor.follow(feed)
        assert [text for text in visitor.texts(feed) if text != "tab"] == [
            str(number) for number in range(len(ids))
        ]


@pytest.mark.parametrize("name", ["epoch", "marks"])
async def test_an_optional_field_of_hello_may_be_null(server: Server, name: str) -> None:
    """A client that has no epoch or marks yet may say so with null."""
    session = await visitor_of(server)
    hello = {"op": "hello", "token": session["token"], "feeds": {}, name: None}
    async with connect(session["ws"], subprotocols=[SUBPROTOCOL], compression=None) as socket:
        await socket.send(json.dumps(hello))
        try:
            frame = json.loads(await socket.recv())
        except ConnectionClosed:
            frame = {"op": f"closed with {socket.close_code}"}
    assert frame["op"] == "welcome"

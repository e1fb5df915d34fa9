"""The whole product with a collector beside it: one message's way as one trace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.collector import Collector, Trace, running_collector
from tests.fixtures.product import running_copy
from tests.fixtures.server import Server

SECRETS = ("hello from the visitor", "shop.example", "visitor-", "conversation-", "demo")


@pytest.fixture(scope="module")
def running() -> Iterator[Collector]:
    """Where the product's traces go."""
    with running_collector() as collector:
        yield collector


@pytest.fixture
def collector(running: Collector) -> Collector:
    """The same, with nothing in it of the test before."""
    running.forget()
    return running


@pytest.fixture(scope="module")
def server(running: Collector, demonstration: Path) -> Iterator[Server]:
    """The product, recording every trace."""
    settings = {"SAMPLE": "1", "ENDPOINT": running.endpoint, "DELAY_S": "0.05", "INSTANCE": "one"}
    environment = {f"PARLEY_TRACING_{name}": value for name, value in settings.items()}
    with running_copy(demonstration, **environment) as server:
        yield server


def projected(trace: Trace) -> set[str | int]:
    """The views that a trace has come to."""
    return {span.attributes["parley.projection"] for span in trace.named("project")}


async def test_a_message_is_one_trace(server: Server, collector: Collector) -> None:
    """From a visitor's frame over the append to an agent's socket, and into the read models."""
    visiting = await visitor_session(server.url, server.credentials["site"])
    serving = await agent_session(server.url, "demo", server.credentials["agents"][0])
    async with Client(visiting) as visitor:
        talk = (await visitor.ack("start"))["conversation"]
        feed = f"conversation:{talk}"
        async with Client(serving, {feed: 0}) as agent:
            await agent.until(lambda: agent.saw("live", feed=feed))
            body = {"text": "hello from the visitor"}
            await visitor.ack("post", conversation=talk, body=body)
            await agent.until(lambda: agent.texts(feed) == ["hello from the visitor"])
    trace = await collector.trace("append", "deliver", "project", op="post", role="visitor")
    trace.check()
    (command,) = trace.named("socket command")
    (append,) = trace.named("append")
    (deliver,) = trace.named("deliver")
    async with asyncio.timeout(10):
        while "sessions" not in projected(trace):  # noqa: ASYNC110  # the collector's news
            await asyncio.sleep(0.02)
    assert trace.way_to(deliver) == ["socket command", "append", "deliver"]
    for project in trace.named("project"):
        assert trace.way_to(project) == ["socket command", "append", "project"]
    assert command.attributes["parley.outcome"] == "committed"
    assert append.attributes["parley.batch"] == 1
    assert deliver.attributes["parley.sockets"] == 1
    assert command.start_ns <= append.start_ns <= deliver.start_ns <= command.end_ns
    assert {span.instance for span in trace.spans.values()} == {"one"}
    assert {span.error for span in trace.spans.values()} == {""}


async def test_the_log_names_the_step_that_appended(server: Server, collector: Collector) -> None:
    """What an operator reads in an event's metadata finds its trace in the backend."""
    visiting = await visitor_session(server.url, server.credentials["site"])
    async with Client(visiting) as visitor:
        await visitor.ack("start", body={"text": "hello from the visitor"})
    trace = await collector.trace("append", "project", op="start")
    read = server.parley("log", "read", "--tenant", "demo", "--json")
    events = [json.loads(line) for line in read.stdout.splitlines()]
    (append,) = trace.named("append")
    named = [e["type"] for e in events if append.id in e["metadata"].get("trace", "")]
    assert named == ["visitor.conversation_opened", "conversation.started", "message.posted"]
    assert server.parley("audit", "verify", "--tenant", "demo").returncode == 0


async def test_a_refusal_and_a_request_are_traces_too(server: Server, collector: Collector) -> None:
    """A command that is refused ends with its code; what an arrival brings appends below it."""
    page = {"url": "https://shop.example/"}
    visiting = await visitor_session(server.url, server.credentials["site"], page=page)
    async with Client(visiting) as visitor:
        assert await visitor.refused("rate", conversation=str(UUID(int=1)), rating=5) == "not_found"
    refused = await collector.trace("socket command", op="rate")
    assert [span.error for span in refused.spans.values()] == ["not_found"]
    arrival = await collector.trace("append", route="POST /v1/visitor/sessions", status=200)
    arrival.check()
    appends = arrival.named("append")  # of the page, and perhaps of what the visitor comes with
    assert {tuple(arrival.way_to(each)) for each in appends} == {("http command", "append")}


async def test_traces_tell_of_nobody(server: Server, collector: Collector) -> None:
    """Neither what was written nor who wrote it, nor where, stands in any span."""
    await test_a_message_is_one_trace(server, collector)
    told = str([span.attributes for trace in collector.traces() for span in trace.spans.values()])
    assert [secret for secret in SECRETS if secret in told] == []
    assert server.credentials["site"] not in told


async def test_a_collector_that_is_ill_is_counted(server: Server, collector: Collector) -> None:
    """Chat goes on, the spans are lost, and ``/metrics`` says so."""
    collector.ill = True
    try:
        await visitor_session(server.url, server.credentials["site"])
        visiting = await visitor_session(server.url, server.credentials["site"])
        async with Client(visiting) as visitor:
            await visitor.ack("start", body={"text": "hello"})
        before = collector.requests
        while collector.requests <= before + 1:
            async with Client(visiting) as visitor:
                await visitor.ack("page", page={"url": "https://shop.example/"})
    finally:
        collector.ill = False
    figures = httpx.get(f"{server.url}/metrics").text.splitlines()
    (failed,) = (line for line in figures if line.startswith('parley_spans_total{outcome="failed"'))
    assert float(failed.split()[1]) > 0

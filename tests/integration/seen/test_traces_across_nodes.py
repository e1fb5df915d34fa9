"""Full size with a collector beside it: one trace from a socket on one node to one on another."""

from __future__ import annotations

import asyncio
import contextlib
import time

from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.cluster import running_cluster
from tests.fixtures.collector import Collector, Trace, running_collector
from tests.fixtures.stack import OpenStack

STEPS = ("append", "relay", "receive", "deliver", "project")
MESSAGES = 10
PATIENCE_S = 3.0


async def _traced(collector: Collector, visitor: Client, agent: Client, talk: str) -> Trace:
    """Post until one is received from the broker: what a look at the heads finds first is not."""
    feed, sent = f"conversation:{talk}", list[str]()
    for number in range(MESSAGES):
        sent.append(f"hello {number}")
        await visitor.ack("post", conversation=talk, body={"text": sent[-1]})
        await agent.until(lambda: agent.texts(feed) == sent)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                return await collector.trace(*STEPS, op="post", role="visitor")
    raise AssertionError("no message went all the way by the broker")


async def test_a_message_across_two_nodes_is_one_trace(open_stack: OpenStack) -> None:
    """Frame and append here, relay, then receipt and socket there, and the projector's rows."""
    with running_collector() as collector:
        tracing = {"SAMPLE": "1", "ENDPOINT": collector.endpoint, "DELAY_S": "0.05"}
        environment = {f"PARLEY_TRACING_{name}": value for name, value in tracing.items()}
        with running_cluster(open_stack(), **environment) as cluster:
            credentials = cluster.one.credentials
            visiting = await visitor_session(cluster.one.url, credentials["site"])
            serving = await agent_session(cluster.two.url, "demo", credentials["agents"][0])
            async with Client(visiting) as visitor:
                talk = (await visitor.ack("start"))["conversation"]
                feed = f"conversation:{talk}"
                async with Client(serving, {feed: 0}) as agent:
                    await agent.until(lambda: agent.saw("live", feed=feed))
                    trace = await _traced(collector, visitor, agent, talk)
                    stopped_ns = time.time_ns()  # what is cut off by the end says that it failed
    trace.check()
    before = ["socket command", "append"]
    where: dict[str, set[str]] = {}
    for name in STEPS:
        for span in trace.named(name):
            way = [*before, name] if name != "append" else before
            assert trace.way_to(span) == (
                [*before, "relay", "receive"] if name == "receive" else way
            )
            where.setdefault(name, set()).add(span.instance)
    assert where["append"] == {"one"}
    assert where["relay"] == {"relay"}
    assert where["receive"] == {"two"}
    assert "two" in where["deliver"]
    assert where["project"] == {"projector"}
    ended = [span for span in trace.spans.values() if span.end_ns < stopped_ns]
    assert {span.error for span in ended} == {""}

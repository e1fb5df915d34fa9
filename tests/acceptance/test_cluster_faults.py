"""Full size: whichever part dies, stands still or comes back, chat goes on and loses nothing.

Visitors are on one node, agents on the other, and the checker of ``tests/fixtures/history.py``
compares what was acknowledged, what each end received and what the log holds. One cluster serves
all tests of this file, each of which leaves it whole.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest

from brokers.rabbitmq import topology
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.cluster import Cluster, running_cluster
from tests.fixtures.server import Server
from tests.fixtures.stack import OwnStack, run_directory
from tests.fixtures.traffic import traffic

AWAY_S = 2.5
"""Seconds for which something is away: longer than what would hide it."""


@pytest.fixture(scope="module")
def full() -> Iterator[Cluster]:
    """A cluster on servers of its own."""
    directory = Path(tempfile.mkdtemp(prefix="own-", dir=run_directory()))
    directory.chmod(0o755)
    stack = OwnStack(directory, ("database", "broker", "redis"))
    try:
        with running_cluster(stack) as running:
            yield running
    finally:
        stack.close()


@asynccontextmanager
async def chatting(full: Cluster) -> AsyncIterator[None]:
    """Traffic across both nodes around a fault; afterwards everything is well again."""
    async with traffic(full.one, full.two):
        yield
    for each in full.processes:
        await well(each)
    await talk(full.one, full.two)
    await talk(full.two, full.one)


async def well(server: Server) -> None:
    """Wait until all parts of a process say that they are well."""
    end = time.monotonic() + 20
    while not server.healthy():
        assert time.monotonic() < end, httpx.get(f"{server.url}/api/healthz").text
        await asyncio.sleep(0.1)


async def talk(visiting: Server, serving: Server) -> None:
    """A conversation across the nodes, live: nobody reconnects, and each hears the other."""
    credentials = visiting.credentials
    mine = await visitor_session(visiting.url, credentials["site"])
    theirs = await agent_session(serving.url, "demo", credentials["agents"][0])
    async with Client(mine) as visitor, Client(theirs) as agent:
        talk = (await visitor.ack("start"))["conversation"]
        feed = f"conversation:{talk}"
        await asyncio.gather(visitor.follow(feed), agent.follow(feed))
        for number in range(3):
            for here, there in ((visitor, agent), (agent, visitor)):
                text = f"{here.session['token'][-4:]} {number}"
                await here.ack("post", conversation=talk, body={"text": text})
                await there.until(lambda c=there, t=text: t in c.texts(feed), 5)


async def restarted(server: Server) -> None:
    """Kill -9, and start again."""
    server.kill()
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(server.start)


async def paused(server: Server) -> None:
    """SIGSTOP for a while."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(AWAY_S)
    server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("name", ["one", "relay", "projector"])
async def test_kill_a_process(full: Cluster, name: str) -> None:
    """Kill -9 of any one of them, and its return."""
    async with chatting(full):
        await restarted(_process(full, name))


@pytest.mark.parametrize("name", ["one", "relay", "projector"])
async def test_a_process_stands_still(full: Cluster, name: str) -> None:
    """SIGSTOP of any one of them: the others go on, and it goes on when it is let."""
    async with chatting(full):
        await paused(_process(full, name))


def _process(full: Cluster, name: str) -> Server:
    return {"one": full.one, "two": full.two, **full.others}[name]


@pytest.mark.parametrize("name", ["broker", "redis", "database"])
async def test_kill_a_server(full: Cluster, name: str) -> None:
    """Kill -9 of RabbitMQ, Redis or PostgreSQL with all that it has, and its return."""
    async with chatting(full):
        await asyncio.to_thread(full.stack.kill, name)
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(full.stack.start, name)


@pytest.mark.parametrize("name", ["broker", "redis", "database"])
async def test_a_server_stands_still(full: Cluster, name: str) -> None:
    """SIGSTOP: its connections stay open, and nobody answers on them."""
    async with chatting(full):
        await asyncio.to_thread(full.stack.pause, name)
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(full.stack.resume, name)


@pytest.mark.parametrize("name", ["broker", "redis"])
async def test_without_a_server_chat_goes_on(full: Cluster, name: str) -> None:
    """RabbitMQ or Redis stopped in good order: both nodes stay ready, and people talk on.

    Each process says once what is wrong, however often it tries meanwhile.
    """
    began = {each.log: each.log.stat().st_size for each in full.processes}
    await asyncio.to_thread(full.stack.stop, name)
    try:
        assert full.one.ready()
        assert full.two.ready()
        await talk(full.one, full.two)
        await talk(full.two, full.one)
        health: dict[str, Any] = httpx.get(f"{full.one.url}/api/healthz").json()
        assert health[name] != "OK"
        await asyncio.sleep(2 * AWAY_S)
        for log, size in began.items():
            since = log.read_bytes()[size:].decode()
            told = [line.partition(" ")[2] for line in since.splitlines()]
            assert told
            assert sorted(told) == sorted(set(told))
    finally:
        await asyncio.to_thread(full.stack.start, name)
    for each in full.processes:
        await well(each)


async def test_everything_at_once(full: Cluster) -> None:
    """Kill -9 of all processes and servers at once."""
    async with chatting(full):
        for each in full.processes:
            each.kill()
        for name in ("broker", "redis", "database"):
            await asyncio.to_thread(full.stack.kill, name)
        await asyncio.to_thread(full.stack.start, "database", "broker", "redis")
        await asyncio.to_thread(full.start)


async def test_what_is_no_message_stops_nobody(full: Cluster) -> None:
    """Garbage, lies about ranges and heads, and slices of others, on every exchange and key."""
    async with chatting(full):
        await lie(full.stack.urls["broker"])


async def lie(url: str) -> None:
    """Publish what no relay and no node would."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        log = await topology.log_exchange(channel)
        signals = await topology.signals_exchange(channel)
        for body in (b"", b"\xc1", b"\x80", b"\x93\x01\x02\x03", bytes(range(256)) * 64):
            await log.publish(aio_pika.Message(body), "demo")
            for key in (topology.GROWN, topology.BEACON):
                await signals.publish(aio_pika.Message(body), key)

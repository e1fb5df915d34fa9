"""Work queues on a real RabbitMQ: what is in it, what is done to it, and how all comes back."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import aio_pika
import httpx
import pytest
from aio_pika.abc import AbstractChannel

from brokers.rabbitmq import work_queue
from brokers.rabbitmq.work import RabbitWork
from brokers.rabbitmq.work_queue import DEAD_QUEUE, NAME, asyncapi
from brokers.settings import BrokerSettings
from brokers.work import TRIES, Work
from domain.webhooks.ports import Line
from tests.contract.test_work_contract import LINES, Taken, running, until
from tests.fixtures.postgres import SystemClock
from tests.fixtures.stack import OpenStack, OwnStack

SETTINGS = BrokerSettings(check_s=0.5, amqp_heartbeat_s=2)
BACK_S = SETTINGS.longest_pause_s + SETTINGS.connect_timeout_s + 2.0
"""How long it may take at most until all is back after the broker is."""


YOUNG_S = 2.0
"""A quorum queue that is younger may not outlive a kill -9 of RabbitMQ."""


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[AbstractChannel]:
    """A channel of somebody else's, to look at the queues and to harm them."""
    connection = await aio_pika.connect_robust(url)
    async with connection:
        yield await connection.channel()


async def messages(url: str, name: str) -> int:
    """How many messages wait in a queue."""
    async with looking(url) as channel:
        queue = await channel.declare_queue(name, passive=True)
        return queue.declaration_result.message_count or 0


async def give_until(work: Work, lines: list[Line], condition: Callable[[], bool]) -> None:
    """Give these again and again, as a poller would find them again, until something holds."""
    async with asyncio.timeout(30.0):
        while not condition():
            work.give(lines)
            await asyncio.sleep(0.1)


async def test_tasks_outlive_the_broker(open_stack: OpenStack) -> None:
    """Confirmed and persistent: kill -9 of RabbitMQ, and what was given is taken up afterwards."""
    stack = await asyncio.to_thread(open_stack, "broker")
    url = stack.urls["broker"]
    async with running(RabbitWork(url, SystemClock(), SETTINGS), None) as work:
        work.give(LINES)
        await asyncio.sleep(YOUNG_S)
    await asyncio.to_thread(stack.kill, "broker")
    await asyncio.to_thread(stack.start, "broker")
    taken = Taken()
    async with running(RabbitWork(url, SystemClock(), SETTINGS), taken):
        await until(lambda: set(taken.lines) == set(LINES))


async def test_what_is_well_is_left_as_it_is(
    open_stack: OpenStack, caplog: pytest.LogCaptureFixture
) -> None:
    """On a RabbitMQ without its management plugin too, which counts no consumers of such queues."""
    stack = await asyncio.to_thread(open_stack, "broker")
    caplog.set_level(logging.INFO, "parley.work")
    async with running(RabbitWork(stack.urls["broker"], SystemClock(), SETTINGS), Taken()) as work:
        await asyncio.sleep(6 * SETTINGS.check_s)
        assert work.illness is None
        assert "given up" not in caplog.text


@pytest.mark.parametrize("fault", ["kill", "pause"])
async def test_consumers_come_back(open_stack: OpenStack, fault: str) -> None:
    """Killed and started again, or standing still for a while: within seconds tasks go on."""
    stack = await asyncio.to_thread(open_stack, "broker")
    taken = Taken()
    async with running(RabbitWork(stack.urls["broker"], SystemClock(), SETTINGS), taken) as work:
        await give_until(work, LINES[:1], lambda: bool(taken.lines))
        await asyncio.sleep(YOUNG_S)
        await harm(stack, fault)
        begun = time.monotonic()
        await give_until(work, LINES[1:2], lambda: LINES[1] in taken.lines)
        assert time.monotonic() - begun < BACK_S
        assert work.illness is None


async def test_a_stuck_queue_is_made_anew(open_stack: OpenStack) -> None:
    """One that was declared just before a kill -9 lets nobody consume, ever; it is replaced."""
    stack = await asyncio.to_thread(open_stack, "broker")
    taken = Taken()
    async with running(RabbitWork(stack.urls["broker"], SystemClock(), SETTINGS), taken) as work:
        await asyncio.to_thread(stack.kill, "broker")
        await asyncio.to_thread(stack.start, "broker")
        await give_until(work, LINES[:1], lambda: bool(taken.lines))


async def harm(stack: OwnStack, fault: str) -> None:
    """Do it, and undo it."""
    if fault == "kill":
        await asyncio.to_thread(stack.kill, "broker")
        await asyncio.sleep(1.0)
        await asyncio.to_thread(stack.start, "broker")
    else:
        stack.pause("broker")
        await asyncio.sleep(8.0)
        stack.resume("broker")


async def test_a_queue_that_somebody_deletes_comes_back(broker_url: str) -> None:
    """With its consumer and its way to the dead ones; the tasks in it are lost, and may be."""
    taken = Taken()
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), taken) as work:
        await give_until(work, LINES[:1], lambda: bool(taken.lines))
        async with looking(broker_url) as channel:
            for name in (NAME, DEAD_QUEUE.name):
                await channel.queue_delete(name)
            await channel.exchange_delete(work_queue.DEAD.name)
        begun = time.monotonic()
        await give_until(work, LINES[1:2], lambda: LINES[1] in taken.lines)
        assert time.monotonic() - begun < BACK_S
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), None):
        assert await messages(broker_url, DEAD_QUEUE.name) == 0


async def test_losing_the_queue_cuts_nothing_off(broker_url: str) -> None:
    """What is being worked off when the queue, or the connection, is lost goes on to its end."""
    ended: list[Line] = []
    taken = Taken(hold=True)

    async def handler(line: Line) -> None:
        await taken(line)
        ended.append(line)

    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), handler) as work:
        work.give(LINES[:2])
        await until(lambda: taken.at_once == 2)
        async with looking(broker_url) as channel:
            await channel.queue_delete(NAME)
        await asyncio.sleep(3 * SETTINGS.check_s)
        await until(lambda: work.illness is None)
        taken.release.set()
        await until(lambda: set(ended) == set(LINES[:2]))


async def test_a_queue_that_is_emptied_loses_its_tasks_only(broker_url: str) -> None:
    """What comes later is taken up as before."""
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), None) as work:
        work.give(LINES)
        await asyncio.sleep(0.5)
        async with looking(broker_url) as channel:
            queue = await channel.get_queue(NAME)
            purged = await queue.purge()
        assert purged.message_count == len(LINES)
        taken = Taken()
        async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), taken):
            work.give(LINES[:1])
            await until(lambda: taken.lines == LINES[:1])


@pytest.mark.parametrize(
    "body", [b"garbage \xff\x00", b"", b"{}", b'{"tenant": 7}', b"[" * 100_000]
)
async def test_a_poison_message_is_laid_aside(broker_url: str, body: bytes) -> None:
    """It goes to the dead ones at once, as it came, and stops nobody."""
    taken = Taken()
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), taken) as work:
        async with looking(broker_url) as channel:
            message = aio_pika.Message(body, content_type="application/json")
            await channel.default_exchange.publish(message, NAME)
        work.give(LINES)
        await until(lambda: set(taken.lines) == set(LINES))
        async with looking(broker_url) as channel:
            dead = await channel.get_queue(DEAD_QUEUE.name)
            found = await dead.get(timeout=5.0)
            assert found is not None
            assert found.body == body
            await found.ack()


async def test_a_task_that_always_fails_ends_with_the_dead(broker_url: str) -> None:
    """The broker counts its deliveries, and lays it aside as it is."""
    tried: list[Line] = []

    async def failing(line: Line) -> None:
        tried.append(line)
        raise RuntimeError("always")

    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), failing) as work:
        work.give(LINES[:1])
        await until(lambda: len(tried) == TRIES)
        await asyncio.sleep(0.2)
        async with looking(broker_url) as channel:
            dead = await (await channel.get_queue(DEAD_QUEUE.name)).get()
            assert dead is not None
            assert json.loads(dead.body) == {
                "tenant": str(LINES[0].log),
                "webhook": LINES[0].webhook,
                "stream": LINES[0].stream,
            }
            await dead.ack()


async def test_what_is_in_the_broker(broker_url: str, shared_broker: httpx.Client) -> None:
    """A durable quorum queue with a delivery limit and dead letters; persistent messages."""
    vhost = quote(urlsplit(broker_url).path[1:], safe="")
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), None) as work:
        work.give(LINES[:1])
        await asyncio.sleep(0.3)
        queue: dict[str, Any] = shared_broker.get(f"/api/queues/{vhost}/{NAME}").json()
        assert queue["durable"]
        assert queue["arguments"] == {
            "x-queue-type": "quorum",
            "x-delivery-limit": 4,
            "x-dead-letter-exchange": "parley.work.dead",
            "x-dead-letter-routing-key": NAME,
            "x-max-length": 100_000,
            "x-overflow": "reject-publish",
        }
        dead: dict[str, Any] = shared_broker.get(f"/api/queues/{vhost}/{DEAD_QUEUE.name}").json()
        assert (dead["type"], dead["arguments"]["x-max-length"]) == ("quorum", 10_000)
        async with looking(broker_url) as channel:
            message = await (await channel.get_queue(NAME)).get()
            assert message is not None
            assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
            assert message.content_type == "application/json"
            await message.ack()


async def test_the_sides_have_connections_of_their_own(
    broker_url: str, shared_broker: httpx.Client
) -> None:
    """One gives, one takes: a broker that is short of memory stops reading from the first."""
    vhost = urlsplit(broker_url).path[1:]
    vhost = vhost.replace("%2D", "-")
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), Taken()):
        async with asyncio.timeout(15.0):  # the statistics lag behind
            while True:
                open_ = shared_broker.get("/api/connections").json()
                if len([c for c in open_ if c.get("vhost") == vhost]) == 2:
                    return
                await asyncio.sleep(0.2)


async def test_a_full_queue_is_no_failure(
    broker_url: str, shared_broker: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """What it refuses is dropped, and the connection stays."""
    vhost = quote(urlsplit(broker_url).path[1:], safe="")
    policy = {"pattern": NAME, "definition": {"max-length": 2}, "apply-to": "queues"}
    shared_broker.put(f"/api/policies/{vhost}/short", json=policy).raise_for_status()
    caplog.set_level(logging.WARNING, "parley.work")
    async with running(RabbitWork(broker_url, SystemClock(), SETTINGS), None) as work:
        for line in LINES:
            work.give([line])
            await asyncio.sleep(0.02)
        assert work.illness is None
    assert 0 < await messages(broker_url, NAME) < len(LINES)
    assert caplog.text == ""


async def test_while_the_broker_is_away_nothing_waits(
    open_stack: OpenStack, caplog: pytest.LogCaptureFixture
) -> None:
    """Giving is in vain and costs nothing; each side says once that it is away."""
    stack = await asyncio.to_thread(open_stack, "broker")
    await asyncio.to_thread(stack.kill, "broker")
    caplog.set_level(logging.WARNING, "parley.broker")
    work = RabbitWork(stack.urls["broker"], SystemClock(), SETTINGS)
    task = asyncio.create_task(work.run(Taken()))
    await asyncio.sleep(2.0)
    assert work.illness == "not connected"
    work.give(LINES * 1000)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = [r.getMessage() for r in caplog.records if r.name == "parley.broker"]
    assert len(said) == 2
    assert all("RabbitMQ is away" in text for text in said)


def test_asyncapi_is_made_without_a_broker() -> None:
    """Queue, message and fields stand in it; no address, user or password of an installation."""
    document = asyncapi("1.2.3")
    text = json.dumps(document)
    assert document["asyncapi"] == "3.0.0"
    assert document["info"] == {"title": "Parley's work queues", "version": "1.2.3"}
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {NAME}
    task = document["components"]["schemas"]["Task"]
    assert set(task["properties"]) == {"tenant", "webhook", "stream"}
    actions = {operation["action"] for operation in document["operations"].values()}
    assert actions == {"send", "receive"}
    assert "guest" not in text
    assert document["servers"]["development"]["host"].startswith("rabbitmq")

"""Webhooks at full size: processes killed in mid-delivery, queues emptied, RabbitMQ gone.

One process serves and projects, two send; all over a private PostgreSQL and RabbitMQ.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import aio_pika
import pytest

from brokers.rabbitmq.work_queue import DEAD_QUEUE, NAME
from tests.fixtures.receiver import Behaviour, Received, receiving
from tests.fixtures.server import Server, data_directory
from tests.fixtures.stack import OpenStack, OwnStack
from tests.fixtures.telling import LOOPBACK, Talk, add_hook, once, told, until_told


class Sending:
    """The processes. ``front`` does all but send, ``senders`` do nothing else."""

    def __init__(self, front: Server, senders: list[Server], stack: OwnStack) -> None:
        self.front = front
        self.senders = senders
        self.stack = stack


@pytest.fixture
def sending(open_stack: OpenStack) -> Iterator[Sending]:
    """Running; a test may harm any of it."""
    stack = open_stack("database", "broker")
    environment = LOOPBACK | {
        "PARLEY_DATABASE_URL": stack.urls["database"],
        "PARLEY_BROKER_URL": stack.urls["broker"],
        # What is counted here must not be repeated because the machine has too much to do.
        "PARLEY_WEBHOOKS_DEADLINE_S": "6",
        "PARLEY_WEBHOOKS_LEASE_S": "8",
    }
    with data_directory() as data:
        roles = "visitor,agent,admin,relay,projector"
        front = Server(data, None, roles=roles, name="front", **environment)
        senders = [
            Server(data, None, roles="webhooks", name=f"sender{n}", **environment) for n in range(2)
        ]
        try:
            front.start()
            for each in senders:
                each.start(wait=False)
            for each in senders:
                each.wait_ready()
            yield Sending(front, senders, stack)
        finally:
            for each in (*senders, front):
                each.end()


async def test_senders_share_without_doubling(sending: Sending) -> None:
    """Two processes, many conversations: each event once, never two of one conversation at once."""
    async with receiving() as receiver:
        hook = await add_hook(sending.front, receiver.url)
        talks = [Talk(sending.front, f"visitor {n}") for n in range(6)]
        for _ in range(4):
            for talk in talks:
                await talk.say(5)
        await until_told(receiver, *talks)
        rows = await hook.until_settled(len(receiver.done))
    assert Counter(received.id for received in receiver.received).most_common(1)[0][1] == 1
    assert len(rows) == len(receiver.received)
    assert receiver.most_in_flight == 1


async def test_kill_in_mid_delivery(sending: Sending) -> None:
    """Kill -9 of both senders while requests are on their way: repeated with the same ids.

    Nothing is lost, and no conversation is told in another order, however often it happens.
    """
    async with receiving() as receiver:
        talks = [Talk(sending.front, f"visitor {n}") for n in range(3)]
        seen: Counter[str] = Counter()

        def decide(received: Received) -> Behaviour:
            seen[received.id] += 1
            number = told(
                [received], *[t for t in talks if t.conversation == received.conversation]
            )
            held = seen[received.id] == 1 and number and number[0].endswith((" 2", " 5"))
            return "hold" if held else 200

        receiver.decide = decide
        hook = await add_hook(sending.front, receiver.url, "--type", "message.posted")
        for _ in range(2):
            for talk in talks:
                await talk.say(4)
            await receiver.until(lambda: sum(receiver.in_flight.values()) >= 3)
            for sender in sending.senders:
                sender.kill()
            for sender in sending.senders:
                await asyncio.to_thread(sender.start)
        await until_told(receiver, *talks, timeout_s=120.0)
        rows = await hook.until_settled(3 * 8)
    kept = once(receiver.received)
    for talk in talks:
        assert told(kept, talk) == talk.texts
        assert told(receiver.done, talk) == talk.texts
    assert {row["state"] for row in rows} == {"delivered"}
    repeated = [id_ for id_, count in seen.items() if count > 1]
    assert len(repeated) >= 6


async def test_a_queue_emptied_and_deleted_by_hand(sending: Sending) -> None:
    """In the middle of traffic, again and again: nothing is lost, doubled or reordered."""
    stop = asyncio.Event()

    async def harm() -> None:
        connection = await aio_pika.connect_robust(sending.stack.urls["broker"])
        async with connection:
            while not stop.is_set():
                channel = await connection.channel()
                await channel.queue_delete(NAME)
                await channel.queue_delete(DEAD_QUEUE.name)
                await asyncio.sleep(0.3)

    async with receiving() as receiver:
        await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talks = [Talk(sending.front, f"visitor {n}") for n in range(3)]
        harming = asyncio.create_task(harm())
        for _ in range(6):
            for talk in talks:
                await talk.say(3)
        stop.set()
        await harming
        for talk in talks:
            await talk.say(1)
        await until_told(receiver, *talks)
    for talk in talks:
        assert told(receiver.received, talk) == talk.texts
    assert receiver.most_in_flight == 1


async def test_without_rabbitmq_webhooks_go_on(sending: Sending) -> None:
    """Killed in the middle: what is due is found by looking, within seconds, and once."""
    async with receiving() as receiver:
        await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(5)
        await until_told(receiver, talk)
        await asyncio.to_thread(sending.stack.kill, "broker")
        await talk.say(5)
        await until_told(receiver, talk, timeout_s=10.0)
        await asyncio.to_thread(sending.stack.start, "broker")
        await talk.say(5)
        await until_told(receiver, talk, timeout_s=10.0)
    assert told(receiver.received, talk) == talk.texts


async def test_postgres_dies(sending: Sending) -> None:
    """Killed and started again in the middle: nothing is lost, and the order holds."""
    async with receiving() as receiver:
        await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(5)
        await until_told(receiver, talk)
        receiver.decide = lambda _: "hold"
        await talk.say(3)
        await receiver.until(lambda: sum(receiver.in_flight.values()) == 1)
        await asyncio.to_thread(sending.stack.kill, "database")
        receiver.decide = lambda _: 200
        receiver.release()
        await asyncio.to_thread(sending.stack.start, "database")
        await asyncio.to_thread(sending.front.wait_ready)
        await talk.say(2)
        await until_told(receiver, talk)
    assert told(once(receiver.received), talk) == talk.texts

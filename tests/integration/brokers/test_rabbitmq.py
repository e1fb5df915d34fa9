"""RabbitMQ's failures, each made for real: what is lost is begun anew, and nobody hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import quote, urlsplit
from uuid import UUID

import aio_pika
import pytest

from brokers import codec
from brokers.rabbitmq import topology
from brokers.rabbitmq.broker import RabbitBroker
from brokers.settings import BrokerSettings
from domain.envelope import StoredSlice
from domain.errors import BrokerAway
from domain.passing import Typing
from ops.breakers import Breakers, BreakerSettings
from tests.contract.test_broker_contract import LOG, PATIENCE_S, Process, a_slice, until
from tests.fixtures.postgres import SystemClock
from tests.fixtures.stack import OpenStack

QUICK = BrokerSettings(
    confirm_timeout_s=1.0, silence_s=1.0, check_s=0.3, amqp_heartbeat_s=2, longest_pause_s=0.5
)


class Node(Process):
    """A process at RabbitMQ that follows the log, and counts what changes."""

    broker: RabbitBroker

    def __init__(self, url: str, name: str, settings: BrokerSettings, breakers: Breakers) -> None:
        breaker = breakers.of("rabbitmq")
        super().__init__(RabbitBroker(url, name, SystemClock(), settings, breaker))
        self.changes = 0
        self.broker.on_change(self._count)

    def _count(self) -> None:
        self.changes += 1


@asynccontextmanager
async def node(
    url: str, name: str = "node", settings: BrokerSettings = QUICK
) -> AsyncIterator[Node]:
    """A node that is connected and bound."""
    found = Node(url, name, settings, Breakers(BreakerSettings()))
    running = asyncio.create_task(found.broker.run())
    try:
        await until(lambda: found.broker.illness is None)
        await found.broker.follow(LOG, "one")
        yield found
        assert not running.done(), "it ended by itself"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def comes(node: Node, after: int) -> None:
    """A slice that is published comes back, over whichever connections there are now."""
    async with asyncio.timeout(15):
        while not any(each.upto == after + 1 for each in node.slices):
            try:
                await node.broker.publish(a_slice(after, after + 1))
            except BrokerAway:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.02)


async def test_after_a_kill_all_consumers_are_back(open_stack: OpenStack) -> None:
    """Kill -9 and a new start: slices, signals and beacons come again, by themselves."""
    stack = open_stack("broker")
    async with node(stack.urls["broker"]) as one, node(stack.urls["broker"], "other") as other:
        await comes(one, 0)
        await asyncio.to_thread(stack.kill, "broker")
        await until(lambda: not one.broker.reaches_all)
        with pytest.raises(BrokerAway):
            await one.broker.publish(a_slice(1, 2))
        assert one.broker.illness == "not connected"
        await asyncio.to_thread(stack.start, "broker")
        await until(lambda: one.broker.illness is None and other.broker.illness is None)
        await comes(one, 2)
        other.broker.beacon([(LOG, 3)])
        await until(lambda: [(LOG, 3)] in [list(map(tuple, each)) for each in one.beacons])
        other.broker.signal(LOG, 4)
        await until(lambda: (LOG, 4) in one.signals)
        assert one.changes >= 2


async def test_one_that_stands_still_is_not_trusted(open_stack: OpenStack) -> None:
    """SIGSTOP: without a word nothing is taken to come; publishing fails in bounded time."""
    stack = open_stack("broker")
    async with node(stack.urls["broker"]) as one:
        one.broker.beacon([])
        await until(lambda: one.broker.reaches_all)
        stack.pause("broker")
        await until(lambda: not one.broker.reaches_all)
        async with asyncio.timeout(5):
            with pytest.raises(BrokerAway):
                await one.broker.publish(a_slice(0, 1))
            await one.broker.follow(UUID(int=9), "nine")
        stack.resume("broker")
        await comes(one, 1)


async def test_following_waits_for_nothing_while_it_is_away(open_stack: OpenStack) -> None:
    """A hello is answered at once; what was wished for is bound when it is back."""
    stack = open_stack("broker")
    async with node(stack.urls["broker"]) as one:
        await asyncio.to_thread(stack.kill, "broker")
        await until(lambda: not one.broker.reaches_all)
        other = UUID(int=2)
        async with asyncio.timeout(0.1):
            await one.broker.follow(other, "two")
        await asyncio.to_thread(stack.start, "broker")
        await until(lambda: one.broker.illness is None)

        assert not one.broker.reaches_all, "it is connected, and no relay has spoken yet"
        one.broker.beacon([])
        await until(lambda: one.broker.reaches_all)
        await one.broker.publish(StoredSlice(other, "two", 0, 0, ()))
        await until(lambda: any(each.log == other for each in one.slices))


async def test_whoever_follows_while_it_begins_is_bound_with_the_rest(
    open_stack: OpenStack, caplog: pytest.LogCaptureFixture
) -> None:
    """The new connection is not given up for it, at whichever moment it comes."""
    stack = open_stack("broker")
    async with node(stack.urls["broker"]) as one:
        await asyncio.to_thread(stack.kill, "broker")
        await until(lambda: one.broker.illness is not None)
        caplog.clear()
        starting = asyncio.create_task(asyncio.to_thread(stack.start, "broker"))
        logs = [UUID(int=100 + n) for n in range(1000)]
        for log in logs:
            if one.broker.illness is None:
                break
            await one.broker.follow(log, f"tenant-{log.int}")
            await asyncio.sleep(0.001 if starting.done() else 0.02)
        await starting
        await until(lambda: one.broker.illness is None)
        assert "is given up" not in caplog.text
        async with asyncio.timeout(PATIENCE_S):
            while not one.broker.reaches_all:  # to bind them all may take longer than its trust
                one.broker.beacon([])
                await asyncio.sleep(0.1)


async def test_only_relays_make_it_trusted(broker_url: str) -> None:
    """With the relays dead, what nodes tell each other does not hide that no slices come."""
    async with node(broker_url) as one, node(broker_url, "two") as two:
        two.broker.beacon([])
        await until(lambda: one.broker.reaches_all)
        async with asyncio.timeout(10):
            while one.broker.reaches_all:
                two.broker.pass_on(Typing(LOG, "visitor", "ada", "talk", on=True))
                two.broker.signal(LOG, 7)
                await asyncio.sleep(0.05)
        assert len(one.passing) > 10


@pytest.mark.parametrize("what", ["node", "waking"])
async def test_a_queue_that_is_deleted_comes_back(broker_url: str, what: str) -> None:
    """Its consumer gets no word of it, and is there again all the same.

    RabbitMQ lets only the connection that owns such a queue delete it, so that does it.
    """
    async with node(broker_url) as one:
        assert one.broker._consumer is not None
        channel = one.broker._consumer._channel
        assert channel is not None
        await channel.queue_delete(f"parley.{what}.node.1")
        await until(lambda: one.changes >= 3)
        await comes(one, 0)
        async with node(broker_url, "other") as other:
            other.broker.signal(LOG, 4)
            await until(lambda: (LOG, 4) in one.signals)


async def test_what_cannot_be_read_is_done_with(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Garbage and a slice that lies about its range are alarmed and never come again."""
    async with node(broker_url) as one, await aio_pika.connect(broker_url) as connection:
        exchange = await topology.log_exchange(await connection.channel())
        lie = replace_range(a_slice(0, 3), 0, 9)
        for body in (b"", b"\xc1\xff", codec.encode(lie)):
            await exchange.publish(aio_pika.Message(body), "one")
        await comes(one, 7)
    assert [each.upto for each in one.slices] == [8]
    assert caplog.text.count("cannot be read") == 3


def replace_range(committed: StoredSlice, after: int, upto: int) -> StoredSlice:
    """A slice that says that it is another range."""
    return StoredSlice(committed.log, committed.tenant, after, upto, committed.events)


async def test_a_full_queue_drops_the_oldest(broker_url: str) -> None:
    """A node that takes nothing fills no broker; what it missed is seen by position."""
    gate = asyncio.Event()

    async def slowly(*_: object) -> None:
        await gate.wait()

    async with node(broker_url, settings=replace(QUICK, queue_messages=5, prefetch=1)) as one:
        one.ends[0]()
        one.broker.on_slice(slowly)
        late = Process(one.broker)
        for n in range(40):
            await one.broker.publish(a_slice(n, n + 1))
        gate.set()
        await until(lambda: bool(late.slices) and late.slices[-1].upto == 40)
    assert len(late.slices) < 15


async def test_slices_are_persistent_and_say_what_they_are(broker_url: str) -> None:
    """What a stranger sees who binds a queue of its own: exchange, key, headers, type."""
    async with node(broker_url) as one, await aio_pika.connect(broker_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(await topology.log_exchange(channel), "#")
        await one.broker.publish(a_slice(4, 6))
        message = await queue.get(timeout=5)
    assert (message.exchange, message.routing_key) == ("parley.log", "one")
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.content_type == "application/msgpack"
    assert message.headers == {"parley-tenant": "one", "parley-after": 4, "parley-upto": 6}
    assert quote("parley.log") == "parley.log"


async def test_a_wrong_password_is_said_and_tried_again(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The process lives, is told to be ill, and logs no password."""
    parts = urlsplit(broker_url)
    wrong = broker_url.replace(parts.password or "", "wrong-one")
    broker = RabbitBroker(wrong, "node", SystemClock(), QUICK)
    broker.on_beacon(lambda heads: None)
    running = asyncio.create_task(broker.run())
    await until(lambda: "RabbitMQ is away" in caplog.text)
    await asyncio.sleep(0.5)
    assert broker.illness == "not connected"
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "wrong-one" not in caplog.text

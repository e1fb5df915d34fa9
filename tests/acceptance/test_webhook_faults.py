"""Webhooks at full size: processes killed, stopped and ended, queues emptied, RabbitMQ gone.

One process serves and projects, two send; all over a PostgreSQL and a RabbitMQ. Only the one that a
test harms is its own: of those that all tests share it has an empty database and virtual host.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator

import aio_pika
import psutil
import pytest

from brokers.rabbitmq.work_queue import DEAD_QUEUE, NAME
from tests.fixtures.receiver import Behaviour, Decide, Received, Receiver, receiving
from tests.fixtures.server import Server, data_directory
from tests.fixtures.stack import OpenStack, OwnStack
from tests.fixtures.telling import LOOPBACK, Talk, add_hook, once, told, until_told

LEASE_S = 8


class Sending:
    """The processes. ``senders`` send what the ``projector`` makes due, ``front`` does the rest.

    Where nothing else is asked for, the projector is the front.
    """

    def __init__(
        self, front: Server, projector: Server, senders: list[Server], broker_url: str
    ) -> None:
        self.front = front
        self.projector = projector
        self.senders = senders
        self.broker_url = broker_url

    def asking(self, receiver: Receiver) -> Server:
        """The one sender that has a request on its way."""
        (found,) = (each for each in self.senders if receiver.port in _peers(each))
        return found


def _peers(server: Server) -> set[int]:
    """The ports that a process is connected to."""
    assert server.process is not None
    connections = psutil.Process(server.process.pid).net_connections("tcp4")
    return {each.raddr.port for each in connections if each.status == psutil.CONN_ESTABLISHED}


@pytest.fixture
def harmed(open_stack: OpenStack, request: pytest.FixtureRequest) -> OwnStack:
    """The server that a test harms, and nobody else has."""
    return open_stack(request.param)


@pytest.fixture
def urls(
    empty_postgres_url: str, broker_url: str, request: pytest.FixtureRequest
) -> dict[str, str]:
    """Where the servers are that the processes stand on."""
    urls = {"database": empty_postgres_url, "broker": broker_url}
    if "harmed" in request.fixturenames:
        own: OwnStack = request.getfixturevalue("harmed")
        urls |= own.urls
    return urls


@pytest.fixture
def sending(urls: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Sending]:
    """Running; a test may harm any of it. ``apart``: the projector is a process of its own."""
    apart = getattr(request, "param", "") == "apart"
    environment = LOOPBACK | {
        "PARLEY_DATABASE_URL": urls["database"],
        "PARLEY_BROKER_URL": urls["broker"],
        # What is counted here must not be repeated because the machine has too much to do.
        "PARLEY_WEBHOOKS_DEADLINE_S": "6",
        "PARLEY_WEBHOOKS_LEASE_S": str(LEASE_S),
    }
    with data_directory() as data:

        def server(name: str, roles: str) -> Server:
            return Server(data, None, roles=roles, name=name, **environment)

        serving = "visitor,agent,admin,relay"
        front = server("front", serving if apart else f"{serving},projector")
        projector = server("projector", "projector") if apart else front
        senders = [server(f"sender{n}", "webhooks") for n in range(2)]
        others = [projector, *senders] if apart else senders
        try:
            front.start()
            for each in others:
                each.start(wait=False)
            for each in others:
                each.wait_ready()
            yield Sending(front, projector, senders, urls["broker"])
        finally:
            for each in (*others, front):
                each.end()


def first_held() -> Decide:
    """A receiver that holds the very first request, and takes all others."""
    asked: list[Received] = []

    def decide(received: Received) -> Behaviour:
        asked.append(received)
        return "hold" if len(asked) == 1 else 200

    return decide


async def until_more(receiver: Receiver) -> None:
    """Wait until it has confirmed one more request."""
    before = len(receiver.done)
    await receiver.until(lambda: len(receiver.done) > before)


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


async def test_a_sender_that_ends_in_mid_request_hands_over(sending: Sending) -> None:
    """SIGTERM: what was on its way goes out again elsewhere at once, and not when a lease ends."""
    async with receiving(first_held()) as receiver:
        hook = await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(2)
        await receiver.until(lambda: sum(receiver.in_flight.values()) == 1)
        await asyncio.to_thread(sending.asking(receiver).stop)
        await until_told(receiver, talk)
        rows = await hook.until_settled(2)
    first, again, _ = receiver.received
    assert first.id == again.id
    assert again.at - first.at < LEASE_S - 1
    assert told(receiver.done, talk) == talk.texts
    assert [(row["state"], row["attempts"]) for row in rows] == [("delivered", 1)] * 2


async def test_a_sender_that_stands_still_is_overtaken(sending: Sending) -> None:
    """SIGSTOP: another one goes on when the lease has ended; what the first finds then is void."""
    async with receiving(first_held()) as receiver:
        hook = await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(2)
        await receiver.until(lambda: sum(receiver.in_flight.values()) == 1)
        still = sending.asking(receiver)
        assert still.process is not None
        still.process.send_signal(signal.SIGSTOP)
        try:
            await until_told(receiver, talk)
        finally:
            still.process.send_signal(signal.SIGCONT)
        receiver.release()
        await talk.say(3)
        await until_told(receiver, talk)
        rows = await hook.until_settled(5)
    assert receiver.received[0].id == receiver.received[1].id
    assert told(once(receiver.received), talk) == talk.texts
    assert {(row["state"], row["attempts"]) for row in rows} == {("delivered", 1)}


@pytest.mark.parametrize("sending", ["apart"], indirect=True)
async def test_the_projector_is_killed(sending: Sending) -> None:
    """Kill -9 in the middle of traffic that goes on: all of it is told, once, when it is back."""
    async with receiving() as receiver:
        hook = await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talks = [Talk(sending.front, f"visitor {n}") for n in range(3)]
        for _ in range(2):
            saying = asyncio.gather(*(talk.say(10) for talk in talks))
            await until_more(receiver)
            sending.projector.kill()
            await saying
            await asyncio.to_thread(sending.projector.start)
        await until_told(receiver, *talks)
        rows = await hook.until_settled(60)
    assert len(receiver.received) == len(rows) == 60
    for talk in talks:
        assert told(receiver.received, talk) == talk.texts


async def test_a_queue_emptied_and_deleted_by_hand(sending: Sending) -> None:
    """In the middle of traffic, again and again: nothing is lost, doubled or reordered."""
    stop = asyncio.Event()

    async def harm() -> None:
        connection = await aio_pika.connect_robust(sending.broker_url)
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


@pytest.mark.parametrize("harmed", ["broker"], indirect=True)
async def test_without_rabbitmq_webhooks_go_on(sending: Sending, harmed: OwnStack) -> None:
    """Killed in the middle: what is due is found by looking, within seconds, and once."""
    async with receiving() as receiver:
        await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(5)
        await until_told(receiver, talk)
        await asyncio.to_thread(harmed.kill, "broker")
        await talk.say(5)
        await until_told(receiver, talk, timeout_s=10.0)
        await asyncio.to_thread(harmed.start, "broker")
        await talk.say(5)
        await until_told(receiver, talk, timeout_s=10.0)
    assert told(receiver.received, talk) == talk.texts


@pytest.mark.parametrize("harmed", ["database"], indirect=True)
async def test_postgres_dies(sending: Sending, harmed: OwnStack) -> None:
    """Killed and started again in the middle: nothing is lost, and the order holds."""
    async with receiving() as receiver:
        await add_hook(sending.front, receiver.url, "--type", "message.posted")
        talk = Talk(sending.front, "visitor")
        await talk.say(5)
        await until_told(receiver, talk)
        receiver.decide = lambda _: "hold"
        await talk.say(3)
        await receiver.until(lambda: sum(receiver.in_flight.values()) == 1)
        await asyncio.to_thread(harmed.kill, "database")
        receiver.decide = lambda _: 200
        receiver.release()
        await asyncio.to_thread(harmed.start, "database")
        await asyncio.to_thread(sending.front.wait_ready)
        await talk.say(2)
        await until_told(receiver, talk)
    assert told(once(receiver.received), talk) == talk.texts

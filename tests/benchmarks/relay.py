"""The relay: events a second from a log that is there to RabbitMQ's confirms, and what rest costs.

The baseline of the same rounds publishes the same slices, made before, one confirmed after the
other: what RabbitMQ itself takes.
"""

from __future__ import annotations

import asyncio
import time

import aio_pika
import psutil
from aio_pika.abc import AbstractConnection

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.installation import prepare
from brokers.rabbitmq import topology
from brokers.rabbitmq.broker import RabbitBroker
from brokers.relay import Relay
from brokers.settings import BrokerSettings, RelaySettings
from domain.envelope import StoredSlice
from domain.event_types import REGISTRY
from ops.system import SystemClock, SystemIds
from tests.benchmarks.measuring import Options, Table, ratios, spread
from tests.benchmarks.nodes import own_stack
from tests.benchmarks.storing import message
from tests.fixtures.postgres import MASTERS, owner_of
from tests.fixtures.stack import OwnStack

EVENTS = 30_000
BATCH = 256
TENANTS = 5_000
REST_S = 10.0
PATIENCE_S = 120.0

IDS, CLOCK = SystemIds(), SystemClock()


async def relay(options: Options) -> Table:
    """A full log in turn with bare publishing; then the same relay beside idle tenants."""
    table = Table(
        f"relay: {EVENTS} events of one tenant in slices of {BATCH}, confirmed",
        ("", "events/s", "relay / this"),
    )
    async with own_stack() as stack:
        url = stack.urls["database"]
        await prepare(url, MASTERS)
        database = PostgresDatabase(url, masters=MASTERS, registry=REGISTRY, clock=CLOCK, ids=IDS)
        broker = Counting(stack.urls["broker"], "bench", CLOCK)
        running = asyncio.create_task(broker.run())
        listening = await _listening(stack.urls["broker"])
        slices = await _written(database)
        while broker.illness:  # noqa: ASYNC110  # another process's doing
            await asyncio.sleep(0.01)
        ours, bare = [], []
        for _ in range(options.rounds):
            ours.append(EVENTS / await _relayed(database, broker, url))
            bare.append(EVENTS / await _published(broker, slices))
        table.add("relay", spread(ours), "")
        table.add("bare publishing", spread(bare), ratios(ours, bare))
        table.add(f"at rest, {TENANTS} tenants", await _rest(database, broker, stack), "")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await listening.close()
        await database.close()
    return table


async def _listening(url: str) -> AbstractConnection:
    """A queue as a node has it, bound to everything, that takes what it can hold."""
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    queue = await topology.own_queue(channel, "parley.node.bench", BrokerSettings())
    await queue.bind(await topology.log_exchange(channel), "#")
    return connection


async def _written(database: PostgresDatabase) -> list[StoredSlice]:
    """A log full of messages, and the slices that it makes."""
    log, visitors = IDS.uuid(), [IDS.uuid() for _ in range(BATCH)]
    await database.store.create_log(log, "full")
    for _ in range(0, EVENTS, BATCH):
        await database.store.append_batch(log, [message(each) for each in visitors])
    slices, after = [], 0
    while events := await database.outbox.read(log, after, BATCH):
        upto = events[-1].position
        slices.append(StoredSlice(log, "full", after, upto, tuple(events)))
        after = upto
    return slices


class Counting(RabbitBroker):
    """RabbitMQ, with a count of the events that it has confirmed."""

    confirmed = 0

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        await super().publish(committed, context)
        self.confirmed += len(committed.events)

    async def until(self, confirmed: int) -> None:
        """Wait until so many are."""
        async with asyncio.timeout(PATIENCE_S):
            while self.confirmed < confirmed:  # noqa: ASYNC110  # counted, not signalled
                await asyncio.sleep(0.002)


async def _relayed(database: PostgresDatabase, broker: Counting, url: str) -> float:
    """Seconds until a relay that begins at nothing has all confirmed."""
    async with owner_of(url) as owner:
        await owner.execute("DELETE FROM es.checkpoint WHERE projection = 'relay'")
    broker.confirmed = 0
    begin = time.perf_counter()
    working = asyncio.create_task(Relay(database.outbox, broker, CLOCK).run())
    await broker.until(EVENTS // BATCH * BATCH)
    seconds = time.perf_counter() - begin
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return seconds


async def _published(broker: RabbitBroker, slices: list[StoredSlice]) -> float:
    begin = time.perf_counter()
    for each in slices:
        await broker.publish(each)
    return time.perf_counter() - begin


async def _rest(database: PostgresDatabase, broker: Counting, stack: OwnStack) -> str:
    """What a relay works, in shares of a core, while many tenants are at rest."""
    async with owner_of(stack.urls["database"]) as owner:
        await owner.execute(
            "INSERT INTO es.log (id, tenant) SELECT gen_random_uuid(), 'idle ' || n"
            " FROM generate_series(1, $1::integer) AS n",
            TENANTS,
        )
    idle = [head.log for head in await database.store.heads() if not head.position]
    for log in idle:
        await database.store.append_batch(log, [message(IDS.uuid())])
    broker.confirmed = 0
    working = asyncio.create_task(Relay(database.outbox, broker, CLOCK).run())
    await broker.until(len(idle))
    await asyncio.sleep(RelaySettings().beacon_s + 2)  # until it has nothing in mind
    postmaster = psutil.Process(stack.pid("database"))
    before = _worked(psutil.Process()), _worked(postmaster, *postmaster.children())
    await asyncio.sleep(REST_S)
    after = _worked(psutil.Process()), _worked(postmaster, *postmaster.children())
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    own, servers = (b - a for a, b in zip(before, after, strict=True))
    return f"{own / REST_S:.2%} of a core, PostgreSQL {servers / REST_S:.2%}"


def _worked(*processes: psutil.Process) -> float:
    """Seconds that these have worked so far."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)

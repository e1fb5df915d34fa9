"""RabbitMQ as the broker: :class:`domain.broker.Broker` over two connections.

What this process signals or passes on, its own handlers hear at once and not from the broker.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from aio_pika.abc import AbstractIncomingMessage

from brokers import codec
from brokers.handlers import Subscriptions
from brokers.rabbitmq import topology
from brokers.rabbitmq.consumer import Consumer
from brokers.rabbitmq.publisher import Publisher
from brokers.settings import BrokerSettings
from domain import figures
from domain.breaker import NO_BREAKER, Breaker
from domain.broker import Heads
from domain.envelope import StoredSlice
from domain.passing import Passing
from domain.ports import Clock
from domain.telemetry import TRACEPARENT, Measures, Reading


class RabbitBroker(Subscriptions):
    """The broker. Handlers are subscribed before :meth:`run`: they say which queues are needed."""

    def __init__(
        self,
        url: str,
        instance: str,
        clock: Clock,
        settings: BrokerSettings | None = None,
        breaker: Breaker = NO_BREAKER,
    ) -> None:
        super().__init__()
        self._url = url
        self._instance = instance
        self._clock = clock
        self._settings = settings or BrokerSettings()
        self._publisher = Publisher(url, instance, clock, self._settings, breaker)
        self._consumer: Consumer | None = None

    async def run(self) -> None:
        """Keep the connections until cancelled."""
        self._consumer = Consumer(
            self._url,
            self._instance,
            node=self._take if self._slices or self._beacons or self._passing else None,
            waking=self._take if self._signals else None,
            changed=self._changes.call,
            clock=self._clock,
            settings=self._settings,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publisher.run())
            if self._consumer.needed:
                tasks.create_task(self._consumer.run())

    def be_seen(self, measures: Measures) -> None:
        """Let operators see whether the connections stand."""
        measures.read(figures.BROKER_CONNECTED, self._connected)

    def _connected(self) -> Reading:
        """Whether each connection stands; one that nobody needs here is not told of."""
        connected: dict[tuple[str, ...], float] = {("publish",): self._publisher.up}
        consumer = self._consumer
        if consumer is None or consumer.needed:
            connected["consume",] = consumer is not None and consumer.up
        return connected

    @property
    def illness(self) -> str | None:
        """What is wrong, in a few words; None when nothing is."""
        consumer = self._consumer
        if not self._publisher.up or consumer is None or (consumer.needed and not consumer.up):
            return "not connected"
        return None

    @property
    def reaches_all(self) -> bool:
        return self._consumer is not None and self._consumer.hears_all

    # --- sending ------------------------------------------------------------------------------

    async def publish(self, committed: StoredSlice, context: str | None = None) -> None:
        await self._publisher.publish(committed, context)

    def signal(self, log: UUID, head: int) -> None:
        self._signals.call([(log, head)])
        self._publisher.signal(log, head)

    def beacon(self, heads: Heads) -> None:
        self._publisher.beacon(heads)

    def pass_on(self, passing: Passing) -> None:
        self._passing.call(passing)
        self._publisher.pass_on(passing)

    # --- receiving ----------------------------------------------------------------------------

    async def follow(self, log: UUID, tenant: str) -> None:
        if self._consumer is not None:
            await self._consumer.follow(log, tenant)

    async def unfollow(self, log: UUID) -> None:
        if self._consumer is not None:
            await self._consumer.unfollow(log)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        """Give a message to whom it is for, by the routing key that it came with."""
        key = message.routing_key or ""
        if message.exchange == topology.LOG.name:
            context = message.headers.get(TRACEPARENT)
            committed = codec.decode_slice(message.body)
            await self._slices.call_each(committed, str(context) if context else None)
        elif key == topology.BEACON:
            self._beacons.call(codec.decode_heads(message.body))
        elif message.app_id == self._instance:
            return
        elif key == topology.GROWN:
            self._signals.call(codec.decode_heads(message.body))
        else:
            self._passing.call(codec.decode_passing(message.body))

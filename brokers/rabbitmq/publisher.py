"""The connection that only publishes: slices confirmed and in order, the rest just sent.

It is apart from the consumers' connection, since a broker that is short of memory stops reading
from connections that publish.
"""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

import msgspec
from aio_pika import Message
from aio_pika.abc import AbstractConnection, AbstractExchange

from brokers import codec
from brokers.rabbitmq import topology
from brokers.rabbitmq.link import Link
from brokers.rabbitmq.opening import as_broker_away
from brokers.settings import BrokerSettings
from domain.breaker import Breaker, PartAway
from domain.broker import Heads
from domain.envelope import StoredSlice
from domain.errors import BrokerAway
from domain.passing import Passing
from domain.ports import Clock
from domain.pulse import Pulse


class Publisher:
    """Publishes. ``instance`` names this process, so that it can tell what it sent itself."""

    def __init__(
        self, url: str, instance: str, clock: Clock, settings: BrokerSettings, breaker: Breaker
    ) -> None:
        self._instance = instance
        self._settings = settings
        self._breaker = breaker
        self._link = Link(
            url,
            "publishing",
            begin=self._begin,
            ended=self._ended,
            clock=clock,
            settings=settings,
        )
        self._log: AbstractExchange | None = None
        self._signals: AbstractExchange | None = None
        self._grown: dict[UUID, int] = {}
        self._beacon: Heads | None = None
        self._passing: deque[Passing] = deque(maxlen=settings.passing_waiting)
        self._pulse = Pulse(clock)

    @property
    def up(self) -> bool:
        """Whether the connection is there."""
        return self._link.up

    async def run(self) -> None:
        """Keep the connection, and send what waits, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run())
            tasks.create_task(self._send())

    async def _begin(self, connection: AbstractConnection) -> None:
        confirmed = await connection.channel(publisher_confirms=True)
        plain = await connection.channel(publisher_confirms=False)
        self._log = await topology.log_exchange(confirmed)
        self._signals = await topology.signals_exchange(plain)
        self._pulse.call()

    def _ended(self) -> None:
        self._log = self._signals = None

    # --- slices -------------------------------------------------------------------------------

    async def publish(self, committed: StoredSlice, context: str | None) -> None:
        """Publish a slice, and wait until the broker has it. Raises BrokerAway."""
        exchange = self._log
        if exchange is None:
            raise BrokerAway("RabbitMQ is away")
        try:
            with self._breaker.guard(), as_broker_away():
                await exchange.publish(
                    self._message_of(committed, context),
                    committed.tenant,
                    mandatory=False,  # that nobody follows a tenant is no failure
                    timeout=self._settings.confirm_timeout_s,
                )
        except PartAway as error:
            raise BrokerAway(str(error)) from None
        except BrokerAway as error:
            self._link.give_up(f"a slice was not confirmed ({error})")
            raise

    def _message_of(self, committed: StoredSlice, context: str | None) -> Message:
        headers = topology.SliceHeaders(committed.tenant, committed.after, committed.upto, context)
        return Message(
            codec.encode(committed),
            headers=msgspec.to_builtins(headers),
            content_type=codec.CONTENT_TYPE,
            delivery_mode=topology.LOG.delivery,
            type="slice",
            app_id=self._instance,
        )

    # --- what is just sent --------------------------------------------------------------------

    def signal(self, log: UUID, head: int) -> None:
        """Say that a log has grown; what waits is sent together."""
        self._grown[log] = max(head, self._grown.get(log, 0))
        self._pulse.call()

    def beacon(self, heads: Heads) -> None:
        """Send a beacon; one that still waits is out of date."""
        self._beacon = heads
        self._pulse.call()

    def pass_on(self, passing: Passing) -> None:
        """Send something passing."""
        self._passing.append(passing)
        self._pulse.call()

    async def _send(self) -> None:
        """Send what waits; while the broker is away it is dropped, for it would come too late."""
        while True:
            await self._pulse.wait(self._settings.amqp_heartbeat_s)
            try:
                with as_broker_away():
                    await self._send_all()
            except BrokerAway as error:
                self._link.give_up(f"a signal was not sent ({error})")

    async def _send_all(self) -> None:
        grown, self._grown = self._grown, {}
        beacon, self._beacon = self._beacon, None
        passing = list(self._passing)
        self._passing.clear()
        if grown:
            await self._plain(topology.GROWN, list(grown.items()))
        if beacon is not None:
            await self._plain(topology.BEACON, beacon)
        for each in passing:
            await self._plain(topology.passing_key(each.log), each)

    async def _plain(self, key: str, message: Heads | Passing) -> None:
        if self._signals is None:
            return
        body = Message(
            codec.encode(message),
            content_type=codec.CONTENT_TYPE,
            delivery_mode=topology.SIGNALS.delivery,
            type=key.partition(".")[0],
            app_id=self._instance,
        )
        await self._signals.publish(
            body, key, mandatory=False, timeout=self._settings.confirm_timeout_s
        )

"""The connection that only consumes: this process's own queues, each message in its turn.

A queue is exclusive and dies with the connection. What it lost, or dropped, is read from the store.
No message is ever put back: one that cannot be read is logged and done with.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
)

from brokers import codec
from brokers.rabbitmq import topology
from brokers.rabbitmq.link import Link
from brokers.rabbitmq.opening import as_broker_away
from brokers.settings import BrokerSettings
from domain.errors import BrokerAway
from domain.ports import Clock

_logger = logging.getLogger("parley.broker")

Take = Callable[[AbstractIncomingMessage], Awaitable[None]]
"""Takes a message; whatever it raises, the next one comes."""


class Consumer:
    """The queues ``node`` (slices, beacons, passing) and ``waking`` (signals), as far as wanted.

    ``node`` and ``waking`` take their messages, or are None where nobody is to be told;
    ``changed`` is called when all is there, at first and after every loss, and when it is lost.
    """

    def __init__(  # noqa: PLR0913  # by name, in one place
        self,
        url: str,
        instance: str,
        *,
        node: Take | None,
        waking: Take | None,
        changed: Callable[[], None],
        clock: Clock,
        settings: BrokerSettings,
    ) -> None:
        self._instance = instance
        self._takes = {"node": node, "waking": waking}
        self._changed = changed
        self._clock = clock
        self._settings = settings
        self._link = Link(
            url,
            "consuming",
            begin=self._begin,
            ended=self._ended,
            clock=clock,
            settings=settings,
        )
        self._wanted: dict[UUID, str] = {}
        self._bound: set[UUID] = set()
        self._channel: AbstractChannel | None = None
        self._queues: dict[str, AbstractQueue] = {}
        self._exchanges: tuple[AbstractExchange, AbstractExchange] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = float("-inf")
        self._begun = 0

    @property
    def hears_all(self) -> bool:
        """Whether everything that is followed is bound, and a relay was heard lately."""
        recent = self._clock.monotonic() - self._heard < self._settings.silence_s
        return self._link.up and recent and len(self._bound) == len(self._wanted)

    @property
    def needed(self) -> bool:
        """Whether anybody is to be told anything."""
        return any(self._takes.values())

    @property
    def up(self) -> bool:
        """Whether the connection is there."""
        return self._link.up

    async def run(self) -> None:
        """Keep the queues until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run())
            tasks.create_task(self._check())

    # --- begin and end ------------------------------------------------------------------------

    async def _begin(self, connection: AbstractConnection) -> None:
        channel = self._channel = await connection.channel()
        await channel.set_qos(prefetch_count=self._settings.prefetch)
        log = await topology.log_exchange(channel)
        signals = await topology.signals_exchange(channel)
        self._exchanges = (log, signals)
        self._begun += 1  # what is left of the queues before may still be locked
        for kind, take in self._takes.items():
            if take is not None:
                name = f"parley.{kind}.{self._instance}.{self._begun}"
                queue = await topology.own_queue(channel, name, self._settings)
                await queue.bind(signals, topology.BEACON if kind == "node" else topology.GROWN)
                self._queues[kind] = queue
                self._start(self._consume(queue, take))
        self._start(self._bind_all())

    async def _bind_all(self) -> None:
        """Bind what is followed, however much that is, and only then say that all is back."""
        try:
            with as_broker_away():
                for log, tenant in list(self._wanted.items()):
                    await self._bind(log, tenant)
        except BrokerAway as error:
            self._link.give_up(f"a tenant was not bound ({error})")
        else:
            self._changed()

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _ended(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._channel = self._exchanges = None
        self._queues.clear()
        self._bound.clear()
        self._heard = float("-inf")  # not trusted before a relay has spoken
        self._changed()

    # --- what is followed ---------------------------------------------------------------------

    async def follow(self, log: UUID, tenant: str) -> None:
        """Bind a log, or note that it is to be bound when the broker is back."""
        self._wanted[log] = tenant
        if log in self._bound or not self._link.up:
            return  # while all begins, this begins with it
        try:
            with as_broker_away():
                async with asyncio.timeout(self._settings.bind_timeout_s):
                    await self._bind(log, tenant)
        except BrokerAway as error:
            self._link.give_up(f"a tenant was not bound ({error})")

    async def unfollow(self, log: UUID) -> None:
        """Bind a log no more."""
        tenant = self._wanted.pop(log, None)
        self._bound.discard(log)
        if tenant is None or not self._link.up:
            return
        try:
            with as_broker_away():
                async with asyncio.timeout(self._settings.bind_timeout_s):
                    for exchange, key in self._keys(log, tenant):
                        await self._queues["node"].unbind(exchange, key)
        except BrokerAway as error:
            self._link.give_up(f"a tenant was not unbound ({error})")

    async def _bind(self, log: UUID, tenant: str) -> None:
        for exchange, key in self._keys(log, tenant):
            await self._queues["node"].bind(exchange, key)
        if log in self._wanted:
            self._bound.add(log)

    def _keys(self, log: UUID, tenant: str) -> list[tuple[AbstractExchange, str]]:
        assert self._exchanges is not None
        slices, signals = self._exchanges
        return [(slices, tenant), (signals, topology.passing_key(log))]

    # --- what comes ---------------------------------------------------------------------------

    async def _consume(self, queue: AbstractQueue, take: Take) -> None:
        reason = "nothing more comes"
        try:
            with as_broker_away():
                async with queue.iterator() as messages:
                    async for message in messages:
                        if topology.is_relays(message):
                            self._heard = self._clock.monotonic()
                        await self._take(message, take)
        except BrokerAway as error:
            reason = str(error)
        self._link.give_up(f"{queue.name} ended ({reason})")

    async def _take(self, message: AbstractIncomingMessage, take: Take) -> None:
        """Hand a message on, and be done with it whatever becomes of it."""
        try:
            await take(message)
        except codec.BadMessage as error:
            _logger.error(  # noqa: TRY400  # where it was raised says nothing
                "alarm: a message of RabbitMQ cannot be read: %s", error
            )
        except Exception:
            _logger.exception("a message of RabbitMQ could not be taken")
        await message.ack()

    async def _check(self) -> None:
        """See that our queues are there and have us as their consumer; else begin anew.

        A queue that somebody deletes takes its consumer along without a word that would reach us.
        """
        while True:
            await self._clock.sleep(self._settings.check_s)
            if not self._link.up or self._channel is None:
                continue
            try:
                with as_broker_away():
                    async with asyncio.timeout(self._settings.check_s):
                        await self._look()
            except BrokerAway as error:
                self._link.give_up(f"its queues cannot be seen ({error})")

    async def _look(self) -> None:
        assert self._channel is not None
        for queue in list(self._queues.values()):
            seen = await self._channel.declare_queue(queue.name, passive=True)
            if not seen.declaration_result.consumer_count:
                self._link.give_up(f"{queue.name} has lost its consumer")

"""Work over RabbitMQ with FastStream: :class:`brokers.work.Work` over two connections.

One that publishes and one that consumes are apart, since a broker that is short of memory stops
reading from connections that publish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, cast

from aio_pika import RobustChannel
from aio_pika.exceptions import DeliveryError
from aiormq import Channel
from pamqp.commands import Basic
from yarl import URL

from brokers.rabbitmq.work_queue import QUEUE, Task, consuming, publishing
from brokers.rabbitmq.work_side import Side
from brokers.settings import BrokerSettings
from brokers.work import Handler
from domain.errors import BrokerAway
from domain.ports import Clock
from domain.pulse import Pulse
from domain.webhooks.ports import Line

WINDOW = 64
"""Tasks on their way to the broker that are not confirmed yet."""


class RabbitWork:
    """Tasks through RabbitMQ. While it is away none is given: what is due is found by looking."""

    def __init__(self, url: str, clock: Clock, settings: BrokerSettings | None = None) -> None:
        self._settings = settings or BrokerSettings()
        self._clock = clock
        heartbeat = str(self._settings.amqp_heartbeat_s)
        self._url = str(URL(url).update_query(heartbeat=heartbeat))
        self._waiting: dict[Line, None] = {}
        self._pulse = Pulse(clock)
        self._giving = Side("giving tasks", self._giver, clock, self._settings)
        self._taking: Side | None = None
        self._handling: set[asyncio.Task[None]] = set()

    @property
    def illness(self) -> str | None:
        sides = [side for side in (self._giving, self._taking) if side is not None]
        return None if all(side.up for side in sides) else "not connected"

    def give(self, lines: Iterable[Line]) -> None:
        if not self._giving.up:
            return
        for line in lines:
            if len(self._waiting) < self._settings.work_waiting:
                self._waiting[line] = None
        self._pulse.call()

    async def run(self, handler: Handler | None) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._giving.run())
                if handler is not None:
                    self._taking = self._taking_with(handler)
                    tasks.create_task(self._taking.run())
        finally:
            for task in list(self._handling):
                task.cancel()
            await asyncio.gather(*self._handling, return_exceptions=True)

    def _taking_with(self, handler: Handler) -> Side:
        async def handle(line: Line) -> None:
            """Work a line off; the loss of the connection that it came by cuts nothing off."""
            task = asyncio.ensure_future(_awaited(handler(line)))
            self._handling.add(task)
            task.add_done_callback(self._handled)
            await asyncio.shield(task)

        return Side(
            "taking tasks",
            lambda: _Taker(self._url, handle, self._clock, self._settings),
            self._clock,
            self._settings,
        )

    def _handled(self, task: asyncio.Task[None]) -> None:
        self._handling.discard(task)
        if not task.cancelled():
            task.exception()  # whoever still waits for it has it

    def _giver(self) -> _Giver:
        self._waiting.clear()  # what a failure has interrupted is found by looking
        return _Giver(self._url, self._waiting, self._pulse, self._settings)


class _Giver:
    """The side that publishes what waits; a :class:`~brokers.rabbitmq.work_side.Connected`."""

    def __init__(
        self, url: str, waiting: dict[Line, None], pulse: Pulse, settings: BrokerSettings
    ) -> None:
        self._waiting = waiting
        self._pulse = pulse
        self._settings = settings
        self._lost = asyncio.Event()
        self.broker, self._publisher = publishing(url, self._on_lost, settings)

    def _on_lost(self, *_: object) -> None:
        self._lost.set()
        self._pulse.call()

    async def work(self) -> None:
        while not self._lost.is_set():
            lines = list(self._waiting)[:WINDOW]
            for line in lines:
                del self._waiting[line]
            await _all(self._publish(line) for line in lines)
            if not self._waiting:
                await self._pulse.wait(self._settings.check_s)
        raise BrokerAway("the connection broke")

    async def end(self) -> None:
        """Nothing is under way that would miss the connection."""

    async def _publish(self, line: Line) -> None:
        try:
            async with asyncio.timeout(self._settings.confirm_timeout_s):
                await self._publisher.publish(Task(line.log, line.webhook, line.stream))
        except DeliveryError as error:
            if isinstance(error.frame, Basic.Nack):
                return  # the queue is full: there is more to do than anybody can
            raise


class _Taker:
    """The side that consumes; a :class:`~brokers.rabbitmq.work_side.Connected`."""

    def __init__(self, url: str, handler: Handler, clock: Clock, settings: BrokerSettings) -> None:
        self._handler = handler
        self._clock = clock
        self._settings = settings
        self._lost = Pulse(clock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.broker, self._subscriber = consuming(url, self._take, self._on_lost, settings)

    def _on_lost(self, *_: object) -> None:
        self._lost.call()

    async def work(self) -> None:
        """See again and again that the queue is there and has us as its consumer.

        RabbitMQ tells when it lets a consumer go, and then the client forgets it. The number of
        consumers that it tells of a quorum queue is 0 for ever without its management plugin.
        """
        queue = await self.broker.declare_queue(QUEUE)  # the one that is consumed, as it is kept
        channel = cast("RobustChannel", queue.channel)
        while not await self._lost.wait(self._settings.check_s):
            async with asyncio.timeout(self._settings.check_s):
                await channel.declare_queue(QUEUE.name, passive=True, robust=False)
                ours = cast("Channel", await channel.get_underlay_channel()).consumers
            if not ours:
                raise BrokerAway("the queue has lost its consumer")
        raise BrokerAway("the connection broke")

    async def end(self) -> None:
        """Take no more. What is not acknowledged goes to somebody else, who finds it taken."""
        await self._subscriber.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, task: Task) -> None:
        running = asyncio.current_task()
        assert running is not None
        self._tasks.add(running)
        running.add_done_callback(self._tasks.discard)
        await self._handler(Line(task.tenant, task.webhook, task.stream))


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at once, wait for all, and raise the first failure."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome

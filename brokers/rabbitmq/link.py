"""A connection to RabbitMQ that is made anew whenever it is lost, with all that hangs on it.

The client library's own way of mending connections brings some consumers back and not others, and
notices no queue that was deleted. Here nothing is mended: what is lost in part is given up whole,
and begun again from nothing, which is the one way that is used at every start and so surely works.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aio_pika import Connection
from aio_pika.abc import AbstractConnection
from yarl import URL

from brokers.rabbitmq.opening import as_broker_away, closed, opened
from brokers.settings import BrokerSettings
from domain.ports import Clock

_logger = logging.getLogger("parley.broker")


class Link:
    """One connection. ``begin`` makes what hangs on it, ``ended`` is told that all that is gone."""

    def __init__(  # noqa: PLR0913  # by name, in one place
        self,
        url: str,
        name: str,
        *,
        begin: Callable[[AbstractConnection], Awaitable[None]],
        ended: Callable[[], None],
        clock: Clock,
        settings: BrokerSettings,
    ) -> None:
        self._url = URL(url).update_query(heartbeat=str(settings.amqp_heartbeat_s))
        self._name = name
        self._begin = begin
        self._ended = ended
        self._clock = clock
        self._settings = settings
        self._lost = asyncio.Event()
        self.up = False

    def give_up(self, reason: str) -> None:
        """Something on the connection is not as it should be: make it anew."""
        if self.up:
            _logger.warning("the connection %s is given up: %s", self._name, reason)
        self.up = False
        self._lost.set()

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        while True:
            connection = await opened(self._name, self._open, self._clock, self._settings)
            try:
                await self._lost.wait()
            finally:
                self.up = False
                self._ended()
                await closed(connection.close)
            await self._clock.sleep(self._settings.first_pause_s)

    async def _open(self) -> AbstractConnection:
        lost = self._lost = asyncio.Event()
        connection = Connection(
            self._url, client_properties={"connection_name": f"parley {self._name}"}
        )
        # What waits for its end is told of no end but an orderly one; this is told of each.
        connection.close_callbacks.add(lambda *_: lost.set())
        try:
            with as_broker_away():
                async with asyncio.timeout(self._settings.connect_timeout_s):
                    await connection.connect()
                    await self._begin(connection)
        except BaseException:
            self._ended()
            await closed(connection.close)
            raise
        self.up = True
        return connection

"""A connection to RabbitMQ that is made anew whenever it is lost, with all that hangs on it.

The client library's own way of mending connections brings some consumers back and not others, and
notices no queue that was deleted. Here nothing is mended: what is lost in part is given up whole,
and begun again from nothing, which is the one way that is used at every start and so surely works.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from aio_pika import Connection
from aio_pika.abc import AbstractConnection
from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential
from yarl import URL

from brokers.settings import BrokerSettings
from domain.errors import BrokerAway
from domain.ports import Clock

_logger = logging.getLogger("parley.broker")

CLOSE_S = 1.0
"""Seconds that a connection may take to close; a broker that stands still would never answer."""


@contextmanager
def as_broker_away() -> Iterator[None]:
    """Whatever the client library raises means that the connection is of no more use.

    It raises its own errors and bare ones; and where a connection breaks, it cancels whoever waits
    for it, which must not be taken for a cancellation of ours.
    """
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BrokerAway("the connection broke") from None
    except BrokerAway:
        raise
    except Exception as error:
        raise BrokerAway(type(error).__name__) from error


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
            connection = await self._opened()
            _logger.info("connected: %s", self._name)
            try:
                await self._lost.wait()
            finally:
                self.up = False
                self._ended()
                await _close(connection)
            await self._clock.sleep(self._settings.first_pause_s)

    async def _opened(self) -> AbstractConnection:
        """Try until it is there; the first failure is logged."""
        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            wait=wait_random_exponential(
                multiplier=self._settings.first_pause_s, max=self._settings.longest_pause_s
            ),
            before_sleep=self._say_once,
        )
        async for attempt in retrying:
            with attempt:
                async with asyncio.timeout(self._settings.connect_timeout_s):
                    return await self._open()
        raise AssertionError("tenacity tries for ever")

    async def _open(self) -> AbstractConnection:
        lost = self._lost = asyncio.Event()
        connection = Connection(
            self._url, client_properties={"connection_name": f"parley {self._name}"}
        )
        # What waits for its end is told of no end but an orderly one; this is told of each.
        connection.close_callbacks.add(lambda *_: lost.set())
        try:
            with as_broker_away():
                await connection.connect()
                await self._begin(connection)
        except BaseException:
            self._ended()
            await _close(connection)
            raise
        self.up = True
        return connection

    def _say_once(self, retry: RetryCallState) -> None:
        if retry.attempt_number == 1:
            error = retry.outcome.exception() if retry.outcome else None
            reason = str(error) or type(error).__name__
            _logger.warning("RabbitMQ is away (%s, %s); it is tried again", self._name, reason)


async def _close(connection: AbstractConnection) -> None:
    with suppress(Exception):  # it is gone, whatever it says
        async with asyncio.timeout(CLOSE_S):
            await connection.close()

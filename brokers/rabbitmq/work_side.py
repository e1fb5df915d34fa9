"""One connection of the work queue, looked after: whatever is amiss, it is made anew from nothing.

FastStream leaves mending to the client library, which brings some consumers back and not others.
So that is put to sleep here, and what is lost in part is given up whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from faststream.rabbit import RabbitBroker

from brokers.rabbitmq.opening import as_broker_away, closed, opened
from brokers.rabbitmq.work_queue import declare, delete
from brokers.settings import BrokerSettings
from domain.errors import BrokerAway
from domain.ports import Clock

STUCK_TRIES = 2
"""How often a queue may let nobody consume. One that was declared just before RabbitMQ was killed
never does again: it is known, and nobody leads it. Nothing is lost with it."""

DELETE_S = 15.0
"""Seconds to delete such a queue; RabbitMQ itself waits 5 s for a leader first."""

_logger = logging.getLogger("parley.work")


class Connected(Protocol):
    """What hangs on one connection."""

    @property
    def broker(self) -> RabbitBroker:
        """The connection, FastStream's."""

    async def work(self) -> None:
        """Do what it is for, until something is amiss; raises whatever that is."""

    async def end(self) -> None:
        """Leave in good order, before the connection is closed."""


class Side:
    """Keeps a connection. ``make`` makes one that is not open; ``up``: it is there."""

    def __init__(
        self, name: str, make: Callable[[], Connected], clock: Clock, settings: BrokerSettings
    ) -> None:
        self._name = name
        self._make = make
        self._clock = clock
        self._settings = settings
        self._stuck = 0
        self.up = False

    async def run(self) -> None:
        """Keep it until cancelled."""
        while True:
            made = await opened(self._name, self._open, self._clock, self._settings)
            self.up = True
            try:
                with as_broker_away():
                    await made.work()
            except BrokerAway as error:
                _logger.warning("%s is given up: %s", self._name, error)
            finally:
                self.up = False
                await _close(made)
            await self._clock.sleep(self._settings.first_pause_s)

    async def _open(self) -> Connected:
        made = self._make()
        try:
            with as_broker_away():
                async with asyncio.timeout(self._settings.connect_timeout_s):
                    await made.broker.connect()
                    await declare(made.broker)
                await self._start(made)
        except BaseException:
            await _close(made)
            raise
        return made

    async def _start(self, made: Connected) -> None:
        """Begin to consume. A queue that lets nobody, again and again, is thrown away."""
        try:
            async with asyncio.timeout(self._settings.connect_timeout_s):
                await made.broker.start()
        except TimeoutError:
            self._stuck += 1
            if self._stuck >= STUCK_TRIES:
                _logger.warning("the queue of tasks is stuck, and is made anew")
                async with asyncio.timeout(DELETE_S):
                    await delete(made.broker)
            raise
        self._stuck = 0


async def _close(made: Connected) -> None:
    await closed(made.end)
    await closed(made.broker.stop)

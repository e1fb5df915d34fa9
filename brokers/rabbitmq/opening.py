"""How connections to RabbitMQ are opened and closed: tried for ever, and not waited for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential

from brokers.settings import BrokerSettings
from domain.errors import BrokerAway
from domain.ports import Clock

_logger = logging.getLogger("parley.broker")

CLOSE_S = 1.0
"""Seconds that a connection may take to close; a broker that stands still would never answer."""

T = TypeVar("T")


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


async def opened(
    name: str, open_one: Callable[[], Awaitable[T]], clock: Clock, settings: BrokerSettings
) -> T:
    """What ``open_one`` opens, tried until it is there; the first failure is logged."""

    def say_once(retry: RetryCallState) -> None:
        if retry.attempt_number == 1:
            error = retry.outcome.exception() if retry.outcome else None
            reason = str(error) or type(error).__name__
            _logger.warning("RabbitMQ is away (%s, %s); it is tried again", name, reason)

    retrying = AsyncRetrying(
        sleep=clock.sleep,
        wait=wait_random_exponential(
            multiplier=settings.first_pause_s, max=settings.longest_pause_s
        ),
        before_sleep=say_once,
    )
    async for attempt in retrying:
        with attempt:
            found = await open_one()
            _logger.info("connected: %s", name)
            return found
    raise AssertionError("tenacity tries for ever")


async def closed(close: Callable[[], Awaitable[None]]) -> None:
    """Close something, for a moment at most. It is gone, whatever it says."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await close()

"""Asking the store again while it is away: bounded, and only what may be asked twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
)

from adapters.eventsourcing_bridge.opened import OpenLog
from domain.errors import StoreUnavailable

Answer = TypeVar("Answer")

ATTEMPTS = 10
"""With pauses of up to 2 s about 10 s: PostgreSQL restarts in less."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


async def patiently(log: OpenLog, ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer, asked for until it comes. Raises the last StoreUnavailable."""

    def pause(retry: RetryCallState) -> float:
        span = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * (1 << retry.attempt_number))
        return span * (1 + log.ids.uniform()) / 2

    retrying = AsyncRetrying(
        sleep=log.clock.sleep,
        wait=pause,
        stop=stop_after_attempt(ATTEMPTS),
        retry=retry_if_exception_type(StoreUnavailable),
        reraise=True,
    )
    async for attempt in retrying:
        with attempt:
            return await ask()
    raise AssertionError("tenacity raises the last error")

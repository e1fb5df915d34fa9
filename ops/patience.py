"""A PostgreSQL that is not there yet, waited for at the start of a process that is kept.

Such a process would only be started again, each time after a longer pause; one that waits is there
as soon as PostgreSQL is. Whoever starts a process by hand is told at once instead.
"""

from __future__ import annotations

import logging

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_fixed,
)

from adapters.postgres.migrations import owner
from domain.errors import StoreUnavailable

_logger = logging.getLogger("parley.core")

TRY_S = 0.5
"""Seconds between two tries."""

REFUSED = "SQLSTATE 28"
"""What is said of a login that is wrong: no waiting mends that."""


async def until_there(url: str, patience_s: float) -> None:
    """Wait until PostgreSQL lets us in. Raises StoreUnavailable, CannotStart.

    StoreUnavailable when that takes longer, or when it does not know us.
    """
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_is_away),
        stop=stop_after_delay(patience_s),
        wait=wait_fixed(TRY_S),
        before_sleep=_say_once,
        reraise=True,
    ):
        with attempt:
            async with owner(url):
                return


def _is_away(error: BaseException) -> bool:
    return isinstance(error, StoreUnavailable) and REFUSED not in str(error)


def _say_once(retry: RetryCallState) -> None:
    if retry.attempt_number == 1:
        error = retry.outcome.exception() if retry.outcome else None
        _logger.warning("PostgreSQL is away (%s); the start waits for it", error)

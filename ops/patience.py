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
"""What is said of a login that is wrong."""

UNKNOWN = "SQLSTATE 3D"
"""What is said of a database that is not there."""


async def until_there(url: str, patience_s: float) -> None:
    """Wait until PostgreSQL lets us in. Raises StoreUnavailable, CannotStart.

    StoreUnavailable when that takes longer, or at once where no waiting mends it.
    """
    try:
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
    except StoreUnavailable as error:
        if _is_away(error):
            _logger.error("alarm: PostgreSQL has not come in %g s", patience_s)  # noqa: TRY400  # it is raised, too
        raise


def _is_away(error: BaseException) -> bool:
    return isinstance(error, StoreUnavailable) and not any(
        word in str(error) for word in (REFUSED, UNKNOWN)
    )


def _say_once(retry: RetryCallState) -> None:
    if retry.attempt_number == 1:
        error = retry.outcome.exception() if retry.outcome else None
        _logger.warning("PostgreSQL is away (%s); the start waits for it", error)

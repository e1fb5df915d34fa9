"""A PostgreSQL that is not there, waited for where somebody is served by that.

At the start of a process that is kept: it would only be started again, each time after a longer
pause, and one that waits is there as soon as PostgreSQL is. Whoever starts a process by hand is
told at once instead. And in the midst of a long job, which goes on where it was.
"""

from __future__ import annotations

import logging

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
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


TRIES = 5
"""How often a long job is gone on with when PostgreSQL does not answer: an hour's work shall not
end by one statement that found the machine too busy."""

FIRST_WAIT_S = 0.25
"""Seconds before the second try; each wait is twice the one before."""


def insisting(tries: int = TRIES) -> AsyncRetrying:
    """Tries of something that goes on where it was. The last StoreUnavailable is raised."""
    return AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailable),
        stop=stop_after_attempt(tries),
        wait=wait_exponential(FIRST_WAIT_S),
        reraise=True,
    )


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

"""What a failure of PostgreSQL means to those above: come again, or never.

The one place that reads SQLSTATEs. A failure that is not known to be the batch's own fault counts
as the store's, since trying again is safe: ids guard it. Texts of the client and of the server may
quote what people wrote, so none of them goes on from here, be it as the cause of another error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from domain.errors import BatchRefused, ParleyError, StoreError, StoreUnavailable, TookTooLong

REFUSED_CLASSES = frozenset(
    {
        "0A",  # feature not supported
        "21",  # cardinality violation
        "22",  # data exception: a NUL in a text, a number out of range
        "23",  # integrity constraint violation
        "42",  # syntax error, access rule violation
        "44",  # WITH CHECK OPTION violation
        "54",  # program limit exceeded: an index row too large
        "P0",  # raised by our own functions: there is no such log
    }
)
"""SQLSTATE classes of failures that would come again: the statement or its values are at fault."""

OUR_WORDS = frozenset({"P0002", "23001", "55000"})
"""SQLSTATEs under which our own functions speak, in words that quote nobody."""


class CannotStart(ParleyError):
    """The database is not one that this program may work with. The message is one sentence."""


LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
"""A statement was ended: by its own limit of time, or by an operator."""


class LockTaken(StoreUnavailable):
    """The lock of a tenant's log was not given in time; others may be served meanwhile."""


def is_refusal(sqlstate: str | None) -> bool:
    """Whether a failure of this SQLSTATE is the statement's own and would come again."""
    return sqlstate is not None and sqlstate[:2] in REFUSED_CLASSES


def translate(error: Exception) -> StoreError:
    """The domain's error for a failure of the client library, the server or the network.

    The text names the kind of failure: PostgreSQL's own may quote what people wrote.
    """
    if isinstance(error, asyncpg.PostgresError):
        words = _words(error)
        if error.sqlstate == LOCK_NOT_AVAILABLE:
            return LockTaken(words)
        if error.sqlstate == QUERY_CANCELED:
            return TookTooLong(words)
        return BatchRefused(words) if is_refusal(error.sqlstate) else StoreUnavailable(words)
    if isinstance(error, asyncpg.DataError | UnicodeEncodeError):
        return BatchRefused(f"{type(error).__name__}: a value that PostgreSQL cannot take")
    return StoreUnavailable(type(error).__name__)


def _words(error: asyncpg.PostgresError) -> str:
    """What PostgreSQL found, in names of its own and of our schema."""
    # str(error) would have the server's DETAIL in it, which quotes rows.
    words = str(error.args[0]) if error.sqlstate in OUR_WORDS else type(error).__name__
    constraint = getattr(error, "constraint_name", None)
    where = f" on {constraint}" if constraint else ""
    return f"{words}{where} (SQLSTATE {error.sqlstate})"


@contextmanager
def translated() -> Iterator[None]:
    """Raise failures of the store as :class:`StoreUnavailable` or :class:`BatchRefused`."""
    try:
        yield
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,  # TimeoutError is one
        UnicodeEncodeError,
    ) as error:
        raise translate(error) from None  # its text, and its cause's, would be logged with it

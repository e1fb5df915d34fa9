"""Parley's errors as the library's, which its applications know how to treat.

::

    PersistenceError
    └── DatabaseError
        ├── OperationalError   StoreUnavailable: come again, the outcome may be unknown
        ├── DataError          BatchRefused, EventDamaged: these values will never do
        ├── NotSupportedError  UnknownEvent: this program is too old for the log
        └── IntegrityError     an expectation does not hold: raised where that is judged
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    NotSupportedError,
    OperationalError,
)

from domain.errors import (
    BatchRefused,
    EventDamaged,
    ParleyError,
    StoreUnavailable,
    UnknownEvent,
)

_KINDS: tuple[tuple[type[ParleyError], type[DatabaseError]], ...] = (
    (StoreUnavailable, OperationalError),
    (BatchRefused, DataError),
    (EventDamaged, DataError),
    (UnknownEvent, NotSupportedError),
    (ParleyError, DatabaseError),
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise Parley's errors as the library's."""
    try:
        yield
    except ParleyError as error:
        kind = next(theirs for ours, theirs in _KINDS if isinstance(error, ours))
        raise kind(str(error)) from error

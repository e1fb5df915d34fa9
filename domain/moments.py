"""Moments of a log's past: how one is asked for, and what stood in the log by then.

A moment is a position. A time names the last event that was recorded by it, and since recorded
times only grow, every time names exactly one. What is shown of a moment is what the log had said
by then, as far as it can be read today: what was erased since is erased there too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec
from msgspec import Struct

from domain.envelope import mark, time_of
from domain.errors import Refused

MAX_POSITION = 2**53
"""The largest position that a client can name: what every JSON parser keeps exact."""

_EPOCH = time_of(0)
_MICROSECOND = timedelta(microseconds=1)
_DIGITS = 16
"""Digits of the largest position."""

_DATE = len("2026-01-31")


class Asked(Struct, frozen=True):
    """A moment as it is asked for: a ``position``, or else a time in microseconds since 1970."""

    position: int | None = None
    recorded_at: int | None = None


class Moment(Struct, frozen=True):
    """A moment of a log: ``position`` is its last event by then, 0 before the first.

    ``recorded_at`` is that event's time in microseconds since 1970, None before the first, and
    ``hash`` its chain hash. ``head`` is the log's last position now, ``version`` that of the asked
    stream then (0: it had no event, or none was asked for).
    """

    position: int
    recorded_at: int | None
    hash: bytes
    head: int
    version: int = 0

    @property
    def at(self) -> datetime | None:
        """``recorded_at`` as a time in UTC, exact to the microsecond."""
        return None if self.recorded_at is None else time_of(self.recorded_at)

    @property
    def mark(self) -> str:
        """The history's name at this moment."""
        return mark(self.hash)

    @property
    def latest(self) -> bool:
        """Whether nothing has happened since."""
        return self.position == self.head


def utc_text(at: datetime) -> str:
    """A time in UTC as text, as JSON has it: ``2026-11-22T10:00:00Z``."""
    return at.isoformat().replace("+00:00", "Z")


def asked(text: str) -> Asked:
    """What a client asks for: a position in digits, or a time as RFC 3339 has it, with its offset.

    Raises Refused ``bad_request`` for anything else.
    """
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= MAX_POSITION:
        return Asked(position=int(text))
    found = _time(text)
    if found is not None:
        return Asked(recorded_at=_microseconds(found))
    raise Refused(
        "bad_request",
        "A moment (at) is a position of the log, or a time as 2026-11-22T10:00:00Z.",
    )


def instant(text: str, zone: tzinfo) -> datetime:
    """What a text names, in UTC: a date, at whose beginning in the zone, or a time with its offset.

    Raises Refused ``bad_request`` for anything else.
    """
    try:
        found = _date(text, zone) if len(text) == _DATE else _time(text)
        if found is not None:
            return found.astimezone(UTC)
    except OverflowError:  # UTC has no such year
        pass
    raise Refused(
        "bad_request",
        f"{text!r} is neither a date such as 2026-01-31 nor a time such as"
        " 2026-01-31T09:00:00+01:00.",
    )


def between(
    since: str | None, until: str | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """From when and until when, in UTC, either None where it is open.

    Raises Refused ``bad_request`` where a text is no :func:`instant`, or they are in no order.
    """
    first = None if since is None else instant(since, zone)
    last = None if until is None else instant(until, zone)
    demand_order(first, last)
    return first, last


def demand_order(first: datetime | None, last: datetime | None) -> None:
    """Raises Refused ``bad_request`` where it ends before it has begun.

    An empty answer would look as if nothing had happened.
    """
    if first is not None and last is not None and last <= first:
        raise Refused("bad_request", f"It begins at {utc_text(first)}, and has to end after that.")


def _date(text: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.combine(msgspec.convert(text, date), time(), zone)
    except msgspec.ValidationError:
        return None


def before(time: datetime) -> Asked:
    """All that was recorded before a time."""
    return Asked(recorded_at=_microseconds(time) - 1)


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _time(text: str) -> datetime | None:
    """A time as RFC 3339 has it; None for anything else, and for one without its offset."""
    try:
        found = msgspec.convert(_with_plus(text), datetime)
    except msgspec.ValidationError:
        return None
    return None if found.tzinfo is None else found


def _with_plus(text: str) -> str:
    """The text with the plus sign of its offset, which an unescaped URL turns into a space."""
    head, space, offset = text.rpartition(" ")
    return f"{head}+{offset}" if space and "T" in head else text

"""Times in queries: RFC 3339, or a date, which begins when it begins where the tenant is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Annotated

from msgspec import Meta

from api.routing import Call
from domain import streams
from domain.errors import Refused
from domain.tenant.calendar import ALWAYS, calendar_of
from domain.tenant.state import Tenant

Time = Annotated[str, Meta(pattern=r"^[0-9TZtz:.+ \-]{10,40}$(?!\n)")]
"""A date or a time, as far as its characters say."""


async def zone_of(call: Call) -> tuple[str, tzinfo]:
    """The time zone of the caller's tenant, with its name."""
    entry = await call.deps.states.refresh(call.caller.log, streams.TENANT)
    tenant: Tenant = entry.state
    hours = tenant.hours or ALWAYS
    return hours.zone, calendar_of(hours).zone


def moment(text: str, zone: tzinfo) -> datetime:
    """The moment that a text names, in UTC. Raises :class:`Refused`.

    A plus sign in a query is a space unless it is written ``%2B``; it is taken for what was meant.
    """
    try:
        if len(text) == len("2026-11-27"):
            return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
        found = datetime.fromisoformat(text.replace(" ", "+").upper())
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("bad_request", f"{text!r} is neither a date nor a time with its offset.")

"""Times in queries: RFC 3339, or a date, which begins when it begins where the tenant is."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated

from msgspec import Meta

from api.routing import Call
from domain import streams
from domain.moments import between
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


async def bounds(
    call: Call, since: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    """What a query names as its beginning and its end, in UTC. Raises :class:`Refused`."""
    if since is None and until is None:
        return None, None
    _, zone = await zone_of(call)
    return between(since, until, zone)

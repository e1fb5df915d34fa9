"""``/v1/agents/{id}/times``: how an agent spent its days. For itself, admins, and servers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from api import throttle, times
from api.routing import GET, Call, Route
from domain import streams
from domain.errors import Refused
from domain.permissions import AGENT
from projections.agents.times import days_of, midnight

MAX_DAYS = 100
"""Days of one answer. 100: a quarter of a year."""

USUAL_DAYS = 7
"""Days of an answer to a question that names none."""

Text = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$(?!\n)")]
_DAY = timedelta(days=1)


class Asked(Struct, frozen=True):
    """Which days, as the tenant's calendar has them. ``to`` itself is not one of them.

    Without them the last seven, today included.
    """

    since: Text | None = msgspec.field(default=None, name="from")
    until: Text | None = msgspec.field(default=None, name="to")


class Spent(Struct, frozen=True):
    """One day: seconds in each status, messages sent, conversations taken or given."""

    day: date
    seconds: dict[str, float]
    messages: int
    conversations: int


class Times(Struct, frozen=True):
    """An agent's days, as of one position; what lasts is counted until now."""

    as_of: int
    mark: str
    agent: str
    zone: str
    since: date = msgspec.field(name="from")
    until: date = msgspec.field(name="to")
    days: list[Spent]


async def show_times(call: Call) -> Times:
    """How an agent spent its days."""
    await throttle.count_read(call.deps, call.caller)
    agent = call.id()
    await _check(call, agent)
    zone_name, zone = await times.zone_of(call)
    now = datetime.fromtimestamp(call.deps.clock.now(), UTC)
    since, until = _days(call.query, now.astimezone(zone).date())
    found = await call.deps.agents.times(
        call.caller.log, agent, midnight(since, zone), midnight(until, zone)
    )
    days = days_of(found.stretches, found.pieces, (since, until), zone, now)
    spent = msgspec.convert(days, list[Spent], from_attributes=True)
    return Times(found.as_of, found.mark, agent, zone_name, since, until, spent)


async def _check(call: Call, agent: str) -> None:
    """Refuse an agent that there never was, and to agents who are no admins all but themselves."""
    caller = call.caller
    hidden = caller.role == AGENT and not caller.is_admin and caller.actor.id != agent
    entry = await call.deps.states.refresh(caller.log, streams.agent(agent))
    if hidden or entry.version == 0:
        raise Refused("not_found", "There is no such agent.")


def _days(asked: Asked, today: date) -> tuple[date, date]:
    try:
        until = date.fromisoformat(asked.until) if asked.until else today + _DAY
        since = date.fromisoformat(asked.since) if asked.since else until - USUAL_DAYS * _DAY
    except (ValueError, OverflowError):
        raise Refused("bad_request", "A day is a date such as 2026-11-27.") from None
    if not 0 < (until - since).days <= MAX_DAYS:
        raise Refused("bad_request", f"These are 1 to {MAX_DAYS} days, from the first to the last.")
    if not date.min + 2 * _DAY <= since < until <= date.max - 2 * _DAY:
        raise Refused("bad_request", "No calendar goes that far.")
    return since, until


ROUTES = (
    Route(
        GET,
        "/v1/agents/{id}/times",
        show_times,
        "Show how an agent spent its days",
        query=Asked,
        answer=Times,
    ),
)

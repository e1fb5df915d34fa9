"""``/v1/audit``: who changed what and when, and who signed in from where; for admins.

What is told of each event is the read model's table; nothing is added here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from api import tables, throttle, times
from api.deps import AuditQuery
from api.routing import GET, Call, Route
from domain.envelope import Actor
from domain.moments import utc_text

Digits = Annotated[int, Meta(ge=1, le=2**53)]

NEXT = "Parley-Next"
"""The header of a CSV answer that has the cursor of what comes after it."""


class Asked(Struct, frozen=True):
    """Which lines. ``actor`` is an id: who did it, or the agent as whom it was done or tried.

    ``from`` and ``to`` are times or dates; ``to`` itself is not of it.
    """

    kind: Literal["change", "login"] | None = None
    actor: Annotated[str, Meta(pattern=r"^[!-~]{1,64}$(?!\n)")] | None = None
    since: times.Time | None = msgspec.field(default=None, name="from")
    until: times.Time | None = msgspec.field(default=None, name="to")
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Digits | None = None
    format: Literal["json", "csv"] = "json"


class Line(Struct, frozen=True):
    """One event. ``stream`` says what it is about, ``cause`` is the id of what brought it about.

    ``data`` is what is shown of it, and null where it was erased.
    """

    position: int
    at: datetime
    kind: str
    type: str
    actor: Actor
    stream: str
    cause: UUID | None
    data: dict[str, Any] | None


class Lines(Struct, frozen=True):
    """A part of the audit, the newest line first. ``next`` is the cursor of the part after it."""

    as_of: int
    mark: str
    items: list[Line]
    next: str | None


async def list_lines(call: Call) -> Struct | Response:
    """A part of the audit."""
    asked: Asked = call.query
    await throttle.count_read(call.deps, call.caller)
    bounds = await times.bounds(call, asked.since, asked.until)
    query = AuditQuery(asked.kind, asked.actor, *bounds)
    page = await call.deps.audit.page(call.caller.log, query, asked.limit, asked.cursor)
    items = [_line(each) for each in page.items]
    following = None if page.next is None else str(page.next)
    if asked.format == "csv":
        headers = {} if following is None else {NEXT: following}
        return tables.respond("audit", tables.text_of(HEADER, map(_cells, items)), headers)
    return Lines(page.as_of, page.mark, items, following)


def _line(found: Any) -> Line:
    label = found.label
    return Line(
        position=found.position,
        at=found.at,
        kind=found.kind,
        type=found.type,
        actor=Actor(found.role, found.actor, None if label is None else label.name),
        stream=found.stream,
        cause=found.cause,
        data=None if label is None else label.data,
    )


HEADER = ("position", "at", "kind", "type", "role", "actor", "name", "stream", "cause", "data")


def _cells(line: Line) -> Sequence[object]:
    data = None if line.data is None else msgspec.json.encode(line.data).decode()
    who = (line.actor.role, line.actor.id, line.actor.name)
    what = (line.position, utc_text(line.at), line.kind, line.type)
    return (*what, *who, line.stream, line.cause, data)


ROUTES = (
    Route(
        GET,
        "/v1/audit",
        list_lines,
        "List who changed what, and who signed in; also as CSV",
        query=Asked,
        answer=Lines,
    ),
)

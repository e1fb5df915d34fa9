"""``?at=``: a view, a range or a report as it was at a position of the log, or at a time.

Whoever may read something now may see how it was: its events, which are there to be read, tell the
same. Visitors see their own conversation as it is; they know no positions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from api.routing import Call
from domain import streams
from domain.errors import Refused
from domain.moments import Moment, asked
from domain.permissions import check_past

AtText = Annotated[
    str,
    Meta(
        max_length=40,
        description="A position of the log, or a time with its offset (RFC 3339).",
        examples=["4711", "2026-11-22T10:00:00Z"],
    ),
]
"""What a query gives as ``at``."""


class At(Struct, frozen=True):
    """The moment that an answer shows: the log's last event by then.

    ``time`` is that event's, null before the first. ``latest``: nothing came after it; so it is
    where a moment beyond the end was asked for, since that is shown as the present.
    """

    position: int
    time: datetime | None
    latest: bool


async def moment(call: Call, at: str, conversation: str | None = None) -> Moment:
    """The moment that is asked for; of a conversation, that there was one by then.

    Raises Refused: ``not_allowed`` for visitors, ``bad_request`` for what is no moment,
    ``not_found`` before the conversation began.
    """
    check_past(call.caller.role)
    stream = None if conversation is None else streams.conversation(conversation)
    found = await call.deps.store.moment(call.caller.log, asked(at), stream)
    if stream is not None and not found.version:
        raise Refused("not_found", "The conversation had not begun then.")
    return found


def shown(found: Moment) -> At:
    """The moment as an answer tells it."""
    return At(found.position, found.at, found.latest)

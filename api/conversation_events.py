"""``/v1/conversations/{id}/events``: the ranges of the socket, for those who pull.

The rule of continuity is the same: ``(after, upto]`` counts what the reader is not shown too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import encode as encode_json
from msgspec.structs import replace
from starlette.responses import Response

from api import moments, reading, throttle
from api.routing import GET, Call, Route, json
from domain import streams
from domain.envelope import Actor, RecordedEvent, mark
from domain.errors import Refused
from domain.moments import Moment
from domain.permissions import VISITOR
from domain.ports import StreamHead
from domain.visibility import Audience, encode, is_shown

PAGE = 200
MAX_PAGE = 1000


class RangeQuery(Struct, frozen=True):
    """From where, and how many versions at most.

    ``mark``: the one that came with ``after``; given back, it is noticed if the log is another.
    ``at``: as if nothing had happened since.
    """

    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = PAGE
    mark: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)")] | None = None
    at: moments.AtText | None = None


class Event(Struct, frozen=True):
    """An event as this reader sees it; ``position`` is for agents."""

    id: str
    type: str
    stream: str
    version: int
    at: datetime
    actor: Actor
    data: dict[str, Any] | None
    position: int | None = None
    erased: bool = False
    damaged: bool = False


class Range(Struct, frozen=True):
    """The events in ``(after, upto]`` that the reader is shown. ``head`` is the last version.

    ``at`` is there where it was asked how it was: ``head`` is the last version by then.
    """

    feed: str
    after: int
    upto: int
    mark: str
    events: list[Event]
    head: int
    at: moments.At | UnsetType = UNSET


async def read_range(call: Call) -> Response:
    """One range of a conversation."""
    conversation, query = call.id(), call.query
    assert isinstance(query, RangeQuery)
    await throttle.count_read(call.deps, call.caller)
    await reading.check(call, conversation)
    moment = None
    if query.at is not None:
        moment = await moments.moment(call, query.at, conversation)
    stream, log = streams.conversation(conversation), call.caller.log
    (head,) = await call.deps.store.stream_heads(log, [(stream, query.after)])
    limit = query.limit
    if moment is not None:
        head = replace(head, number=moment.version)
        limit = min(limit, moment.version - query.after)
    _check_offset(query, head)
    events = await call.deps.store.read_stream(log, stream, query.after, limit)
    audience = Audience.VISITOR if call.caller.role == VISITOR else Audience.AGENT
    return json(_range(f"conversation:{conversation}", query, head, events, audience, moment))


def _check_offset(query: RangeQuery, head: StreamHead) -> None:
    """Refuse an offset of another history, for the reasons of the socket's ``reset``."""
    if query.after > head.number:
        raise Refused("ahead")
    if query.mark is None or query.after == 0 or head.asked is None:
        return
    if mark(head.asked) != query.mark:
        raise Refused("history")


def _range(  # noqa: PLR0913, PLR0917  # all that an answer is made of
    feed: str,
    query: RangeQuery,
    head: StreamHead,
    events: list[RecordedEvent],
    audience: Audience,
    moment: Moment | None,
) -> bytes:
    """The answer's bytes; each event's are those that sockets get."""
    upto = events[-1].version if events else query.after
    here = events[-1].mark if events else mark(head.asked or head.hash)
    shown = b",".join(encode(event, audience) for event in events if is_shown(event, audience))
    opening = f'{{"feed":"{feed}","after":{query.after},"upto":{upto},"mark":"{here}","events":['
    at = b"" if moment is None else b',"at":' + encode_json(moments.shown(moment))
    return opening.encode() + shown + f'],"head":{max(head.number, upto)}'.encode() + at + b"}"


ROUTES = (
    Route(
        GET,
        "/v1/conversations/{id}/events",
        read_range,
        "Read a range of a conversation's events",
        query=RangeQuery,
        answer=Range,
        cross_origin=True,
    ),
)

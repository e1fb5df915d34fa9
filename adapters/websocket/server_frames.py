"""The form of each frame that the server sends: types, for documents and whoever checks what came.

What is sent is written by ``adapters.websocket.frames``, for speed, and never goes through here.
The tests hold each frame that any of their clients gets to its form.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from domain.envelope import MARK_BYTES, Actor
from domain.errors import CODES
from domain.event_forms import event_forms
from domain.visibility import Audience

Offset = Annotated[int, Meta(ge=0)]
Mark = Annotated[str, Meta(pattern=rf"^[0-9a-f]{{{2 * MARK_BYTES}}}$")]
Feed = Annotated[str, Meta(pattern=r"^(inbox|conversation:[0-9a-f-]{36})$")]
Code = Annotated[str, Meta(extra_json_schema={"enum": list(CODES)})]


class Who(Struct, frozen=True):
    """Somebody, without the name."""

    role: Literal["visitor", "agent"]
    id: str


class Welcome(Struct, frozen=True, tag_field="op", tag="welcome"):
    """The token was good.

    ``feeds`` has the last number of each feed that is followed from now on; ``epoch`` names the
    whole history. The server pings every ``heartbeat_s`` seconds.
    """

    connection: UUID
    actor: Who
    feeds: dict[str, Offset]
    epoch: str
    heartbeat_s: int


class Live(Struct, frozen=True, tag_field="op", tag="live"):
    """All of the feed up to ``at`` was sent; what follows is pushed as it happens."""

    feed: Feed
    at: Offset


class VisitorReset(Struct, frozen=True, tag_field="op", tag="reset"):
    """This offset cannot be continued, and the feed is not followed any more.

    ``ahead``: it is beyond the ``head``; ``history``: it is of another epoch, or its mark is
    another: forget what is kept, and begin anew.
    """

    feed: Feed
    head: Offset
    reason: Literal["ahead", "history"]


class AgentReset(Struct, frozen=True, tag_field="op", tag="reset"):
    """This offset cannot be continued, and the feed is not followed any more.

    ``ahead``: it is beyond the ``head``; ``history``: it is of another epoch, or its mark is
    another: forget what is kept, and begin anew. ``behind``: the inbox is too far behind to be
    replayed over the socket; ``view``: this agent's rights have changed: load it by HTTP.
    """

    feed: Feed
    head: Offset
    reason: Literal["ahead", "history", "behind", "view"]


class Gone(Struct, frozen=True, tag_field="op", tag="gone"):
    """This agent may read the conversation no longer; it is not followed any more."""

    feed: Feed
    reason: Literal["not_allowed"]


class VisitorAck(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="ack"):
    """Done, and what is kept of it is committed. ``id`` is as the client wrote it.

    ``version`` is that of its stream after it. ``duplicate``: it was done before, and this is its
    first answer; ``unchanged``: there was nothing to do. ``feed``: what is followed, or no longer.
    """

    id: str
    conversation: UUID | UnsetType = UNSET
    version: Offset | UnsetType = UNSET
    feed: str | UnsetType = UNSET
    duplicate: bool = False
    unchanged: bool = False


class AgentAck(VisitorAck, frozen=True, omit_defaults=True, tag_field="op", tag="ack"):
    """Done, and what is kept of it is committed. ``id`` is as the client wrote it.

    ``version`` is that of its stream after it, ``position`` that of the log. ``duplicate``: it was
    done before, and this is its first answer; ``unchanged``: there was nothing to do. ``feed``:
    what is followed, or no longer.
    """

    position: Offset | UnsetType = UNSET


class Error(Struct, frozen=True, tag_field="op", tag="error"):
    """The command of this ``id``, or this ``feed``, is refused.

    ``code`` is stable, ``message`` for people. ``retry_after_ms`` is there where sending the same
    again makes sense.
    """

    code: Code
    message: str
    id: str | UnsetType = UNSET
    feed: str | UnsetType = UNSET
    retry_after_ms: Offset | UnsetType = UNSET


class TypingSignal(Struct, frozen=True, tag_field="op", tag="signal"):
    """Somebody else types in a conversation that is followed, or does no more. Never repeated."""

    kind: Literal["typing"]
    conversation: UUID
    actor: Actor
    on: bool


class PresenceSignal(Struct, frozen=True, tag_field="op", tag="signal"):
    """The visitor of a followed ``conversation``, or a colleague, is there or not."""

    kind: Literal["presence"]
    actor: Who
    online: bool
    conversation: UUID | UnsetType = UNSET


class OpenedSignal(Struct, frozen=True, tag_field="op", tag="signal"):
    """This is the visitor's open conversation from now on: follow it.

    Begun by another of its pages or by an agent, or reopened. It may come again.
    """

    kind: Literal["opened"]
    conversation: UUID


class InvitedSignal(Struct, frozen=True, tag_field="op", tag="signal"):
    """An agent asks whether the visitor wants to talk: a ``start`` with ``invitation`` accepts.

    It may come again, and stands in the visitor's session until a conversation is begun.
    """

    kind: Literal["invited"]
    invitation: UUID
    text: str
    agent: Actor


class QueueSignal(Struct, frozen=True, tag_field="op", tag="signal"):
    """Where a conversation stands that nobody serves yet: on change, and every ten seconds.

    ``place`` 1 is next, of ``waiting`` who wait for the same department. ``staffed``: somebody is
    there for it; ``open``: it is within the opening hours. ``wait_s``: how many seconds it will
    be, by how long each place took others lately, where somebody can tell.
    """

    kind: Literal["queue"]
    conversation: UUID
    place: Annotated[int, Meta(ge=1)]
    waiting: Annotated[int, Meta(ge=1)]
    staffed: bool
    open: bool
    wait_s: Offset | UnsetType = UNSET


class GoAway(Struct, frozen=True, tag_field="op", tag="goaway"):
    """Finish, then connect again with the offsets, after ``reconnect_after_ms``."""

    reason: str
    reconnect_after_ms: Offset


class Pong(Struct, frozen=True, tag_field="op", tag="pong"):
    """The answer to ``ping``, with its ``n`` as it was written."""

    n: Any = UNSET


_EVENTS = """The range beyond ``after``, up to and including ``upto``, and what is shown of it.

``events`` may be empty: a range accounts for what this reader may not see as well. ``mark`` is to
be kept with the offset ``upto``, and given back with it.
"""

_OF_ALL: dict[str, type[Struct]] = {
    "welcome": Welcome,
    "live": Live,
    "error": Error,
    "signal.typing": TypingSignal,
    "goaway": GoAway,
    "pong": Pong,
}
_OF_ONE: dict[Audience, dict[str, type[Struct]]] = {
    Audience.VISITOR: {
        "reset": VisitorReset,
        "ack": VisitorAck,
        "signal.opened": OpenedSignal,
        "signal.invited": InvitedSignal,
        "signal.queue": QueueSignal,
    },
    Audience.AGENT: {
        "reset": AgentReset,
        "gone": Gone,
        "ack": AgentAck,
        "signal.presence": PresenceSignal,
    },
}


@cache
def server_frames(audience: Audience) -> dict[str, type[Struct]]:
    """The form of each frame that an audience gets, by :func:`name_of` the frame."""
    return {**_OF_ALL, "events": _events(audience), **_OF_ONE[audience]}


def name_of(frame: dict[str, Any]) -> str:
    """What a frame is: its ``op``, and of a signal its ``kind``."""
    return ".".join(str(frame[each]) for each in ("op", "kind") if each in frame)


def _events(audience: Audience) -> type[Struct]:
    """The ``events`` frame: its events are told apart by their type."""
    events = GenericAlias(list, (reduce(or_, event_forms(audience)),))
    return defstruct(
        "Events",
        [("feed", Feed), ("after", Offset), ("upto", Offset), ("mark", Mark), ("events", events)],
        namespace={"__doc__": _EVENTS},
        frozen=True,
        tag_field="op",
        tag="events",
    )

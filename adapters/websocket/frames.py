"""The frames of ``parley.v1``: client's bytes to typed frames, and server's frames to text.

A frame that can be read and carries an ``id`` is always answered; only what cannot be answered
is :class:`Unanswerable`. Nothing here knows a socket.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, NoReturn, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from domain import passing, streams
from domain.agent.commands import SetStatus
from domain.conversation import commands as c
from domain.envelope import Actor
from domain.errors import Refused
from domain.handling.pending import Ack
from domain.visitor.commands import Greet, Introduce, Invite, ViewPage
from domain.visitor.events import VisitorInvited

MAX_ID = 128
"""Characters of an ``id`` that is worth an answer."""

OFFSET_MAX = 2**53


class Unanswerable(Exception):
    """A frame that closes the socket. ``code`` is the close code, ``reason`` for people."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


def _values(**schema: Any) -> Meta:
    """What a document says of a map's values, where they are checked later than by their type."""
    return Meta(extra_json_schema={"additionalProperties": schema})


class Hello(Struct, frozen=True, tag_field="op", tag="hello"):
    """The first frame: who is there, and which feeds are to be followed, from which offsets.

    ``epoch`` and ``marks`` are those that came with the offsets. Offsets and marks are read
    loosely: one that is none is an error of its feed alone.
    """

    token: str
    feeds: Annotated[dict[str, Any], _values(type="integer", minimum=0, maximum=OFFSET_MAX)] = {}
    epoch: str | None = None
    marks: Annotated[dict[str, Any], _values(type="string")] | None = None


class Subscribe(Struct, frozen=True, tag_field="op", tag="subscribe"):
    """Follow a feed from an offset; ``mark`` is the one that came with it."""

    id: UUID
    feed: str
    after: Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": OFFSET_MAX})]
    mark: str | None = None


class Unsubscribe(Struct, frozen=True, tag_field="op", tag="unsubscribe"):
    """Follow a feed no longer."""

    id: UUID
    feed: str


class Typing(Struct, frozen=True, tag_field="op", tag="typing"):
    """Somebody types; passes by, is never stored or answered."""

    conversation: UUID
    on: bool = True


class Ping(Struct, frozen=True, tag_field="op", tag="ping"):
    """Is anybody there? ``n`` is given back as it was written, whatever it is."""

    n: Raw | UnsetType = UNSET


SocketCommand = (
    c.Start
    | c.Post
    | c.Read
    | c.Delivered
    | c.Assign
    | c.Transfer
    | c.Leave
    | c.SetTags
    | c.Close
    | c.Reopen
    | c.Rate
    | SetStatus
    | ViewPage
    | Introduce
    | Greet
    | Invite
)
"""The commands that come by socket."""

ClientFrame = SocketCommand | Hello | Subscribe | Unsubscribe | Typing | Ping


class _Identified(Struct, frozen=True):
    """Only the id of a frame, as it is written there."""

    id: str


_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()
_id_decoder = msgspec.json.Decoder(_Identified)
OP_OF: Final[dict[type, str]] = {
    frame: str(frame.__struct_config__.tag) for frame in get_args(ClientFrame)
}
"""The operation that each form of frame asks for."""

_UNANSWERED = "typing"
"""The operation that has no answer: a bad one is dropped."""


class BadFrame(Struct, frozen=True):
    """A frame that is answered with an error. ``id`` as the client wrote it; None: dropped."""

    id: str | None
    refused: Refused


def decode(text: str) -> ClientFrame | BadFrame:
    """A client's frame. Raises :class:`Unanswerable`."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        return _examine(text, str(error))


def _examine(text: str, problem: str) -> BadFrame:
    """Find out whether a frame that does not fit can be answered."""
    try:
        # Numbers are not looked at, and int() refuses those of more than 4,300 digits.
        form = json.loads(text, parse_int=float, parse_constant=_no_constant)
    except RecursionError:
        raise Unanswerable(4400, "nested too deeply") from None
    except ValueError:
        raise Unanswerable(4400, "not JSON") from None
    if not isinstance(form, dict):
        raise Unanswerable(4400, "not an object")
    op, command = form.get("op"), form.get("id")
    if op == "hello":
        raise Unanswerable(4400, "hello is not well formed")
    if not isinstance(command, str) or not _is_usable(command):
        if op == _UNANSWERED:
            return BadFrame(None, Refused("bad_request"))
        raise Unanswerable(4400, "no usable id")
    if not isinstance(op, str) or op not in OP_OF.values():
        return BadFrame(command, Refused("unknown_op"))
    return BadFrame(command, Refused("bad_request", _sentence(problem)))


def _is_usable(command: str) -> bool:
    """Whether an answer can carry this id: half a surrogate pair cannot be sent back."""
    return 0 < len(command) <= MAX_ID and not any("\ud800" <= each <= "\udfff" for each in command)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _sentence(problem: str) -> str:
    return f"The frame is not well formed: {problem[:200]}."


def id_as_sent(text: str) -> str:
    """The id as the client wrote it, so that it finds its answer whatever form it uses.

    Only for a text that :func:`decode` has read as a frame with an id.
    """
    return _id_decoder.decode(text).id


# --- server to client -----------------------------------------------------------------------


def write(op: str, **fields: Any) -> str:
    """A server's frame; fields that are None are left out."""
    form = {"op": op, **{name: value for name, value in fields.items() if value is not None}}
    return msgspec.json.encode(form).decode()


class _Ack(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="ack"):
    """An ack as it is written; ``server_frames`` has the forms that it may have."""

    id: str
    conversation: str | None = None
    version: int | None = None
    position: int | None = None
    duplicate: bool = False
    unchanged: bool = False


def write_ack(command: str, ack: Ack, *, position: bool) -> str:
    """The ``ack`` frame of a command, ``position`` if its sender sees positions."""
    return _encoder.encode(
        _Ack(
            command,
            ack.conversation,
            ack.version,
            ack.position if position else None,
            ack.duplicate,
            ack.unchanged,
        )
    ).decode()


def write_error(refused: Refused, command: str | None = None, feed: str | None = None) -> str:
    """The ``error`` frame of a refusal, by the id or the feed that it answers."""
    return write(
        "error",
        id=command,
        feed=feed,
        code=refused.code,
        message=refused.message,
        retry_after_ms=refused.retry_after_ms,
    )


def write_typing(typing: passing.Typing) -> str:
    """The ``signal`` frame of somebody's typing."""
    return write(
        "signal",
        kind="typing",
        conversation=typing.conversation,
        actor=Actor(typing.role, typing.id, typing.name),
        on=typing.on,
    )


def write_presence(presence: passing.Presence, stream: str | None = None) -> str:
    """The ``signal`` frame of somebody's presence; ``stream`` is a visitor's conversation."""
    return write(
        "signal",
        kind="presence",
        conversation=stream and streams.conversation_id(stream),
        actor={"role": presence.role, "id": presence.id},
        online=presence.online,
    )


def write_opened(conversation: str) -> str:
    """The ``signal`` frame of a conversation that is the visitor's open one from now on."""
    return write("signal", kind="opened", conversation=conversation)


def write_invited(invited: VisitorInvited, agent: Actor) -> str:
    """The ``signal`` frame of an agent's invitation."""
    return write(
        "signal",
        kind="invited",
        invitation=invited.invitation,
        text=invited.text,
        agent=agent,
    )


def write_place(place: passing.Place) -> str:
    """The ``signal`` frame of a visitor's place in the queue."""
    return write(
        "signal",
        kind="queue",
        conversation=place.conversation,
        place=place.place,
        waiting=place.waiting,
        staffed=place.staffed,
        open=place.open,
        wait_s=place.wait_s,
    )


def write_events(head: str, after: int, upto: int, mark: str, events: list[bytes]) -> str:
    """An ``events`` frame of events that are JSON already. ``head`` is :func:`events_head`."""
    body = b",".join(events).decode()
    return f'{head}"after":{after},"upto":{upto},"mark":"{mark}","events":[{body}]}}'


def events_head(feed: str) -> str:
    """The unchanging beginning of a feed's ``events`` frames. The feed's name is checked."""
    return f'{{"op":"events","feed":"{feed}",'

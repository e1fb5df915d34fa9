"""A session: what each frame of a client means, given what came before. No I/O, no clock.

The endpoint gives every text in and carries the effects out. Order: ``hello`` first and once;
then anything. What may not be is answered here already, by the permission table.
"""

from __future__ import annotations

from enum import Enum
from uuid import UUID

from msgspec import UNSET, Struct

from adapters.websocket import frames
from adapters.websocket.frames import (
    BadFrame,
    Hello,
    Ping,
    SocketCommand,
    Subscribe,
    Typing,
    Unanswerable,
    Unsubscribe,
)
from domain.conversation import commands as c
from domain.errors import Refused
from domain.permissions import check_op
from domain.visitor.commands import Introduce


class Phase(Enum):
    """How far a session is."""

    NEW = "awaiting hello"
    GREETED = "hello came, welcome is due"
    OPEN = "open"


class Send(Struct, frozen=True):
    """Answer at once; ``code`` where the answer is a refusal."""

    text: str
    code: str | None = None


class Greet(Struct, frozen=True):
    """Check the token, then answer with ``welcome`` and follow the feeds."""

    hello: Hello


class Submit(Struct, frozen=True):
    """Hand a command on; its answer goes out under ``id``, the client's own spelling."""

    id: str
    command: SocketCommand


class Follow(Struct, frozen=True):
    """Follow a feed from an offset."""

    id: str
    frame: Subscribe


class Unfollow(Struct, frozen=True):
    """Follow a feed no longer."""

    id: str
    feed: str


class Pass(Struct, frozen=True):
    """Pass a typing signal on."""

    conversation: UUID
    on: bool


Effect = Send | Greet | Submit | Follow | Unfollow | Pass


class Session:
    """The protocol of one socket."""

    __slots__ = ("_frame_bytes", "phase", "role")

    def __init__(self, frame_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self.phase = Phase.NEW
        self.role = ""

    def welcome(self, role: str) -> None:
        """The token was good: the session is open, for this role."""
        self.phase = Phase.OPEN
        self.role = role

    def receive(self, text: str | None) -> Effect | None:
        """What a frame asks for; None is a binary one. Raises :class:`Unanswerable`."""
        if text is None:
            raise Unanswerable(4400, "frames are text")
        if len(text) * 4 > self._frame_bytes and _size(text) > self._frame_bytes:
            raise Unanswerable(4413, "the frame is too large")
        frame = frames.decode(text)
        if self.phase is not Phase.OPEN:
            return self._first(frame)
        if isinstance(frame, Hello):
            raise Unanswerable(4400, "hello comes once")
        if isinstance(frame, BadFrame):
            return _error(frame.refused, frame.id) if frame.id else None
        return self._open(frame, text)

    def _first(self, frame: frames.ClientFrame | BadFrame) -> Effect:
        if not isinstance(frame, Hello) or self.phase is not Phase.NEW:
            raise Unanswerable(4400, "hello comes first")
        self.phase = Phase.GREETED
        return Greet(frame)

    def _open(
        self, frame: SocketCommand | Subscribe | Unsubscribe | Typing | Ping, text: str
    ) -> Effect | None:
        try:
            check_op(self.role, op_of(frame))
        except Refused as refused:
            if isinstance(frame, Ping | Typing):
                return None
            return _error(refused, frames.id_as_sent(text))
        match frame:
            case Ping():
                return Send(frames.write("pong", n=None if frame.n is UNSET else frame.n))
            case Typing():
                return Pass(frame.conversation, frame.on)
            case Subscribe():
                return Follow(frames.id_as_sent(text), frame)
            case Unsubscribe():
                return Unfollow(frames.id_as_sent(text), frame.feed)
            case _:
                return Submit(frames.id_as_sent(text), frame)


def _error(refused: Refused, command: str) -> Send:
    return Send(frames.write_error(refused, command), refused.code)


def _size(text: str) -> int:
    """Bytes of a text, whatever it holds."""
    return len(text.encode(errors="surrogatepass"))


def op_of(frame: frames.ClientFrame) -> str:
    """The permission table's name of an operation."""
    if isinstance(frame, c.Post) and frame.note:
        return "post note"
    if isinstance(frame, Introduce) and frame.visitor is not None:
        return "introduce visitor"
    return frames.OP_OF[type(frame)]

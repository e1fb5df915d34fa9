"""What of a visitor's past its decisions rest on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.visitor import events as e


class Visitor(Struct, frozen=True):
    """The state. ``open`` is its one open conversation, ``last`` the one it had last."""

    user: str | None = None
    open: str | None = None
    last: str | None = None
    erased: bool = False


INITIAL = Visitor()


def evolve(state: Visitor, event: object) -> Visitor:
    """The state after an event."""
    match event:
        case e.VisitorIdentified():
            return replace(state, user=event.user)
        case e.ConversationOpened():
            return replace(state, open=event.conversation, last=event.conversation)
        case e.ConversationEnded():
            return replace(state, open=None)
        case e.VisitorErased():
            return replace(state, erased=True)
        case _:
            return state

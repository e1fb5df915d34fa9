"""What may happen to a visitor. At most one of its conversations is open at a time."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Refused
from domain.visitor import events as e
from domain.visitor.state import Visitor


def open_conversation(conversation: str, state: Visitor) -> list[Struct]:
    """Make this the open conversation. Refused while another one is."""
    if state.open == conversation:
        return []
    if state.open is not None:
        raise Refused("other_open")
    return [e.ConversationOpened(conversation)]


def end_conversation(conversation: str, state: Visitor) -> list[Struct]:
    """The open conversation is over."""
    return [e.ConversationEnded(conversation)] if state.open == conversation else []


def identify(user: str, state: Visitor) -> list[Struct]:
    """Learn who this is. A visitor is identified once; who it is never changes."""
    if state.user == user:
        return []
    if state.user is not None:
        raise Refused("not_allowed", "This visitor is another user already.")
    return [e.VisitorIdentified(user)]

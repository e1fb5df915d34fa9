"""What may happen to a visitor. At most one of its conversations is open at a time."""

from __future__ import annotations

from msgspec import Struct

from domain.conversation.decide import check_body
from domain.errors import Refused
from domain.limits import MAX_ATTRIBUTES
from domain.visitor import commands as c
from domain.visitor import events as e
from domain.visitor.state import Visitor, merged


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


def introduce(command: c.Introduce, state: Visitor) -> list[Struct]:
    """Learn something of it. What is known already is nothing to learn."""
    said = e.VisitorIntroduced(command.name, command.email, command.phone, command.attributes)
    known = merged(state.known, said)
    if len(known.attributes) > MAX_ATTRIBUTES:
        raise Refused("too_many", f"A visitor has {MAX_ATTRIBUTES} attributes at most.")
    return [] if known == state.known else [said]


def invite(command: c.Invite, state: Visitor) -> list[Struct]:
    """Ask it to talk. One that talks already is not asked."""
    check_body(command.body)
    if command.body.text is None:
        raise Refused("bad_request", "An invitation is a text.")
    if state.open is not None:
        raise Refused("other_open", "The visitor has an open conversation.")
    return [e.VisitorInvited(str(command.id), command.body.text)]


def see(command: c.SeeDevice, state: Visitor) -> list[Struct]:
    """Note what it comes with, where that is another than before."""
    return [] if command.device == state.device else [command.device]

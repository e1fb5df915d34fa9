"""What of a visitor's past its decisions rest on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import Actor
from domain.visitor import events as e


class Invitation(Struct, frozen=True):
    """An agent asked whether the visitor wants to talk."""

    id: str
    agent: str
    text: str


class Visitor(Struct, frozen=True):
    """The state. ``open`` is its one open conversation, ``last`` the one it had last.

    ``known`` is what was said of it, ``invitation`` an agent's that it has not answered.
    """

    user: str | None = None
    open: str | None = None
    last: str | None = None
    erased: bool = False
    known: e.VisitorIntroduced = e.VisitorIntroduced()
    device: e.DeviceSeen | None = None
    invitation: Invitation | None = None


INITIAL = Visitor()


def evolve(state: Visitor, event: object, actor: Actor) -> Visitor:
    """The state after an event."""
    match event:
        case e.VisitorIdentified():
            return replace(state, user=event.user)
        case e.ConversationOpened():
            now = event.conversation
            return replace(state, open=now, last=now, invitation=None)
        case e.ConversationEnded():
            return replace(state, open=None)
        case e.VisitorErased():
            return replace(state, erased=True)
        case e.VisitorIntroduced():
            return replace(state, known=merged(state.known, event))
        case e.DeviceSeen():
            return replace(state, device=event)
        case e.VisitorInvited():
            invitation = Invitation(event.invitation, actor.id, event.text)
            return replace(state, invitation=invitation)
        case _:
            return state


def merged(known: e.VisitorIntroduced, said: e.VisitorIntroduced) -> e.VisitorIntroduced:
    """What is known after something more was said: the later word counts, an empty one unsays."""
    attributes = known.attributes | said.attributes
    return e.VisitorIntroduced(
        name=(known.name if said.name is None else said.name) or None,
        email=(known.email if said.email is None else said.email) or None,
        phone=(known.phone if said.phone is None else said.phone) or None,
        attributes={name: value for name, value in attributes.items() if value},
    )

"""What of a conversation's past its decisions rest on. ``evolve`` folds events into it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.conversation import events as e
from domain.envelope import Access, Actor

Status = Literal["none", "open", "closed", "erased"]


class Conversation(Struct, frozen=True):
    """The state.

    ``reads`` and ``deliveries`` are, for each role and id, the version read up to, and the one up
    to which a device has it.
    """

    status: Status = "none"
    visitor: str = ""
    access: Access = Access()
    tags: tuple[str, ...] = ()
    rating: e.ConversationRated | None = None
    reads: dict[tuple[str, str], int] = {}
    deliveries: dict[tuple[str, str], int] = {}


INITIAL = Conversation()


def evolve(state: Conversation, event: object, actor: Actor) -> Conversation:
    """The state after an event. Events that no decision rests on leave it as it is."""
    match event:
        case e.ConversationStarted():
            return replace(
                state,
                status="open",
                visitor=event.visitor,
                access=Access(event.department, None),
            )
        case e.ConversationAssigned():
            return replace(state, access=Access(state.access.department, event.agent))
        case e.ConversationTransferred():
            return replace(state, access=_transferred(state.access, event))
        case e.ConversationTagged():
            return replace(state, tags=event.tags)
        case e.ConversationClosed():
            return replace(state, status="closed")
        case e.ConversationReopened():
            return replace(state, status="open")
        case e.ConversationErased():
            return replace(state, status="erased")
        case e.ConversationRated():
            return replace(state, rating=event)
        case e.MessageRead() | e.MessageDelivered():
            return _marked(state, event, (actor.role, actor.id))
        case _:
            return state


def evolve_erased(
    state: Conversation, event_type: str, actor: Actor, after: Access | None
) -> Conversation:
    """The state after an event whose data cannot be read any more: what of it stands in clear.

    Whose it is and who may read it holds beyond an erasure: whoever folds it from the first event
    on has to know that as well as those who did so before.
    """
    visitor = actor.id if event_type == "conversation.started" else state.visitor
    return replace(state, visitor=visitor, access=after or state.access)


def _marked(
    state: Conversation, event: e.MessageRead | e.MessageDelivered, who: tuple[str, str]
) -> Conversation:
    if isinstance(event, e.MessageRead):
        return replace(state, reads={**state.reads, who: event.upto})
    return replace(state, deliveries={**state.deliveries, who: event.upto})


def _transferred(access: Access, event: e.ConversationTransferred) -> Access:
    if event.agent is not None:
        return Access(access.department, event.agent)
    return Access(event.department, None)

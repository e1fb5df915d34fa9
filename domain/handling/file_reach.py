"""Who reaches a file: its sender while it comes, and the people of the conversations that have it.

Whoever may not is told that there is no such file.
"""

from __future__ import annotations

from uuid import UUID

from domain import streams
from domain.conversation.state import Conversation
from domain.errors import Refused
from domain.file.state import File
from domain.handling.callers import Caller
from domain.handling.states import States
from domain.permissions import AGENT, VISITOR


def no_file() -> Refused:
    """There is none, or not for this caller."""
    return Refused("not_found", "There is no such file.")


async def placed(states: States, caller: Caller, conversation: UUID) -> Conversation:
    """The conversation that a file is to be for. Refused where it is not this caller's."""
    entry = await states.refresh(caller.log, streams.conversation(conversation))
    state: Conversation = entry.state
    if state.status == "erased":
        raise Refused("erased")
    if state.status == "none" or not caller.may_read(state.visitor, state.access):
        raise Refused("not_found", "There is no such conversation.")
    return state


async def readable(states: States, caller: Caller, file: UUID) -> File:
    """The file, where this caller may read it.

    A visitor reads what it stored, and what messages of its conversations have; an agent what those
    have that it may read, what agents stored for them, and what is common.
    """
    entry = await states.refresh(caller.log, streams.file(file))
    state: File = entry.state
    if state.stored is None:
        raise Refused("erased") if entry.version and caller.role == AGENT else no_file()
    if caller.role == VISITOR == state.role and caller.actor.id == state.owner:
        return state
    if caller.role == AGENT and state.common:
        return state
    shared = list(state.shared)
    if state.common:
        sent = await states.refresh(caller.log, streams.common_file(file, caller.actor.id))
        shared = list(sent.state.shared)
    if caller.role == AGENT == state.role and state.stored.conversation is not None:
        shared.append(state.stored.conversation)
    for name in dict.fromkeys(shared):
        placed = await states.refresh(caller.log, streams.conversation(name))
        if caller.may_read(placed.state.visitor, placed.state.access):
            return state
    raise no_file()

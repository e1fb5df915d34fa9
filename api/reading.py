"""Whether a caller may read a conversation, or see a visitor: by the log, never by a view.

A view may be behind; a right that was taken away must not work until it has caught up.
"""

from __future__ import annotations

from api.routing import Call
from domain import streams
from domain.conversation.state import Conversation
from domain.errors import Refused
from domain.visitor.state import Visitor


async def check(call: Call, conversation: str) -> None:
    """Refuse (``not_found``) a conversation that is not there for this caller."""
    caller = call.caller
    stream = streams.conversation(conversation)
    entry = await call.deps.states.refresh(caller.log, stream)
    state: Conversation = entry.state
    if entry.version == 0 or not caller.may_read(state.visitor, state.access):
        raise Refused("not_found", "There is no such conversation.")


async def check_visitor(call: Call, visitor: str) -> None:
    """Refuse (``not_found``) a visitor whom this caller may not see.

    An agent sees those whose last conversation it may read, as an inbox shows what they do; one
    whose role is not limited those too that talked to nobody yet.
    """
    caller, states = call.caller, call.deps.states
    entry = await states.refresh(caller.log, streams.visitor(visitor))
    state: Visitor = entry.state
    hidden = entry.version == 0
    if caller.rights is not None and not hidden:
        access = None
        if state.last is not None:
            last = await states.refresh(caller.log, streams.conversation(state.last))
            access = last.state.access
        hidden = not caller.rights.may_know(access)
    if hidden:
        raise Refused("not_found", "There is no such visitor.")

"""Whether a caller may read a conversation: decided from the log itself, never from a view.

A view may be behind; a right that was taken away must not work until it has caught up.
"""

from __future__ import annotations

from api.routing import Call
from domain import streams
from domain.conversation.state import Conversation
from domain.errors import Refused


async def check(call: Call, conversation: str) -> None:
    """Refuse (``not_found``) a conversation that is not there for this caller."""
    caller = call.caller
    stream = streams.conversation(conversation)
    entry = await call.deps.states.refresh(caller.log, stream)
    state: Conversation = entry.state
    if entry.version == 0 or not caller.may_read(state.visitor, state.access):
        raise Refused("not_found", "There is no such conversation.")

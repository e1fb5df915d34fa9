"""What may happen to a file: it is stored once, and sent by whoever it is from."""

from __future__ import annotations

from msgspec import Struct

from domain.conversation.events import Attachment
from domain.envelope import Actor
from domain.errors import Refused
from domain.file import commands as c
from domain.file import events as e
from domain.file.state import File
from domain.permissions import VISITOR


def store(command: c.StoreFile, state: File) -> list[Struct]:
    """The file is there from now on; that it is already changes nothing."""
    if state.stored is not None:
        return []
    conversation = None if command.conversation is None else str(command.conversation)
    stored = e.FileStored(
        str(command.id),
        command.name,
        command.media_type,
        command.size,
        command.digest,
        command.width,
        command.height,
        command.thumbnail,
        conversation,
    )
    return [stored]


def attach(state: File, actor: Actor, conversation: str) -> Attachment:
    """What a message says of this file. Refused to whom it is not, or not here, to send.

    A visitor sends what it stored itself, an agent what was stored for this conversation, and what
    is common.
    """
    stored = state.stored
    own = actor.role == VISITOR and (state.role, state.owner) == (actor.role, actor.id)
    placed = state.common or (stored is not None and stored.conversation == conversation)
    if stored is None or not (own or (placed and actor.role == state.role != VISITOR)):
        raise Refused("not_found", "There is no such file.")
    return Attachment(
        stored.name,
        stored.media_type,
        stored.size,
        stored.width,
        stored.height,
        stored.thumbnail,
    )


def share(state: File, conversation: str) -> list[Struct]:
    """A message of this conversation has the file."""
    return [] if conversation in state.shared else [e.FileShared(conversation)]

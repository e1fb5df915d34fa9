"""What of a file's past decisions rest on: whose it is, what it is, who may read it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import Actor
from domain.file import events as e
from domain.permissions import AGENT


class File(Struct, frozen=True):
    """The state. ``stored`` is None before it is there, and after its subject was erased.

    ``shared`` are the conversations in which a message has it. A common file has these in a stream
    for each visitor (``streams.common_file``): so none grows long, and readers are found at once.
    """

    role: str = ""
    owner: str = ""
    stored: e.FileStored | None = None
    shared: tuple[str, ...] = ()

    @property
    def common(self) -> bool:
        """Whether agents have it at hand for every conversation: an admin stored it for none."""
        stored = self.stored
        return stored is not None and stored.conversation is None and self.role == AGENT


INITIAL = File()


def evolve(state: File, event: object, actor: Actor) -> File:
    """The state after an event."""
    match event:
        case e.FileStored():
            return replace(state, role=actor.role, owner=actor.id, stored=event)
        case e.FileShared():
            return replace(state, shared=(*state.shared, event.conversation))
        case _:
            return state

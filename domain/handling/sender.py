"""Who sends commands: one socket, or one request, with its rights and its order.

Order is a promise to the sender: once a command was given up (``busy``, ``unavailable``), every
later one of that conversation is refused as well until the first refused is sent again. That
promise is kept here.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.access import Rights
from domain.envelope import Access, Actor
from domain.errors import Refused

RETRY_AFTER_MS = 500
"""When a client is told to send again what was given up."""


class GivenUp(Struct, frozen=True):
    """The first command of a conversation that was given up; ``place`` is its sender's count."""

    place: int
    command: UUID
    refused: Refused


class Sender:
    """One ordered source of commands. ``rights`` is None for visitors and the system."""

    def __init__(self, log: UUID, actor: Actor, rights: Rights | None = None) -> None:
        self.log = log
        self.actor = actor
        self.rights = rights
        self._places = 0
        self._given_up: dict[str, GivenUp] = {}

    def next_place(self) -> int:
        """The place of one more command in this sender's order, counted from 1."""
        self._places += 1
        return self._places

    def check_order(self, conversation: str, place: int, command: UUID) -> None:
        """Refuse what comes behind a command that was given up; that one itself may pass.

        What was sent before it may pass too: refused now, it could only come too late.
        """
        first = self._given_up.get(conversation)
        if first is None or place < first.place:
            return
        if first.command == command:
            del self._given_up[conversation]
            return
        refused = first.refused
        raise Refused(refused.code, refused.message, retry_after_ms=refused.retry_after_ms)

    def give_up(self, conversation: str, place: int, command: UUID, refused: Refused) -> None:
        """Note that this command was given up, unless one sent before it was."""
        first = self._given_up.get(conversation)
        if first is None or place < first.place:
            self._given_up[conversation] = GivenUp(place, command, refused)

    def may_read(self, visitor: str, access: Access) -> bool:
        """Whether a conversation of this visitor, placed so, is this sender's to read."""
        if self.actor.role == "visitor":
            return visitor == self.actor.id
        return self.rights is None or self.rights.may_read(access)

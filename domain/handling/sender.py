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

MAX_GIVEN_UP = 1024
"""Conversations of a sender in which a command may stand given up; an agent's day, many times."""


class GivenUp(Struct, frozen=True):
    """The first command of a conversation that was given up; ``place`` is its sender's count."""

    place: int
    command: UUID
    refused: Refused


class Sender:
    """One ordered source of commands. ``rights`` is None for visitors and the system.

    ``site`` is the id of the site at which a visitor is. ``overfull``: more was given up than can
    be kept in mind, so nothing more is taken from this sender; it begins anew.
    """

    def __init__(
        self, log: UUID, actor: Actor, rights: Rights | None = None, site: str | None = None
    ) -> None:
        self.log = log
        self.actor = actor
        self.rights = rights
        self.site = site
        self.overfull = False
        self._places = 0
        self._given_up: dict[str, GivenUp] = {}

    def next_place(self) -> int:
        """The place of one more command in this sender's order, counted from 1."""
        self._places += 1
        return self._places

    @property
    def in_doubt(self) -> bool:
        """Whether anything of it stands given up, so that its order is to be looked at."""
        return self.overfull or bool(self._given_up)

    def check_order(self, conversation: str, place: int, command: UUID) -> None:
        """Refuse what comes behind a command that was given up; that one itself may pass.

        What was sent before it may pass too: refused now, it could only come too late.
        """
        if self.overfull:
            raise Refused("unavailable", retry_after_ms=RETRY_AFTER_MS)
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
        if first is None and len(self._given_up) >= MAX_GIVEN_UP:
            self.overfull = True
        elif first is None or place < first.place:
            self._given_up[conversation] = GivenUp(place, command, refused)

    def may_read(self, visitor: str, access: Access) -> bool:
        """Whether a conversation of this visitor, placed so, is this sender's to read."""
        if self.actor.role == "visitor":
            return visitor == self.actor.id
        return self.rights is None or self.rights.may_read(access)

"""A command on its way to its answer, and the answers there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.conversation import commands as c
from domain.envelope import RecordedEvent
from domain.errors import EventDamaged, Refused, StoreUnavailable
from domain.handling.plan import Command, Plan
from domain.handling.sender import RETRY_AFTER_MS, Sender
from domain.permissions import VISITOR

_logger = logging.getLogger("parley.handling")
_encoder = msgspec.msgpack.Encoder(order="sorted")

VISITORS_OWN = "visitor"
"""The one order of all that a visitor says: a ``start`` may go to any of its conversations."""


def content_of(command: Command) -> bytes:
    """What a command asks, in one form for ever: of it the digest is kept that tells ids reused.

    Msgpack, a map of ``op`` and the command's fields in order of their names, those left out that
    have their default; ids are texts.
    """
    return _encoder.encode(command)


class Ack(Struct, frozen=True):
    """A durable answer. ``version`` and ``position`` are those of the command's last event."""

    id: UUID
    conversation: str | None = None
    version: int | None = None
    position: int | None = None
    duplicate: bool = False
    unchanged: bool = False


Answered = Callable[[Ack | Refused], None]
"""Is told a command's answer, once. Must not wait or raise."""


class Pending:
    """A command on its way to its answer.

    ``order`` is by what the sender's order is kept; None: this command stands in no order.
    """

    __slots__ = ("_answered", "attempts", "command", "content", "order", "place", "sender", "trace")

    def __init__(
        self, sender: Sender, command: Command, answered: Answered, trace: str | None = None
    ) -> None:
        self.sender = sender
        self.command = command
        self.content = content_of(command)
        self.place = sender.next_place()
        self.order = _order(sender, command)
        self.trace = trace
        self.attempts = 0
        self._answered: Answered | None = answered

    def in_order(self) -> bool:
        """Whether it may be decided; else it has been refused, behind one that was given up."""
        if self.order is None:
            return True
        try:
            self.sender.check_order(self.order, self.place, self.command.id)
        except Refused as refused:
            self.refuse(refused)
            return False
        return True

    def resolve(self, answer: Ack | Refused) -> None:
        """Give its answer, unless it has one."""
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(answer)

    def refuse(self, refused: Refused) -> None:
        """Refuse it, unless it has its answer."""
        self.resolve(refused)

    def fail(self, error: Exception) -> None:
        """Answer for a store that is away, or that holds what cannot be read, or our mistake."""
        if isinstance(error, StoreUnavailable):
            self.give_up("unavailable")
        elif isinstance(error, EventDamaged):
            self.refuse(Refused("damaged"))
        else:
            _logger.error("command %s failed", self.command.id, exc_info=error)
            self.refuse(Refused("internal"))

    def give_up(self, code: str) -> None:
        """Refuse it, and all that its sender sent behind it; unless it has its answer."""
        if self._answered is None:
            return
        refused = Refused(code, retry_after_ms=RETRY_AFTER_MS)
        if self.order is not None:
            self.sender.give_up(self.order, self.place, self.command.id, refused)
        self.refuse(refused)

    def committed(self, last: RecordedEvent, *, duplicate: bool = False) -> None:
        """Answer by the command's last event in the log."""
        conversation = streams.conversation_id(last.stream)
        self.resolve(
            Ack(self.command.id, conversation, last.version, last.position, duplicate=duplicate)
        )

    def known(self, last: RecordedEvent, *, same: bool) -> None:
        """Answer for a command that was in the log before: the first answer, if it is the same."""
        if same:
            self.committed(last, duplicate=True)
        else:
            self.refuse(Refused("id_reused"))

    def without_effect(self, outcome: Plan | Refused) -> None:
        """Answer for a command that changes nothing, or may not."""
        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            self.resolve(Ack(self.command.id, outcome.conversation, unchanged=True))


def _order(sender: Sender, command: Command) -> str | None:
    if isinstance(command, c.NAMED):
        visitors = sender.actor.role == VISITOR
        return VISITORS_OWN if visitors else str(command.conversation)
    return VISITORS_OWN if isinstance(command, c.Start) else None

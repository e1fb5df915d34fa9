"""What the router may decide. Each is named by what caused it, so that it happens once."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain import ids
from domain.agent.commands import Retire as RetireCommand
from domain.conversation import commands as c

AGENT_GONE = "agent_gone"
AGENT_DEACTIVATED = "agent_deactivated"

Key = tuple[str, str, int]
"""Kind, thing, and the time of the log at which happened what caused it."""


class Route(Struct, frozen=True):
    """A conversation that waits since ``cause`` goes to an agent, by this strategy."""

    conversation: str
    agent: str
    reason: str
    cause: int

    @property
    def key(self) -> Key:
        """By what it is the same decision, whenever it is made."""
        return ("route", self.conversation, self.cause)

    def command(self, log: UUID) -> c.Route:
        """What is asked of the log."""
        id_ = _id(log, self.key)
        return c.Route(id_, UUID(self.conversation), UUID(self.agent), self.reason)


class Release(Struct, frozen=True):
    """A conversation that an agent serves since ``cause`` waits again, for this reason."""

    conversation: str
    agent: str
    version: int
    cause: int
    reason: str = AGENT_GONE

    @property
    def key(self) -> Key:
        """By what it is the same decision, whenever it is made."""
        return ("release", self.conversation, self.cause)

    def command(self, log: UUID) -> c.Release:
        """What is asked of the log."""
        id_ = _id(log, self.key)
        return c.Release(id_, UUID(self.conversation), UUID(self.agent), self.version, self.reason)


class Miss(Struct, frozen=True):
    """Nobody has answered what the visitor said at ``cause``."""

    conversation: str
    version: int
    reason: str
    cause: int

    @property
    def key(self) -> Key:
        """By what it is the same decision, whenever it is made."""
        return ("miss", self.conversation, self.cause)

    def command(self, log: UUID) -> c.Miss:
        """What is asked of the log."""
        id_ = _id(log, self.key)
        return c.Miss(id_, UUID(self.conversation), self.version, self.reason)


class Remind(Struct, frozen=True):
    """The message at version ``upto``, said at ``cause``, has had no answer for ``after_s``."""

    conversation: str
    version: int
    upto: int
    after_s: int
    cause: int

    @property
    def key(self) -> Key:
        """By what it is the same decision, whenever it is made."""
        return ("remind", self.conversation, self.cause)

    def command(self, log: UUID) -> c.Remind:
        """What is asked of the log."""
        id_ = _id(log, self.key)
        return c.Remind(id_, UUID(self.conversation), self.version, self.upto, self.after_s)


class Retire(Struct, frozen=True):
    """An agent that says since ``cause`` that it is there has vanished."""

    agent: str
    cause: int

    @property
    def key(self) -> Key:
        """By what it is the same decision, whenever it is made."""
        return ("retire", self.agent, self.cause)

    def command(self, log: UUID) -> RetireCommand:
        """What is asked of the log."""
        return RetireCommand(_id(log, self.key), UUID(self.agent))


Decision = Route | Release | Miss | Remind | Retire


def _id(log: UUID, key: Key) -> UUID:
    kind, thing, cause = key
    return ids.caused_id(kind, log, thing, cause)

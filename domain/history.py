"""Which history the store has, as this process knows it, and who is told when it is another one.

A restore and a failover end every connection. So whoever opens one finds out, before anything else
is asked on it, which history and which run of the server it has met; whoever listens lets go of
what is known before anything of another history comes in. Nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

ANOTHER_HISTORY = "what it was decided on may be no more"
"""Why an append fails whose decision is of a history that the store may have no longer."""


class Change(Enum):
    """What has changed, as far as that is known."""

    SERVER = "the server or its database is not the one before, perhaps put back by hand"
    HISTORY = "the history is another one"


class History:
    """What was found last. ``number`` grows whenever what was known may be of another history."""

    __slots__ = ("_listeners", "_run", "epoch", "number")

    def __init__(self) -> None:
        self.number = 0
        self.epoch: str | None = None
        self._run: str | None = None
        self._listeners: list[Callable[[Change], None]] = []

    def on_change(self, listener: Callable[[Change], None]) -> None:
        """Tell somebody of each change, at once. It must not wait or raise: it is told once."""
        self._listeners.append(listener)

    def connected(self, epoch: str, run: str) -> None:
        """A new connection has met this epoch, in a run of the server, and a database, so named."""
        known, self._run = self._run, run
        if not self.found(epoch) and known not in {None, run}:
            self._tell(Change.SERVER)

    def found(self, epoch: str) -> bool:
        """The store has this epoch now. Answers whether it had another one before."""
        known, self.epoch = self.epoch, epoch
        other = known not in {None, epoch}
        if other:
            self.replaced()
        return other

    def replaced(self) -> None:
        """The store's history is another one, whatever has shown it."""
        self._tell(Change.HISTORY)

    def _tell(self, change: Change) -> None:
        self.number += 1
        for listener in self._listeners:
            listener(change)

"""A client's outbox: what it has written and has no final answer for, and what may be sent now.

The rules are those of ``web/client/queue.ts`` and ``sender.ts``, said once more: a lane is a
conversation; only a visitor's words and read marks go out before what was sent ahead of them is
answered; a ``start`` goes alone; a lane that the server gave up waits, then begins at its first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

WINDOW = 6
"""Commands under way at most."""

NEW = "new"
"""The lane of what has no conversation yet."""


class Entry(Struct):
    """A command; ``id``, ``op`` and what it says are fixed once it was sent."""

    id: str
    op: str
    conversation: str | None
    fields: dict[str, Any]
    sent: bool = False

    @property
    def lane(self) -> str:
        """The order that it stands in."""
        return self.conversation or (NEW if self.op in {"start", "post"} else self.op)

    @property
    def frame(self) -> dict[str, Any]:
        """What is sent."""
        named = {} if self.conversation is None else {"conversation": self.conversation}
        return {"op": self.op, "id": self.id, **named, **self.fields}


class ClientOutbox:
    """The commands of one client, in the order of writing."""

    def __init__(self, role: str) -> None:
        self.entries: list[Entry] = []
        self._role = role
        self._flying: dict[str, float] = {}
        self._shut: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def write(self, entry: Entry) -> None:
        """Add a command."""
        self.entries.append(entry)

    def disconnected(self) -> None:
        """What was under way is simply unsent again, and no lane is shut."""
        self._flying.clear()
        self._shut.clear()

    def next(self, now: float) -> list[Entry]:
        """What is to be sent now, in order; it counts as under way from here on."""
        flying = {entry.lane for entry in self.entries if entry.id in self._flying}
        shut = {lane for lane, until in self._shut.items() if until > now or lane in flying}
        room = WINDOW - len(self._flying)
        chosen = [entry for entry in self._choose(shut) if entry.id not in self._flying][:room]
        for entry in chosen:
            entry.sent = True
            self._flying[entry.id] = now
            self._shut.pop(entry.lane, None)
        return chosen

    def _choose(self, shut: set[str]) -> Iterator[Entry]:
        for place, entry in enumerate(self.entries):
            if entry.op == "start":
                if place == 0:
                    yield entry
                return  # it goes alone
            if entry.lane not in shut:
                yield entry
            if not self._is_followed(entry):
                shut.add(entry.lane)

    def _is_followed(self, entry: Entry) -> bool:
        """Whether more of its lane may be sent before its answer is here."""
        return entry.op == "read" or (self._role == "visitor" and entry.op == "post")

    def hold(self, command: str, until: float) -> None:
        """The server gave this command up: its lane waits."""
        entry = self.find(command)
        if entry is not None and self._flying.pop(command, None) is not None:
            self._shut[entry.lane] = max(self._shut.get(entry.lane, 0.0), until)

    def settle(self, command: str) -> Entry | None:
        """A final answer has come; None: for nothing that waits."""
        entry = self.find(command)
        if entry is not None:
            self.entries.remove(entry)
            self._flying.pop(command, None)
        return entry

    def find(self, command: str) -> Entry | None:
        """The entry of this id."""
        return next((entry for entry in self.entries if entry.id == command), None)

    def oldest(self) -> float | None:
        """Since when the command that flies longest does."""
        return min(self._flying.values(), default=None)

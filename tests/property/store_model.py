"""The event store as plain dictionaries: what a log must answer, by the letter of the rules.

It knows no hashes, keys or times, and shares no code with any store but the ids of events.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.append import Append, Dependency, Expect, Expectation
from domain.conversation.events import ConversationClosed
from domain.envelope import Actor
from domain.ids import event_id

Sender = tuple[str, str, UUID]
"""Role and id of the actor, and the command's id: what names a command."""


class Entry(Struct, frozen=True):
    """An event: whose it is (``n``-th of a command), its place, what it says."""

    sender: Sender
    n: int
    stream: str
    version: int
    decided: int
    position: int
    subject: str
    data: object


class Outcome(Struct, frozen=True):
    """What a command is answered: its entries when appended, its last entry when known."""

    kind: Literal["appended", "known", "conflict", "erased"]
    entries: tuple[Entry, ...] = ()
    same: bool = True


class Model:
    """A log. ``streams`` has each stream's entries, ``contents`` what each command asked."""

    def __init__(self, log: UUID) -> None:
        self.log = log
        self.entries: list[Entry] = []
        self.streams: dict[str, list[Entry]] = {}
        self.contents: dict[Sender, bytes] = {}
        self.erased: set[str] = set()

    def append(self, command: Append) -> Outcome:
        """Judge a command, and write it when it may be."""
        sender = sender_of(command.actor, command.command)
        if (known := self.known(sender, command.content)) is not None:
            return known
        if not self._came_out(command.after):
            return Outcome("conflict")
        if not all(self._holds(part.stream, part.expectation) for part in command.parts):
            return Outcome("conflict")
        subjects = {event.subject for part in command.parts for event in part.events}
        if subjects & self.erased:
            return Outcome("erased")
        return Outcome("appended", self._write(sender, command))

    def known(self, sender: Sender, content: bytes) -> Outcome | None:
        """The first answer to this command, if it had one."""
        if sender not in self.contents:
            return None
        own = [entry for entry in self.entries if entry.sender == sender]
        same = own[0].subject in self.erased or self.contents[sender] == content
        return Outcome("known", (own[-1],), same)

    def id_of(self, entry: Entry) -> UUID:
        """The id that this entry's event has."""
        role, actor, command = entry.sender
        return event_id(self.log, role, actor, command, entry.n)

    def outcome_of(self, command: Append) -> Dependency:
        """What rests on this command's outcome has to name; a version 0 when there is none."""
        sender = sender_of(command.actor, command.command)
        places = [(each.stream, each.version) for each in self.entries if each.sender == sender]
        return Dependency(event_id(self.log, *sender, 0), *(places[0] if places else ("", 0)))

    def version(self, stream: str) -> int:
        """How many events the stream has."""
        return len(self.streams.get(stream, []))

    def decided(self, stream: str) -> int:
        """The version of the stream's last deciding event."""
        entries = self.streams.get(stream)
        return entries[-1].decided if entries else 0

    def _write(self, sender: Sender, command: Append) -> tuple[Entry, ...]:
        written: list[Entry] = []
        for part in command.parts:
            for event in part.events:
                version = self.version(part.stream) + 1
                deciding = isinstance(event.data, ConversationClosed)
                entry = Entry(
                    sender,
                    len(written),
                    part.stream,
                    version,
                    version if deciding else self.decided(part.stream),
                    len(self.entries) + 1,
                    event.subject,
                    event.data,
                )
                self.entries.append(entry)
                self.streams.setdefault(part.stream, []).append(entry)
                written.append(entry)
        self.contents[sender] = command.content
        return tuple(written)

    def _came_out(self, after: Dependency | None) -> bool:
        if after is None:
            return True
        return any(
            (self.id_of(entry), entry.stream, entry.version)
            == (after.event, after.stream, after.version)
            for entry in self.entries
        )

    def _holds(self, stream: str, expectation: Expectation) -> bool:
        version = self.version(stream)
        return {
            Expect.ANY: True,
            Expect.NO_STREAM: version == 0,
            Expect.EXISTS: version != 0,
            Expect.VERSION: version == expectation.version,
            Expect.UNDECIDED_SINCE: self.decided(stream) <= expectation.version <= version,
        }[expectation.kind]


def sender_of(actor: Actor, command: UUID) -> Sender:
    """What names a command of this actor."""
    return actor.role, actor.id, command

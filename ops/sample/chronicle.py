"""Decides commands of the past, one after the other, on a log that nobody else has written to.

What comes of a command is what the product's own rules say (``domain.handling.plan``); only the
time is given. The states are those that the commands before it have made: nothing is read.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import streams
from domain.append import Append, Dated, Part, at_version
from domain.conversation import commands as c
from domain.handling.pending import content_of
from domain.handling.plan import Command, NotLoaded, Plan, View, plan
from domain.handling.sender import Sender
from domain.handling.states import Entry, States, initial
from domain.ports import EventStore


class Happening(Struct, frozen=True):
    """Somebody asks for something, at a time in microseconds since 1970."""

    at: int
    sender: Sender
    command: Command


class Chronicle:
    """A log's history so far, as the states that it has led to."""

    def __init__(self, log: UUID, store: EventStore) -> None:
        self._view = View(States(store), log)
        self._free = 0  # the first microsecond that no event has

    def decide(self, happening: Happening) -> Dated | None:
        """The command with its events; None where there is nothing to do.

        Raises :class:`~domain.errors.Refused`.
        """
        happening = self._read_by_then(happening)
        command, actor = happening.command, happening.sender.actor
        parts = self._dated(self._plan(happening))
        count = sum(len(part.events) for part in parts)
        if not count:
            return None
        self._view.decided(command.id, parts, actor)
        at = max(happening.at, self._free)
        self._free = at + count
        return Dated(Append(command.id, actor, content_of(command), parts), at)

    def _read_by_then(self, happening: Happening) -> Happening:
        """Somebody who reads has read all that there is: the version is known only here."""
        command = happening.command
        if not isinstance(command, c.Read):
            return happening
        stream = streams.conversation(command.conversation)
        self._view.begin()
        return replace(happening, command=replace(command, upto=self._view.load(stream).version))

    def _plan(self, happening: Happening) -> Plan:
        """Decide; a stream that nothing has happened to yet is as it is in the beginning."""
        loaded: dict[str, Entry] = {}
        while True:
            self._view.begin(loaded)
            try:
                return plan(happening.command, happening.sender, self._view)
            except NotLoaded as needed:
                loaded[needed.stream] = Entry(initial(needed.stream), 0)

    def _dated(self, outcome: Plan) -> tuple[Part, ...]:
        """The parts that add something, each with the version at which its stream is."""
        return tuple(
            Part(part.stream, at_version(self._view.load(part.stream).version), part.events)
            for part in outcome.parts
            if part.events
        )

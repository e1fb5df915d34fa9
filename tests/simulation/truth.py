"""The log as it really was, arranged for the checkers: by epoch, by stream, by command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from domain.envelope import MARK_BYTES
from tests.simulation.history import Committed, History, Incarnation, Reader
from tests.simulation.sight import Right, rights_of

Sender = tuple[UUID, str, str, str]
"""Log, role and id of an actor, and the id of its command."""


class Truth:
    """One log under one epoch."""

    def __init__(self, incarnation: Incarnation, log: UUID) -> None:
        self.ended = incarnation.ended
        self.events = incarnation.logs.get(log, [])
        self.streams: dict[str, list[Committed]] = defaultdict(list)
        for each in self.events:
            self.streams[each.event.stream].append(each)
        self._rights: dict[str, list[Right]] = {}

    def feed(self, name: str) -> Sequence[Committed]:
        """What a feed counts: the log itself, or a stream."""
        if name == "inbox":
            return self.events
        return self.streams.get(name.replace(":", "-", 1), ())

    def rights(self, agent: str) -> list[Right]:
        """All rights that an agent had."""
        if agent not in self._rights:
            self._rights[agent] = rights_of(agent, self.events)
        return self._rights[agent]

    def mark(self, feed: str, number: int) -> str | None:
        """The mark at an offset; None where there is no such event."""
        events = self.feed(feed)
        if not 0 < number <= len(events):
            return None
        return events[number - 1].event.hash[:MARK_BYTES].hex()


class Truths:
    """All logs under all epochs."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._found: dict[tuple[str, UUID], Truth] = {}

    def of(self, epoch: str, log: UUID) -> Truth:
        """A log under an epoch."""
        key = (epoch, log)
        if key not in self._found:
            wanted = (each for each in self._history.incarnations if each.epoch == epoch)
            self._found[key] = Truth(next(wanted), log)
        return self._found[key]

    def final(self, log: UUID) -> Truth:
        """A log as it is in the end."""
        return self.of(self._history.now.epoch, log)

    def finals(self) -> Iterator[Truth]:
        """Every log as it is in the end."""
        return map(self.final, self._history.now.logs)

    def commands(self) -> dict[Sender, list[tuple[Incarnation, Committed]]]:
        """The last event of every command that ever was in a log, in each epoch that had it."""
        last: dict[Sender, dict[str, tuple[Incarnation, Committed]]] = defaultdict(dict)
        for incarnation in self._history.incarnations:
            for log, events in incarnation.logs.items():
                for each in events:
                    actor, command = each.event.actor, str(each.event.metadata.command)
                    sender = (log, actor.role, actor.id, command)
                    last[sender][incarnation.epoch] = (incarnation, each)
        return {sender: list(found.values()) for sender, found in last.items()}


def sender_of(reader: Reader, command: str) -> Sender:
    """How a client's command is known in the log."""
    return (reader.log, reader.role, reader.actor, command)

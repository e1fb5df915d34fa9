"""What operators do to a running site: rights, transfers, ends of agents and visitors, backups.

All of it goes to the store itself, past every node: they hear of it by the log.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from domain.agent.events import AgentDeactivated, AgentRightsChanged
from domain.append import ANY, Append, Part
from domain.checkpoints import Checkpoint
from domain.conversation.events import ConversationErased, ConversationTransferred
from domain.envelope import Access, Actor, NewEvent
from domain.ports import Ids
from domain.visitor.events import VisitorErased
from tests.doubles.connected_store import done
from tests.simulation.client import Client
from tests.simulation.history import Erased, History
from tests.simulation.people import DEPARTMENTS
from tests.simulation.read_models import Tables
from tests.simulation.recording import RecordedStore
from tests.simulation.surroundings import Surroundings
from tests.simulation.truth import Truth

SYSTEM = Actor("system", "operator")

WORTH_KEEPING = 30
"""Events of the log where most happens without which a backup would be of an empty site."""


@dataclass
class Backup:
    """The store's data at a moment: how far each log was, and all that is beside them."""

    positions: dict[UUID, int]
    tables: Tables
    checkpoints: dict[UUID, Checkpoint]


class Operators:
    """What can be done at any moment at which the store is there."""

    def __init__(
        self, store: RecordedStore, around: Surroundings, history: History, ids: Ids
    ) -> None:
        self.backups: list[Backup] = []
        self._store = store
        self._around = around
        self._history = history
        self._ids = ids
        self._time = asyncio.get_running_loop().time

    def truth(self, log: UUID) -> Truth:
        """A log as it is now."""
        return Truth(self._history.now, log)

    def _append(self, log: UUID, stream: str, event: NewEvent) -> None:
        command = Append(self._ids.uuid(), SYSTEM, b"", (Part(stream, ANY, (event,)),))
        done(self._store.append_batch(log, [command]))

    def change_rights(self, log: UUID, agent: str, role: str, departments: tuple[str, ...]) -> bool:
        """Change what an agent may see; False: it is so already, or it was deactivated."""
        stream = f"agent-{agent}"
        last = self.truth(log).rights(agent)[-1]
        same = (last.limited, last.departments) == (role == "limited", frozenset(departments))
        if same or not last.active:
            return False
        self._append(log, stream, NewEvent(AgentRightsChanged(role, departments), stream))
        return True

    def deactivate(self, log: UUID, agent: str) -> None:
        """Let an agent be nobody here from now on. A restore may bring it back."""
        stream = f"agent-{agent}"
        self._append(log, stream, NewEvent(AgentDeactivated(), stream))

    def transfer_away(self, client: Client, feed: str) -> bool:
        """Take a conversation to where this agent may not read it; False: it could not before."""
        log, truth = client.reader.log, self.truth(client.reader.log)
        events, right = truth.feed(feed), truth.rights(client.reader.actor)[-1]
        if not events or not right.limited or events[-1].event.type == "conversation.erased":
            return False
        event, visitor = events[-1].event, events[0].event.actor.id
        if not right.reads(event.metadata.after) or self._is_erased(log, visitor):
            return False
        places = [each for each in (*DEPARTMENTS, "nowhere") if each not in right.departments]
        moved = ConversationTransferred(department=places[-1])
        before, after = event.metadata.after, Access(places[-1])
        self._append(log, event.stream, NewEvent(moved, f"visitor-{visitor}", before, after))
        return True

    # --- erasure ------------------------------------------------------------------------------

    def erase(self, log: UUID, visitor: str) -> None:
        """Erase a visitor, for ever: a restore does it again."""
        self._history.erased.append(Erased(self._time(), log, visitor))
        self._erase(log, visitor)

    def _is_erased(self, log: UUID, visitor: str) -> bool:
        return (log, f"visitor-{visitor}") in self._around.erased

    def _erase(self, log: UUID, visitor: str) -> None:
        """Destroy its key, and say so in each of its streams."""
        truth, subject = self.truth(log), f"visitor-{visitor}"
        self._around.erased.add((log, subject))
        done(self._store.destroy_key(log, subject))
        last: Access | None = None
        for stream, events in truth.streams.items():
            if stream.startswith("conversation-") and events[0].event.actor.id == visitor:
                last = events[-1].event.metadata.after
                self._append(log, stream, NewEvent(ConversationErased(), "tenant", last, last))
        if subject in truth.streams:
            self._append(log, subject, NewEvent(VisitorErased(), "tenant", last, last))

    # --- backups ------------------------------------------------------------------------------

    def back_up(self, log: UUID) -> None:
        """Keep what is in the store, once there is something."""
        if len(self._history.now.logs[log]) < WORTH_KEEPING:
            return
        positions = {log: len(events) for log, events in self._history.now.logs.items()}
        tables, checkpoints = self._around.tables.copy(), dict(self._around.checkpoints)
        self.backups.append(Backup(positions, tables, checkpoints))

    def restore(self, backup: Backup) -> None:
        """Be back at a backup, under another epoch, with all erased that was; then serve.

        Log, read models and checkpoints are of one database, and go back together.
        """
        self._store.restore(backup.positions)
        self._around.tables.become(backup.tables)
        self._around.checkpoints.clear()
        self._around.checkpoints.update(backup.checkpoints)
        kept = self._history.now.logs
        self.backups = [
            each
            for each in self.backups
            if all(each.positions[log] <= len(events) for log, events in kept.items())
        ]
        self._store.away = False
        for erased in self._history.erased:
            last = self.truth(erased.log).streams.get(f"visitor-{erased.visitor}", [])
            if last and last[-1].event.type != "visitor.erased":
                self._erase(erased.log, erased.visitor)

"""The states that decisions rest on: folded from streams, kept for those in use.

A kept state may be old; the append's expectations notice, and then it is brought up to date from
its own version on. The number of kept states is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.agent import events as agent_events
from domain.agent import state as agent
from domain.conversation import state as conversation
from domain.envelope import Actor, RecordedEvent
from domain.errors import EventDamaged
from domain.event_types import REGISTRY
from domain.file import state as file
from domain.handling.snapshots import Keeper
from domain.ports import EventStore, Snapshots
from domain.tenant import state as tenant
from domain.visitor import events as visitor_events
from domain.visitor import state as visitor

PAGE = 1000
"""Events read at a time when a state is folded."""


class Entry(Struct, frozen=True):
    """A state, and the version of its stream that it reflects (0: nothing happened yet).

    ``saved`` is the version of the stream's snapshot, as far as that is known here.
    """

    state: Any
    version: int
    saved: int = 0


class Binding(Struct, frozen=True):
    """The state of an identity's or an e-mail's stream: whom it names."""

    visitor: str | None = None
    agent: str | None = None


INITIAL: dict[str, Any] = {
    "conversation": conversation.INITIAL,
    "visitor": visitor.INITIAL,
    "agent": agent.INITIAL,
    "tenant": tenant.INITIAL,
    "file": file.INITIAL,
    "identity": Binding(),
    "email": Binding(),
}


def initial(stream: str) -> Any:
    """The state of a stream without events."""
    return INITIAL[streams.kind(stream)]


def evolve(state: Any, event: Any, actor: Actor, version: int) -> Any:
    """The state after an event at this version of its stream, whatever aggregate it is of."""
    match state:
        case conversation.Conversation():
            return conversation.evolve(state, event, actor)
        case visitor.Visitor():
            return visitor.evolve(state, event, actor)
        case agent.Agent():
            return agent.evolve(state, event, version)
        case tenant.Tenant():
            return tenant.evolve(state, event, version)
        case file.File():
            return file.evolve(state, event, actor)
        case _:
            return _bind(state, event)


def _bind(state: Binding, event: Any) -> Binding:
    if isinstance(event, visitor_events.IdentityBound):
        return Binding(visitor=event.visitor)
    if isinstance(event, agent_events.EmailBound):
        return Binding(agent=event.agent)
    return state


class States:
    """A bounded set of folded states, least recently used first to go.

    With ``snapshots`` a long stream is folded from its last one on, and every so many events one
    is made. ``histories``: how often all were forgotten; what was taken from here before that is
    old.
    """

    def __init__(
        self,
        store: EventStore,
        *,
        kept: int = 10_000,
        snapshots: Snapshots | None = None,
        snapshot_events: int = 0,
    ) -> None:
        self._store = store
        self._kept = kept
        self._keeper: Keeper | None = None
        if snapshots is not None and snapshot_events:
            self._keeper = Keeper(snapshots, INITIAL, snapshot_events)
        self._entries: OrderedDict[tuple[UUID, str], Entry] = OrderedDict()
        self.histories = 0

    def clear(self) -> None:
        """Forget all: the store's history is another one. What is being read is read again."""
        self._entries.clear()
        if self._keeper is not None:
            self._keeper.forget()
        self.histories += 1

    def forget(self, log: UUID, stream: str) -> None:
        """Forget a state: whoever needs it next has it from the store."""
        self._entries.pop((log, stream), None)

    def peek(self, log: UUID, stream: str) -> Entry | None:
        """The state as it is kept here, or None."""
        return self._entries.get((log, stream))

    def find(self, log: UUID, stream: str) -> Entry | None:
        """The state as it is kept here, for longer now that it is in use; or None."""
        key = (log, stream)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    async def load(self, log: UUID, stream: str) -> Entry:
        """The state, from here when it is kept, else from the store; it may be old."""
        return self.find(log, stream) or await self.refresh(log, stream)

    async def refresh(self, log: UUID, stream: str) -> Entry:
        """The state as the store has it now.

        Raises EventDamaged where an event that decides cannot be read: nothing is decided on a
        guess. What does not decide is stepped over, so that a message does not end a conversation.
        """
        history = self.histories
        entry, last = self._entries.get((log, stream)), None
        if entry is None:
            entry = await self._begin(log, stream)
        while page := await self._store.read_stream(log, stream, entry.version, PAGE):
            entry, last = _fold(entry, page), page[-1]
        if history != self.histories:
            return await self.refresh(log, stream)
        kept = self._entries.get((log, stream))
        if kept is not None and kept.version > entry.version:
            return kept  # what was committed meanwhile has been applied already
        return self._keep(log, stream, entry, last)

    async def _begin(self, log: UUID, stream: str) -> Entry:
        """From where a stream is folded of which nothing is kept here: its snapshot, if it is long.

        A short one has none, and is not asked for it.
        """
        entry, keeper = Entry(initial(stream), 0), self._keeper
        if keeper is None or not keeper.has(stream):
            return entry
        entry = _fold(entry, await self._store.read_stream(log, stream, 0, keeper.look_after))
        if entry.version < keeper.look_after:
            return entry
        found = await keeper.find(log, stream)
        if found is None or found[1] <= entry.version:
            return entry
        state, version = found
        return Entry(state, version, saved=version)

    def apply(self, events: Iterable[RecordedEvent]) -> None:
        """Take note of committed events. A state that they do not continue is forgotten.

        So is one that a damaged event decides on: whoever needs it is told so by the store.
        """
        for event in events:
            entry = self._entries.get((event.log, event.stream))
            if entry is None and event.version == 1:
                entry = Entry(initial(event.stream), 0)
            if entry is None or event.version <= entry.version:
                continue
            if event.version == entry.version + 1 and not _bars(event):
                self._keep(event.log, event.stream, _fold(entry, (event,)), event)
            else:
                self._entries.pop((event.log, event.stream), None)

    def _keep(self, log: UUID, stream: str, entry: Entry, last: RecordedEvent | None) -> Entry:
        """Keep a state; and, where it has come far beyond its snapshot, have a new one made.

        ``last`` is the last event that was folded into it now, if any was.
        """
        if entry.version == 0:
            return entry
        keeper = self._keeper
        if keeper is not None and last and entry.version - entry.saved >= keeper.every:
            keeper.keep(log, entry.state, last)
            entry = Entry(entry.state, entry.version, saved=entry.version)
        self._entries[log, stream] = entry
        self._entries.move_to_end((log, stream))
        while len(self._entries) > self._kept:
            self._entries.popitem(last=False)
        return entry


def _bars(event: RecordedEvent) -> bool:
    """Whether nothing can be decided after this event: it cannot be read, and decisions rest on it.

    The type stands in clear.
    """
    return event.damaged and REGISTRY.named(event.type).deciding


def _fold(entry: Entry, events: Iterable[RecordedEvent]) -> Entry:
    state, version = entry.state, entry.version
    for event in events:
        if _bars(event):
            raise EventDamaged(f"event {event.position} of log {event.log} is damaged")
        if event.damaged:
            version = event.version
            continue
        state, version = _after(state, event), event.version
    return Entry(state, version, entry.saved)


def _after(state: Any, event: RecordedEvent) -> Any:
    """The state after an event that is not damaged, erased or not."""
    if event.data is None and isinstance(state, conversation.Conversation):
        return conversation.evolve_erased(state, event.type, event.actor, event.metadata.after)
    return evolve(state, event.data, event.actor, event.version)

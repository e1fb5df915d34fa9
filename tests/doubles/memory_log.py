"""One log in memory: judges commands, gives places and hashes, answers reads.

The rules of ``docs/architecture.md`` about commands and the log, written once more and as plainly
as can be, so that PostgreSQL has something to be compared with. No I/O, no await, no faults: those
are the store's.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain import chain
from domain.append import (
    Answer,
    Append,
    Appended,
    Conflict,
    Dependency,
    Expect,
    Known,
    Part,
    SubjectErased,
)
from domain.envelope import Actor, Metadata, NewEvent, RecordedEvent
from domain.ids import event_id, event_ids
from domain.moments import Asked, Moment
from domain.ports import Ids, LogHead, Recheck, Snapshot, StreamHead
from domain.registry import Registry

METADATA = msgspec.msgpack.Encoder(order="deterministic", uuid_format="bytes")


class Row(Struct, frozen=True):
    """An event as it is kept: ``event`` without its data, and the data as ``stored`` bytes.

    Of ``content``, the command's own, real stores keep only a keyed digest, in its first event.
    """

    event: RecordedEvent
    stored: bytes
    content: bytes


class MemoryLog:
    """A tenant's log. ``now_us`` below is microseconds since 1970."""

    def __init__(self, log: UUID, tenant: str, ids: Ids, registry: Registry) -> None:
        self.id = log
        self.tenant = tenant
        self._ids = ids
        self._registry = registry
        self._rows: list[Row] = []
        self._streams: dict[str, list[Row]] = {}
        self._by_id: dict[UUID, Row] = {}
        self._ever: dict[bytes, Row] = {}
        self._keys: dict[str, UUID] = {}
        self._destroyed: set[UUID] = set()
        self._snapshots: dict[str, Snapshot] = {}

    def append(self, command: Append, now_us: int) -> Answer:
        """Judge a command and, if it may, write it."""
        known = self._known(command.actor, command.command, command.content)
        if known is not None:
            return known
        if not self._depends_rightly(command.after) or not all(map(self._meets, command.parts)):
            return Conflict()
        new = [(part.stream, event) for part in command.parts for event in part.events]
        if any(self._keys.get(event.subject) in self._destroyed for _, event in new):
            return SubjectErased()
        rows = [
            self._write(command, n, stream, event, now_us) for n, (stream, event) in enumerate(new)
        ]
        return Appended(tuple(map(self.shown, rows)))

    def destroy_key(self, subject: str) -> None:
        """Erase a subject: what is under its key can be read no more, nor anything be added."""
        self._destroyed.add(self._key(subject))
        kept = self._snapshots.items()
        self._snapshots = {name: one for name, one in kept if one.subject != subject}

    def go_back(self, position: int) -> None:
        """Lose what came after this position, as a restore does. What was erased stays so."""
        while len(self._rows) > position:
            event = self._rows.pop().event
            self._streams[event.stream].pop()
            del self._by_id[event.id]

    def row_of(self, chain_hash: bytes) -> Row:
        """The row of this hash, in whichever history: whoever has its bytes can open it."""
        return self._ever[chain_hash]

    def read(self, after: int, limit: int) -> list[Row]:
        return self._rows[after : after + limit]

    def read_stream(self, stream: str, after: int, limit: int) -> list[Row]:
        return self._streams.get(stream, [])[after : after + limit]

    def read_positions(self, positions: Sequence[int]) -> list[Row]:
        there = (position for position in positions if 0 < position <= len(self._rows))
        return [self._rows[position - 1] for position in there]

    def head(self) -> LogHead:
        return LogHead(self.id, self.tenant, len(self._rows), self._head_hash())

    def stream_head(self, stream: str | None, offset: int) -> StreamHead:
        rows = self._rows if stream is None else self._streams.get(stream, [])
        last = rows[-1].event.hash if rows else chain.genesis(self.id)
        asked = rows[offset - 1].event.hash if 0 < offset <= len(rows) else None
        return StreamHead(len(rows), last, asked)

    def moment(self, asked: Asked, stream: str | None) -> Moment:
        """Counted through: nothing is taken for granted of how times grow."""
        events = [row.event for row in self._rows]
        if asked.position is None:
            assert asked.recorded_at is not None
            then = [event for event in events if event.recorded_at <= asked.recorded_at]
        else:
            then = [event for event in events if event.position <= asked.position]
        last = then[-1] if then else None
        return Moment(
            position=len(then),
            recorded_at=last.recorded_at if last else None,
            hash=last.hash if last else chain.genesis(self.id),
            head=len(events),
            version=sum(event.stream == stream for event in then),
        )

    def find_snapshot(self, stream: str, form: int) -> Snapshot | None:
        found = self._snapshots.get(stream)
        return found if found and found.form == form and self._is_there(found) else None

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        key = self._keys.get(snapshot.subject)
        if key is not None and key not in self._destroyed and self._is_there(snapshot):
            self._snapshots[snapshot.stream] = snapshot

    def _is_there(self, snapshot: Snapshot) -> bool:
        """Whether the log has the event that it was made at."""
        rows = self._streams.get(snapshot.stream, [])[snapshot.version - 1 : snapshot.version]
        return any(row.event.hash == snapshot.hash for row in rows)

    def recheck(
        self, actor: Actor, command: UUID, content: bytes, streams: Sequence[str]
    ) -> Recheck:
        versions = {stream: self._version(stream) for stream in streams}
        known = self._known(actor, command, content)
        if known is None:
            return Recheck(None, same=False, versions=versions)
        return Recheck(known.last, known.same, versions)

    def _known(self, actor: Actor, command: UUID, content: bytes) -> Known | None:
        first = self._by_id.get(event_id(self.id, actor.role, actor.id, command, 0))
        if first is None:  # a command is there whole or not at all
            return None
        ids = event_ids(self.id, actor.role, actor.id, command)
        last = [self._by_id[id_] for id_ in ids if id_ in self._by_id][-1]
        erased = first.event.key_id in self._destroyed
        return Known(self.shown(last), erased or first.content == content)

    def _depends_rightly(self, after: Dependency | None) -> bool:
        if after is None:
            return True
        row = self._by_id.get(after.event)
        if row is None:
            return False
        return (row.event.stream, row.event.version) == (after.stream, after.version)

    def _meets(self, part: Part) -> bool:
        """Whether the part's expectation on its stream holds."""
        version, wanted = self._version(part.stream), part.expectation
        match wanted.kind:
            case Expect.ANY:
                return True
            case Expect.NO_STREAM:
                return version == 0
            case Expect.EXISTS:
                return version > 0
            case Expect.VERSION:
                return version == wanted.version
            case Expect.UNDECIDED_SINCE:
                return self._decided(part.stream) <= wanted.version <= version

    def _write(self, command: Append, n: int, stream: str, new: NewEvent, now_us: int) -> Row:
        event_type = self._registry.of(new.data)
        version = self._version(stream) + 1
        event = RecordedEvent(
            log=self.id,
            position=len(self._rows) + 1,
            stream=stream,
            version=version,
            decided=version if event_type.deciding else self._decided(stream),
            type=event_type.name,
            schema_version=event_type.schema_version,
            id=event_id(self.id, command.actor.role, command.actor.id, command.command, n),
            actor=command.actor,
            metadata=Metadata(
                command.command,
                command.cause,
                command.correlation,
                new.before,
                new.after,
                command.trace,
            ),
            recorded_at=self._time(now_us),
            key_id=self._key(new.subject),
            hash=b"",
            data=None,
        )
        stored = self._registry.encode(new.data)
        row = Row(replace(event, hash=self._hash(event, stored)), stored, command.content)
        self._rows.append(row)
        self._streams.setdefault(stream, []).append(row)
        self._by_id[event.id] = self._ever[row.event.hash] = row
        return row

    def _hash(self, event: RecordedEvent, stored: bytes) -> bytes:
        link = chain.Link(
            log=self.id,
            position=event.position,
            stream=event.stream,
            version=event.version,
            type=event.type,
            schema_version=event.schema_version,
            event_id=event.id,
            actor_role=event.actor.role,
            actor_id=event.actor.id,
            recorded_at=event.recorded_at,
            key_id=event.key_id,
            metadata=METADATA.encode(event.metadata),
            data=stored,
        )
        return chain.next_hash(self._head_hash(), link)

    def shown(self, row: Row) -> RecordedEvent:
        """The event as readers get it: decoded anew, or without its data and names if erased."""
        event = row.event
        if event.key_id in self._destroyed:
            return replace(event, actor=replace(event.actor, name=None))
        data = self._registry.decode(event.type, event.schema_version, row.stored)
        return replace(event, data=data)

    def _head_hash(self) -> bytes:
        return self._rows[-1].event.hash if self._rows else chain.genesis(self.id)

    def _version(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def _decided(self, stream: str) -> int:
        rows = self._streams.get(stream)
        return rows[-1].event.decided if rows else 0

    def _time(self, now_us: int) -> int:
        """Later than every event before, whatever the clock says."""
        return max(now_us, self._rows[-1].event.recorded_at + 1) if self._rows else now_us

    def _key(self, subject: str) -> UUID:
        if subject not in self._keys:
            self._keys[subject] = self._ids.uuid()
        return self._keys[subject]

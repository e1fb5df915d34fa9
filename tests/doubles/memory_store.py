"""The simulated event store: the port's semantics in memory, with faults on demand.

For tests and the simulation only. It must never be kinder than PostgreSQL: the contract suite
runs against both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import accumulate
from uuid import UUID

from msgspec.structs import replace

from domain.append import Answer, Append, Known, LookupFailed
from domain.envelope import Actor, RecordedEvent, StoredEvent
from domain.errors import BatchRefused, Refused, StoreUnavailable
from domain.event_types import REGISTRY
from domain.ids import MAX_EVENTS_PER_COMMAND
from domain.moments import Asked, Moment
from domain.ports import Clock, Ids, LogHead, Recheck, Snapshot, StreamHead
from domain.registry import Registry
from tests.doubles.memory_log import METADATA, MemoryLog, Row


async def at_once() -> None:
    """The pause of a store that answers at once."""


class MemoryEventStore:
    """An :class:`~domain.ports.EventStore` in memory, and its :class:`~domain.ports.Snapshots`.

    ``pause`` is awaited on the way to the store and on the way back, so that a test can let
    others in between. Faults:

    - ``away``: while True every call raises StoreUnavailable and nothing happens;
    - ``lose_requests``: so many appends to come raise StoreUnavailable before their commit;
    - ``lose_answers``: so many appends to come raise StoreUnavailable after their commit;
    - ``poison``: a batch with one of these command ids raises BatchRefused;
    - ``damaged``: events at these positions, of any log, cannot be read;
    - ``lose_lookups``: so many appends to come cannot look up what was answered before.

    With ``page_bytes`` a page is bounded in bytes too, by a random number up to that.

    ``batches`` counts the appends that reached the store, refused ones too; ``runs`` how often a
    restore has ended all connections.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        *,
        registry: Registry = REGISTRY,
        pause: Callable[[], Awaitable[None]] = at_once,
        page_bytes: int | None = None,
    ) -> None:
        self.away = False
        self.lose_requests = 0
        self.lose_answers = 0
        self.poison: set[UUID] = set()
        self.damaged: frozenset[int] = frozenset()
        self.lose_lookups = 0
        self.page_bytes = page_bytes
        self.batches = 0
        self.runs = 0
        self._clock = clock
        self._ids = ids
        self._registry = registry
        self._pause = pause
        self._epoch = ids.random(16).hex()
        self._logs: dict[UUID, MemoryLog] = {}

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        await self._arrive()
        if self.lose_requests:
            self.lose_requests -= 1
            raise StoreUnavailable("lost on the way there")
        self.batches += 1
        if any(map(self._refuses, batch)):
            raise BatchRefused("the batch has a command that the store does not take")
        now_us = int(self._clock.now() * 1_000_000)
        answers = [self._logs[log].append(command, now_us) for command in batch]
        await self._pause()
        if self.lose_answers:
            self.lose_answers -= 1
            raise StoreUnavailable("lost on the way back")
        if self.lose_lookups:
            self.lose_lookups -= 1
            answers = [LookupFailed() if isinstance(one, Known) else one for one in answers]
        return answers

    async def recheck(
        self, log: UUID, actor: Actor, command: UUID, content: bytes, streams: Sequence[str]
    ) -> Recheck:
        await self._arrive()
        return self._logs[log].recheck(actor, command, content, streams)

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        await self._arrive()
        return self._page(self._logs[log].read(after, limit))

    async def read_stream(
        self, log: UUID, stream: str, after: int, limit: int
    ) -> list[RecordedEvent]:
        await self._arrive()
        return self._page(self._logs[log].read_stream(stream, after, limit))

    async def read_positions(self, log: UUID, positions: Sequence[int]) -> list[RecordedEvent]:
        await self._arrive()
        return self._page(self._logs[log].read_positions(positions))

    async def open(self, log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        await self._arrive()
        return self._page([self._logs[log].row_of(event.hash) for event in events])

    async def read_stored(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        """Events as they are stored. Not of the port: the outbox reads them."""
        await self._arrive()
        return [_stored(row) for row in self._logs[log].read(after, limit)]

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        await self._arrive()
        wanted = self._logs if logs is None else logs
        return [self._logs[log].head() for log in wanted if log in self._logs]

    async def stream_heads(
        self, log: UUID, asked: Sequence[tuple[str | None, int]]
    ) -> list[StreamHead]:
        await self._arrive()
        return [self._logs[log].stream_head(stream, offset) for stream, offset in asked]

    async def moment(self, log: UUID, asked: Asked, stream: str | None = None) -> Moment:
        await self._arrive()
        return self._logs[log].moment(asked, stream)

    async def find_snapshot(self, log: UUID, stream: str, form: int) -> Snapshot | None:
        await self._arrive()
        return self._logs[log].find_snapshot(stream, form)

    async def keep_snapshot(self, log: UUID, snapshot: Snapshot) -> None:
        await self._arrive()
        self._logs[log].keep_snapshot(snapshot)

    async def find_log(self, tenant: str) -> UUID | None:
        await self._arrive()
        found = (log.id for log in self._logs.values() if log.tenant == tenant)
        return next(found, None)

    async def create_log(self, log: UUID, tenant: str) -> None:
        await self._arrive()
        if log in self._logs or any(other.tenant == tenant for other in self._logs.values()):
            raise Refused("exists", "A tenant of this name exists already.")
        self._logs[log] = MemoryLog(log, tenant, self._ids, self._registry)

    async def epoch(self) -> str:
        await self._arrive()
        return self._epoch

    async def destroy_key(self, log: UUID, subject: str) -> None:
        """Erase a subject of a log. Not of the port: erasure has its own way in production."""
        await self._arrive()
        self._logs[log].destroy_key(subject)

    def restore(self, positions: Mapping[UUID, int]) -> None:
        """Be what a backup of these positions makes of it: another history. Not of the port."""
        for log, position in positions.items():
            self._logs[log].go_back(position)
        self._epoch = self._ids.random(16).hex()
        self.runs += 1

    def _page(self, rows: Sequence[Row]) -> list[RecordedEvent]:
        """What of these rows is on one page: the first one always."""
        if self.page_bytes is not None:
            left = int(self._ids.uniform() * self.page_bytes)
            sizes = accumulate(len(row.stored) for row in rows)
            rows = [
                row
                for n, (row, size) in enumerate(zip(rows, sizes, strict=True))
                if not n or size <= left
            ]
        return [
            replace(shown, data=None, actor=replace(shown.actor, name=None), damaged=True)
            if shown.position in self.damaged
            else shown
            for shown in (self._logs[row.event.log].shown(row) for row in rows)
        ]

    async def _arrive(self) -> None:
        await self._pause()
        if self.away:
            raise StoreUnavailable("the store is away")

    def _refuses(self, command: Append) -> bool:
        """A command of the test's choice, one too long, or text that PostgreSQL cannot keep."""
        clear = [command.actor.role, command.actor.id, *(part.stream for part in command.parts)]
        count = sum(len(part.events) for part in command.parts)
        return (
            command.command in self.poison
            or count > MAX_EVENTS_PER_COMMAND
            or any("\0" in text for text in clear)
        )


def _stored(row: Row) -> StoredEvent:
    """A row as it goes over the broker; nothing is encrypted here."""
    event = row.event
    return StoredEvent(
        position=event.position,
        stream=event.stream,
        version=event.version,
        decided=event.decided,
        type=event.type,
        schema_version=event.schema_version,
        event_id=event.id,
        actor_role=event.actor.role,
        actor_id=event.actor.id,
        key_id=event.key_id,
        metadata=METADATA.encode(event.metadata),
        recorded_at=event.recorded_at,
        data=row.stored,
        hash=event.hash,
    )

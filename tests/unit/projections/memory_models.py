"""Read models in memory: the ports of ``projections.ports``, and a projection that counts.

Reads see what is committed, writes happen at the commit, and whoever moves a checkpoint locks it
until the end of its transaction, as PostgreSQL does. Every await can be watched or cut off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from msgspec import Struct

from domain.envelope import RecordedEvent
from domain.errors import StoreUnavailable
from domain.ports import Row, Table, Transaction
from projections.ports import NOTHING, Checkpoint
from projections.projection import Write, statement
from tests.doubles.memory_store import at_once

_Key = tuple[str, UUID]


class Tables(Struct):
    """All that is committed."""

    checkpoints: dict[_Key, Checkpoint] = {}
    counts: dict[UUID, dict[str, int]] = {}
    parked: list[tuple[object, ...]] = []
    erasures: list[tuple[object, ...]] = []
    locks: dict[_Key, asyncio.Lock] = {}
    generations: int = 0


class MemoryTransaction:
    """A transaction: what it will do on commit."""

    def __init__(self, tables: Tables, pause: Callable[[], Awaitable[None]]) -> None:
        self.tables = tables
        self.writes: list[Callable[[], None]] = []
        self.locked: list[asyncio.Lock] = []
        self._pause = pause

    async def move_checkpoint(
        self, projection: str, log: UUID, was: Checkpoint, to: Checkpoint
    ) -> bool:
        await self._pause()
        key = (projection, log)
        lock = self.tables.locks.setdefault(key, asyncio.Lock())
        await lock.acquire()
        self.locked.append(lock)
        if self.tables.checkpoints.get(key, NOTHING) != was:
            return False
        self.writes.append(lambda: self.tables.checkpoints.update({key: to}))
        return True

    async def generations(self, name: str) -> int:  # the port's
        await self._pause()
        return self.tables.generations

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        raise AssertionError(sql)

    async def execute(self, sql: str, *arguments: object) -> None:
        await self._pause()
        if sql == statement("projections", "park"):
            self.writes.append(lambda: self.tables.parked.append(arguments))
        elif sql == statement("projections", "note_erasure"):
            self.writes.append(lambda: self.tables.erasures.append(arguments))
        else:
            assert sql == statement("projections", "clear_parked"), sql
            self.writes.append(self.tables.parked.clear)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        raise AssertionError(sql)

    async def put(self, table: Table, rows: Sequence[Sequence[object]]) -> None:  # the port's
        raise AssertionError(table)

    async def do(self, write: Callable[[], None]) -> None:
        """Do something on commit."""
        await self._pause()
        self.writes.append(write)


class MemoryReadModels:
    """The read models' tables. ``away``: StoreUnavailable; ``lose_commits``: so many, once done."""

    def __init__(self, pause: Callable[[], Awaitable[None]] = at_once) -> None:
        self.tables = Tables()
        self.away = False
        self.lose_commits = 0
        self.asked = 0
        self.pause = pause

    async def checkpoints(self, projection: str) -> dict[UUID, Checkpoint]:
        await self._arrive()
        stored = self.tables.checkpoints.items()
        return {log: at for (name, log), at in stored if name == projection}

    async def checkpoint(self, projection: str, log: UUID) -> Checkpoint:
        self.asked += 1
        await self._arrive()
        return self.tables.checkpoints.get((projection, log), NOTHING)

    @asynccontextmanager
    async def projecting(self, log: UUID) -> AsyncIterator[MemoryTransaction]:
        await self._arrive()
        transaction = MemoryTransaction(self.tables, self.pause)
        try:
            yield transaction
            await self.pause()
            for write in transaction.writes:
                write()
        finally:
            for lock in transaction.locked:
                lock.release()
        await self.pause()
        if self.lose_commits and transaction.writes:
            self.lose_commits -= 1
            raise StoreUnavailable("lost on the way back")

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[MemoryTransaction]:
        await self._arrive()
        yield MemoryTransaction(self.tables, self.pause)

    async def _arrive(self) -> None:
        await self.pause()
        if self.away:
            raise StoreUnavailable("the store is away")


Counts = dict[str, int]


class Counting:
    """A projection that counts each stream's events: what counts twice or not at all, shows.

    ``poison``: positions at which ``evolve`` fails.
    """

    name = "counting"
    version = 1
    types: frozenset[str] | None = None
    owned = ()
    tables = ""

    def __init__(self, models: MemoryReadModels) -> None:
        self._models = models
        self.poison: frozenset[int] = frozenset()
        self.folded: list[int] = []

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Counts | None = None
    ) -> Counts:
        if kept is not None and kept.keys() >= {event.stream for event in events}:
            return kept
        async with self._models.reading(log) as transaction:
            counts = transaction.tables.counts.get(log, {})
            return {event.stream: counts.get(event.stream, 0) for event in events}

    def evolve(self, rows: Counts, events: Sequence[RecordedEvent]) -> Counts:
        counts = dict(rows)
        for event in events:
            if event.position in self.poison:
                raise ValueError(f"what somebody wrote: {event.data}")
            counts[event.stream] += 1
        self.folded.extend(event.position for event in events)
        return counts

    async def change(self, log: UUID, before: Counts, after: Counts) -> Write:
        await self._models.pause()
        more = {stream: count - before[stream] for stream, count in after.items()}

        async def write(transaction: Transaction) -> None:
            memory = cast("MemoryTransaction", transaction)
            await memory.do(lambda: _add(memory.tables.counts.setdefault(log, {}), before, more))

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        memory = cast("MemoryTransaction", transaction)
        await memory.do(lambda: _drop(memory.tables.counts, log))


def _add(counts: Counts, before: Counts, more: Counts) -> None:
    """Not idempotent, on purpose: what is written twice is counted twice."""
    for stream, count in more.items():
        assert counts.get(stream, 0) == before[stream], "folded on rows of another place"
        counts[stream] = counts.get(stream, 0) + count


def _drop(table: dict[Any, Any], key: object) -> None:
    table.pop(key, None)

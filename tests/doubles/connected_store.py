"""The simulated store as one process has it: over connections, which a restore ends.

Before anything is asked on a new one, the process is told what history that has met, as
``adapters/postgres/pools.py`` does; what was on its way over the old ones comes to nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.append import Answer, Append
from domain.envelope import Actor, RecordedEvent, StoredEvent
from domain.errors import StoreUnavailable
from domain.history import ANOTHER_HISTORY, History
from domain.moments import Asked, Moment
from domain.ports import LogHead, Recheck, Snapshot, StreamHead
from tests.doubles.memory_store import MemoryEventStore

T = TypeVar("T")


def done(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of what waits for nothing: the store itself does each thing in one step."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("the simulated store has waited for something")


class Connections:
    """Those of one process. ``history`` is told what they find."""

    def __init__(self, store: MemoryEventStore, history: History) -> None:
        self._store = store
        self._run = -1
        self.history = history

    def meet(self, number: int | None = None) -> int:
        """Be connected; answers with the run of the server that has been met.

        ``number`` is that of the history which was decided on. Raises StoreUnavailable where there
        is another one by now.
        """
        run = self._store.runs
        if run != self._run:
            self._run = run
            self.history.connected(done(self._store.epoch()), str(run))
        if number not in {None, self.history.number}:
            raise StoreUnavailable(ANOTHER_HISTORY)
        return run

    def demand(self, run: int) -> None:
        """Raises StoreUnavailable where the connection that was had in that run is no more."""
        if run != self._store.runs:
            raise StoreUnavailable("the connection was ended")


class AskedStore(ABC):
    """What is asked of the simulated store, each question on whatever way ``_ask`` takes."""

    def __init__(self, store: MemoryEventStore) -> None:
        self._store = store

    @abstractmethod
    async def _ask(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer, or StoreUnavailable."""

    async def recheck(
        self, log: UUID, actor: Actor, command: UUID, content: bytes, streams: Sequence[str]
    ) -> Recheck:
        return await self._ask(lambda: self._store.recheck(log, actor, command, content, streams))

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        return await self._ask(lambda: self._store.read_log(log, after, limit))

    async def read_stream(
        self, log: UUID, stream: str, after: int, limit: int
    ) -> list[RecordedEvent]:
        return await self._ask(lambda: self._store.read_stream(log, stream, after, limit))

    async def read_positions(self, log: UUID, positions: Sequence[int]) -> list[RecordedEvent]:
        return await self._ask(lambda: self._store.read_positions(log, positions))

    async def open(self, log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        return await self._ask(lambda: self._store.open(log, events))

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        return await self._ask(lambda: self._store.heads(logs))

    async def stream_heads(
        self, log: UUID, asked: Sequence[tuple[str | None, int]]
    ) -> list[StreamHead]:
        return await self._ask(lambda: self._store.stream_heads(log, asked))

    async def moment(self, log: UUID, asked: Asked, stream: str | None = None) -> Moment:
        return await self._ask(lambda: self._store.moment(log, asked, stream))

    async def find_snapshot(self, log: UUID, stream: str, form: int) -> Snapshot | None:
        return await self._ask(lambda: self._store.find_snapshot(log, stream, form))

    async def keep_snapshot(self, log: UUID, snapshot: Snapshot) -> None:
        await self._ask(lambda: self._store.keep_snapshot(log, snapshot))

    async def find_log(self, tenant: str) -> UUID | None:
        return await self._ask(lambda: self._store.find_log(tenant))

    async def create_log(self, log: UUID, tenant: str) -> None:
        await self._ask(lambda: self._store.create_log(log, tenant))

    async def epoch(self) -> str:
        return await self._ask(self._store.epoch)


class ConnectedStore(AskedStore):
    """An :class:`~domain.ports.EventStore` over connections.

    ``pause`` is awaited on the way to the store and on the way back.
    """

    def __init__(
        self, store: MemoryEventStore, history: History, pause: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(store)
        self._pause = pause
        self.connections = Connections(store, history)

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        number = self.connections.history.number
        return await self._ask(lambda: self._store.append_batch(log, batch), number)

    async def _ask(
        self, question: Callable[[], Coroutine[Any, Any, T]], number: int | None = None
    ) -> T:
        await self._pause()
        if self._store.away:
            raise StoreUnavailable("the store is away")
        run = self.connections.meet(number)
        answer = done(question())
        await self._pause()
        self.connections.demand(run)
        return answer

"""The store as one node has it: the simulated store behind a link that takes time and fails.

What is in the store and how it judges is :class:`~tests.doubles.memory_store.MemoryEventStore`'s,
which passes the contract suite; here is only the way there and back. An append that is on its way
arrives though its sender has died meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from enum import Enum
from functools import partial
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from domain.append import Answer, Append
from domain.envelope import StoredEvent
from domain.errors import StoreUnavailable
from tests.doubles.connected_store import AskedStore, Connections, done
from tests.doubles.memory_store import MemoryEventStore
from tests.simulation.loop import rest

T = TypeVar("T")

USUAL_S, SELDOM_S = 0.002, 0.06
"""The longest that a way takes: usually, and one time in twenty."""

REFUSAL_S = 0.05
"""How long it takes to notice that a server does not answer."""


class Fate(Enum):
    """What may become of the next append."""

    REQUEST_LOST = "append lost before its commit"
    ANSWER_LOST = "append lost after its commit"
    CRASH_BEFORE = "crash before the commit"
    CRASH_AFTER = "crash after the commit, before the answer"


class Link:
    """The way from a machine to the store.

    ``cut``: nothing passes. ``dead``: the machine is; what it has sent arrives all the same.
    ``fates`` are those of the next appends; ``meet`` is told when one is met, and sees to the
    machine's end where that belongs to it. ``failed`` is called when the store was not reached.
    """

    def __init__(self, chance: Random, meet: Callable[[Fate], None] = lambda _: None) -> None:
        self.cut = False
        self.dead = False
        self.fates: list[Fate] = []
        self.meet = meet
        self.failed: Callable[[], None] = lambda: None
        self._chance = chance
        self._loop = asyncio.get_running_loop()

    @property
    def is_broken(self) -> bool:
        """Whether nobody hears an answer."""
        return self.cut or self.dead

    def delay(self) -> float:
        """How long this way takes."""
        longest = SELDOM_S if self._chance.random() < 0.05 else USUAL_S
        return self._chance.random() * longest

    async def there(self) -> None:
        """The way to the store. Raises StoreUnavailable."""
        if self.dead:
            raise StoreUnavailable("whoever asks is dead")
        if self.cut:
            await rest(self._loop, REFUSAL_S)
            raise StoreUnavailable("the way to the store is cut")
        await rest(self._loop, self.delay())
        if self.is_broken:
            raise StoreUnavailable("the way to the store was cut")

    async def back(self) -> None:
        """The way back: what was asked is done, whether or not this is heard."""
        if self._chance.random() < 0.3:
            await rest(self._loop, self.delay())
        if self.is_broken:
            raise StoreUnavailable("the way back was cut")

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Let it be known when the store cannot be reached, or does not answer."""
        try:
            yield
        except StoreUnavailable:
            self.failed()
            raise

    def next_fate(self) -> Fate | None:
        """What becomes of the append that arrives now."""
        return self.fates.pop(0) if self.fates else None


class LinkedStore(AskedStore):
    """An :class:`~domain.ports.EventStore` over a link, whose connections a restore ends."""

    def __init__(self, store: MemoryEventStore, link: Link, connections: Connections) -> None:
        super().__init__(store)
        self._link = link
        self._connections = connections
        self._between = Context()
        self._loop = asyncio.get_running_loop()

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        with self._link.noting():
            return await self._append(log, batch)

    async def _append(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        if self._link.dead:
            raise StoreUnavailable("whoever asks is dead")
        answer: asyncio.Future[list[Answer]] = self._loop.create_future()
        arrive = partial(self._arrive, log, batch, answer, self._connections.history.number)
        self._loop.call_later(self._link.delay(), arrive, context=self._between)
        answers = await answer
        run = self._store.runs
        await self._link.back()
        self._connections.demand(run)
        return answers

    def _arrive(
        self,
        log: UUID,
        batch: Sequence[Append],
        answer: asyncio.Future[list[Answer]],
        number: int,
    ) -> None:
        """The append is at the store: it is done there and then, and its sender may be dead."""
        fate = None if self._link.cut else self._link.next_fate()
        if self._link.cut or fate in {Fate.REQUEST_LOST, Fate.CRASH_BEFORE}:
            self._fail(answer, StoreUnavailable("lost on the way there"))
        else:
            try:
                self._meet(number)
                answers = done(self._store.append_batch(log, batch))
            except Exception as error:  # noqa: BLE001  # it is the sender's to hear
                self._fail(answer, error)
            else:
                if fate is Fate.ANSWER_LOST:
                    self._fail(answer, StoreUnavailable("lost on the way back"))
                elif not answer.done():
                    answer.set_result(answers)
        if fate is not None:
            self._link.meet(fate)

    @staticmethod
    def _fail(answer: asyncio.Future[list[Answer]], error: Exception) -> None:
        if not answer.done():
            answer.set_exception(error)

    async def _ask(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._link.noting():
            await self._link.there()
            run = self._meet()
            answer = done(question())
            await self._link.back()
            self._connections.demand(run)
            return answer

    def _meet(self, number: int | None = None) -> int:
        """Be connected, and know to which history, before anything is asked."""
        if self._store.away:
            raise StoreUnavailable("the store is away")
        return self._connections.meet(number)

    async def read_stored(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        """Events as they are stored. Not of the port: the outbox reads them."""
        return await self._ask(lambda: self._store.read_stored(log, after, limit))

    async def destroy_key(self, log: UUID, subject: str) -> None:
        """Erase a subject of a log. Not of the port."""
        await self._ask(lambda: self._store.destroy_key(log, subject))

"""A tenant's history into its log: what is missing of it, from exactly where the log ends.

Nothing is kept beside the log: the same plan gives the same history, so whoever was cut off counts
the events that are there and goes on behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from msgspec import Struct

from adapters.postgres.bulk import BulkAppender
from domain.append import Dated
from domain.errors import Refused
from domain.ids import event_id
from ops.core import Core
from ops.dataset.history import History
from ops.dataset.plan import TenantPlan
from ops.dataset.teller import Told
from ops.errors import CannotRun
from ops.patience import insisting

BATCH_EVENTS = 2_000
"""Events of one call, some 40 ms of it: more gains nothing, and the log is locked for as long."""

TOLD_S = 0.5
"""Seconds between two words of how far it is."""


class Progress(Struct, frozen=True):
    """How far a tenant is: conversations that have begun; events, of which so many were there."""

    tenant: str
    conversations: int
    events: int
    found: int


Say = Callable[[Progress], None]
"""Is told of progress now and then, and in the end."""


class Loading:
    """Loads one tenant through a core that may do so with the owner's rights."""

    def __init__(self, core: Core, plan: TenantPlan, say: Say) -> None:
        self._core = core
        self._plan = plan
        self._say = say
        self._found: int | None = None
        self._said = 0.0
        self._rewind()

    def _rewind(self) -> None:
        self._history = History(self._plan)
        self._told = iter(self._history)
        self._events = 0

    async def run(self) -> Progress:
        """Have the whole history in the log. Raises CannotRun, BatchRefused, StoreUnavailable.

        StoreUnavailable after some tries: each goes on where the log ends.
        """
        async for attempt in insisting():
            with attempt:
                await self._load()
        self._tell(final=True)
        return self._progress()

    async def _load(self) -> None:
        self._rewind()
        await self._have_log()
        async with self._core.database.bulk(self._plan.log) as bulk:
            there = bulk.committed
            if self._found is None:
                self._found = there
            await self._skip(there)
            if self._events == there:  # else somebody goes on behind what is complete
                await self._append(bulk)

    async def _have_log(self) -> None:
        store, plan = self._core.database.store, self._plan
        found = await store.find_log(plan.name)
        if found is None:
            try:
                await store.create_log(plan.log, plan.name)
            except Refused:  # the name is free, so it is the id that is not
                raise CannotRun(
                    f"The log {plan.log} is there under another name than {plan.name!r}."
                ) from None
        elif found != plan.log:
            raise CannotRun(
                f"There is a tenant {plan.name!r} that is not of this data set, or of another"
                " seed or fraction; choose another --prefix."
            )

    async def _skip(self, there: int) -> None:
        """Pass what is in the log already, and see that it is this."""
        last: Told | None = None
        while self._events < there:
            told = next(self._told, None)
            if told is None:
                break
            last = told
            self._events += _count(told.dated)
            if self._tell():
                await self._core.clock.sleep(0)
        if last is not None and not await self._is(last.dated):
            raise CannotRun(
                f"The log of {self._plan.name!r} is not, up to its event {self._events}, what this"
                " data set has: somebody else has written to it, or another release began it."
            )

    async def _is(self, dated: Dated) -> bool:
        """Whether this command's last event is the log's event at this number."""
        page = await self._core.database.store.read_log(self._plan.log, self._events - 1, 1)
        return bool(page) and page[0].id == _last_id(self._plan.log, dated)

    async def _append(self, bulk: BulkAppender) -> None:
        for batch in self._batches():
            erased = batch[0].erases
            if erased is not None:
                await bulk.destroy_key(erased)
            await bulk.append([told.dated for told in batch])
            self._tell()
        await bulk.flush()

    def _batches(self) -> Iterator[list[Told]]:
        """What is to come, in calls: each erasure in one of its own."""
        batch: list[Told] = []
        size = 0
        for told in self._told:
            if batch and (size >= BATCH_EVENTS or told.erases or batch[0].erases):
                yield batch
                batch, size = [], 0
            batch.append(told)
            count = _count(told.dated)
            size += count
            self._events += count
        if batch:
            yield batch

    def _tell(self, *, final: bool = False) -> bool:
        """Say how far it is, unless that was said just now; whether it was."""
        now = self._core.clock.monotonic()
        due = final or now - self._said >= TOLD_S
        if due:
            self._said = now
            self._say(self._progress())
        return due

    def _progress(self) -> Progress:
        found = min(self._found or 0, self._events)  # what others wrote behind it is none of it
        return Progress(self._plan.name, self._history.conversations, self._events, found)


def _count(dated: Dated) -> int:
    return sum([len(part.events) for part in dated.append.parts])


def _last_id(log: UUID, dated: Dated) -> UUID:
    command = dated.append
    actor = command.actor
    return event_id(log, actor.role, actor.id, command.command, _count(dated) - 1)

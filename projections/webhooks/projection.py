"""The follower's way between rows in memory and tables.

What is due is added in the transaction that moves the checkpoint, and together with it a second,
lasting mark moves by compare-and-set (``work.webhook_followed``): so nothing is due twice, whoever
else folds the same log, and however often.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.envelope import RecordedEvent
from domain.ports import Clock, Row, Table, Transaction
from domain.webhooks.ports import Line
from projections.engine import Fenced
from projections.ports import ReadModels
from projections.projection import statement
from projections.webhooks import evolve
from projections.webhooks.evolve import Hook, Webhooks

WEBHOOK = Table("webhook_1", ("tenant", "id", "format", "types", "active"), ("tenant", "id"))


class WebhooksProjection:
    """The projection ``webhooks``; a :class:`~projections.projection.Projection`."""

    name = "webhooks"
    version = 1
    types: frozenset[str] | None = evolve.TYPES
    owned = (WEBHOOK.name,)
    effects = True

    def __init__(self, models: ReadModels, clock: Clock, *, acts: bool = True) -> None:
        self._models = models
        self._clock = clock
        self._acts = acts

    @property
    def tables(self) -> str:
        return _sql("tables")

    async def load(
        self,
        log: UUID,
        events: Sequence[RecordedEvent],  # noqa: ARG002  # any may touch all of a tenant's webhooks
        kept: Webhooks | None = None,  # noqa: ARG002  # the lasting mark is another's too
    ) -> Webhooks:
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(_sql("load"), log)
            (stand,) = await transaction.fetch(_sql("followed"), log)
        hooks = map(_hook, rows)
        return Webhooks({hook.id: hook for hook in hooks}, msgspec.convert(stand["followed"], int))

    def evolve(self, rows: Webhooks, events: Sequence[RecordedEvent]) -> Webhooks:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Webhooks, after: Webhooks) -> Adding:
        if not self._acts:
            after = replace(after, followed=before.followed, due=())
        return Adding(log, before, after, self._clock.now())

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        """Forget which webhooks there are; what was made due stays."""
        await transaction.execute("DELETE FROM webhook_1 WHERE tenant = $1", log)


class Adding:
    """What a page changes. ``lines`` are those in which something is due now."""

    def __init__(self, log: UUID, before: Webhooks, after: Webhooks, now: float) -> None:
        self._log = log
        self._before = before
        self._after = after
        self._now = now
        due = sorted({(each.webhook, each.stream) for each in after.due})
        self.lines = tuple(Line(log, webhook, stream) for webhook, stream in due)

    async def __call__(self, transaction: Transaction) -> None:
        """Write it. Raises Fenced where somebody else has made the same due."""
        before, after = self._before, self._after
        if after.followed != before.followed and (before.hooks or after.hooks):
            await self._advance(transaction)
        await transaction.execute_many(_sql("add"), self._deliveries())
        # In one order for all, so that two who wait for each other's lines cannot be.
        begun = [(line.log, line.webhook, line.stream, self._now) for line in self.lines]
        await transaction.execute_many(_sql("begin_line"), begun)
        changed = [hook for name, hook in after.hooks.items() if before.hooks.get(name) != hook]
        saved = [(self._log, h.id, h.format, h.types, h.active) for h in changed]
        await transaction.put(WEBHOOK, saved)
        gone = sorted(set(before.hooks) - set(after.hooks))
        if gone:
            await transaction.execute(_sql("forget"), self._log, gone)

    async def _advance(self, transaction: Transaction) -> None:
        moved = await transaction.fetch(
            _sql("advance"), self._log, self._after.followed, self._before.followed
        )
        if not moved:
            raise Fenced

    def _deliveries(self) -> list[tuple[object, ...]]:
        return [
            (self._log, due.webhook, due.position, due.stream, due.event, due.type, self._now)
            for due in self._after.due
        ]


def _sql(name: str) -> str:
    return statement("projections.webhooks", name)


def _hook(row: Row) -> Hook:
    return msgspec.convert({name: row[name] for name in Hook.__struct_fields__}, Hook)

"""The simulated outbox: checkpoints in memory, over the simulated store's logs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from domain.checkpoints import NOTHING, Checkpoint
from domain.envelope import MARK_BYTES, StoredEvent
from domain.outbox import Move, Standing
from domain.ports import LogHead, StreamHead
from domain.shards import shard_of


class ReadStored(Protocol):
    """What the outbox asks of the simulated store, or of a way to it."""

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        """The head of each of these logs, or of all."""

    async def stream_heads(
        self, log: UUID, asked: Sequence[tuple[str | None, int]]
    ) -> list[StreamHead]:
        """The head of each stream, and the hash at the given offset."""

    async def read_stored(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        """Events as they are stored."""


class MemoryOutbox:
    """An :class:`~domain.outbox.Outbox`; away while its store is."""

    def __init__(self, store: ReadStored) -> None:
        self._store = store
        self.checkpoints: dict[UUID, Checkpoint] = {}

    async def behind(self, shards: Collection[int]) -> list[Standing]:
        heads = await self._store.heads()
        logs = [head.log for head in heads if head.position and shard_of(head.log) in shards]
        standings = await self.standings(logs)
        return [
            each
            for each in standings
            if not (each.head == each.checkpoint.position and each.same_history)
        ]

    async def standings(self, logs: Sequence[UUID]) -> list[Standing]:
        return [
            await self._standing(head.log, head.tenant, head.position)
            for head in await self._store.heads(logs)
            if head.position
        ]

    async def _standing(self, log: UUID, tenant: str, head: int) -> Standing:
        checkpoint = self.checkpoints.get(log, NOTHING)
        (there,) = await self._store.stream_heads(log, [(None, checkpoint.position)])
        mark = None if there.asked is None else there.asked[:MARK_BYTES]
        same = checkpoint == NOTHING or mark == checkpoint.mark
        return Standing(log, tenant, head, checkpoint, same)

    async def read(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        return await self._store.read_stored(log, after, limit)

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        await self._store.heads([])
        moved = {move for move in moves if self.checkpoints.get(move.log, NOTHING) == move.was}
        self.checkpoints |= {move.log: move.to for move in moved}
        return {move.log for move in moved}

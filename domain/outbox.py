"""The port to the outbox: the log as the relay sees it, with how far the relay has come.

The event table is the outbox itself; nothing is written twice. A checkpoint moves by
compare-and-set only, so a relay that lost its shard and does not know it yet moves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.checkpoints import Checkpoint
from domain.envelope import StoredEvent


class Standing(Struct, frozen=True):
    """Where a log stands. ``same_history``: the log has the checkpoint's mark at its position.

    A checkpoint at the beginning is as good as none, and of every history.
    """

    log: UUID
    tenant: str
    head: int
    checkpoint: Checkpoint
    same_history: bool


class Move(Struct, frozen=True):
    """A checkpoint that is to move."""

    log: UUID
    was: Checkpoint
    to: Checkpoint


class Outbox(Protocol):
    """What is committed, in all logs. Every method raises StoreUnavailable."""

    async def behind(self, shards: Collection[int]) -> list[Standing]:
        """The logs of these shards whose head is not their checkpoint."""

    async def standings(self, logs: Sequence[UUID]) -> list[Standing]:
        """Where these logs stand."""

    async def read(self, log: UUID, after: int, limit: int) -> list[StoredEvent]:
        """Events beyond a position, at most so many, in order; bounded in bytes too.

        Only an empty page means the end.
        """

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        """Move checkpoints, each by compare-and-set; the logs whose checkpoint has moved."""

"""Shards: how several processes share the tenants, each log being some one's at a time.

There is a fixed number of them, and a log's shard follows from its id, here and in SQL alike. Who
works on which shard is found by locks that end with their holder, so the loss of a process is
noticed by the store and by nobody's clock.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

SHARDS = 64
"""How many there are. A power of two; more processes than that would share no further."""

ALL_SHARDS = frozenset(range(SHARDS))


def shard_of(log: UUID) -> int:
    """The shard of a log: its id's last byte, which is drawn by chance."""
    return log.bytes[-1] % SHARDS


class Shards(Protocol):
    """Which shards are this process's, for one kind of work."""

    @property
    def owned(self) -> frozenset[int]:
        """Those held now, as far as is known here: what is done on them must be fenced besides."""

    async def share(self) -> frozenset[int]:
        """Take what falls to this process now, and say what is to be given up.

        Call it regularly: others come and go. Raises StoreUnavailable, and then none is owned.
        """

    async def give_up(self, shards: frozenset[int]) -> None:
        """Let others have these; what was done on them is finished."""


class AllShards:
    """:class:`Shards` of a process that has no others beside it."""

    owned = ALL_SHARDS

    async def share(self) -> frozenset[int]:
        return frozenset()

    async def give_up(self, shards: frozenset[int]) -> None:
        raise AssertionError(f"nobody else could have {sorted(shards)}")

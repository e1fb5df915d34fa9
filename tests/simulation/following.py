"""What the relay and the projector have of the store besides events: checkpoints, and shards.

The outbox is the simulated one, over a node's link. Shards are held by sessions, which the store
ends some time after a machine has died or was cut off: meanwhile two may think that they have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.checkpoints import Checkpoint
from domain.errors import StoreUnavailable
from domain.outbox import Move
from domain.shards import ALL_SHARDS
from tests.doubles.memory_outbox import MemoryOutbox
from tests.simulation.store import Link, LinkedStore


class LinkedOutbox(MemoryOutbox):
    """The simulated outbox over a link. ``checkpoints`` are the store's, shared by all nodes."""

    def __init__(self, store: LinkedStore, link: Link, checkpoints: dict[UUID, Checkpoint]) -> None:
        super().__init__(store)
        self.checkpoints = checkpoints
        self._link = link

    async def advance(self, moves: Sequence[Move]) -> set[UUID]:
        moved = await super().advance(moves)
        await self._link.back()
        return moved


class Sessions:
    """The store's side of shards: who holds those of one kind of work."""

    def __init__(self) -> None:
        self.holder: HeldShards | None = None

    def end(self, holder: HeldShards) -> None:
        """A session has ended, and its locks with it."""
        if self.holder is holder:
            self.holder = None


class HeldShards:
    """:class:`~domain.shards.Shards` of one process: all, or, while another has them, none."""

    def __init__(self, sessions: Sessions, link: Link) -> None:
        self.owned: frozenset[int] = frozenset()
        self._sessions = sessions
        self._link = link

    async def share(self) -> frozenset[int]:
        try:
            await self._link.there()
        except StoreUnavailable:
            self.owned = frozenset()
            raise
        if self._sessions.holder is None:
            self._sessions.holder = self
        self.owned = ALL_SHARDS if self._sessions.holder is self else frozenset()
        return frozenset()

    async def give_up(self, shards: frozenset[int]) -> None:
        raise AssertionError(f"nobody asked for {sorted(shards)}")

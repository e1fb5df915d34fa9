"""Which logs are this router's, and on which it may decide: only on what is its own for sure."""

from __future__ import annotations

from uuid import UUID

from domain.ports import Clock
from domain.routing.settings import RouterSettings
from domain.shards import AllShards, Shards, shard_of


class Holding:
    """A router's share of the shards. Without ``shards`` all logs are its own, and nobody else's.

    For a while after the last look nobody else can have taken what it had then, and for a longer
    one after it took something whoever had that before may still be at work on it.
    """

    def __init__(self, clock: Clock, settings: RouterSettings, shards: Shards | None) -> None:
        self._clock = clock
        self._settings = settings
        self._alone = shards is None
        self._shards = shards or AllShards()
        self._ours: frozenset[int] = frozenset()
        self._since: dict[int, float] = {}
        self._shared_at = float("-inf")

    async def share(self) -> frozenset[int]:
        """Look which shards are ours. The answer is what others are to have: :meth:`give_up`.

        From here on these are not ours. Raises StoreUnavailable.
        """
        now = self._clock.monotonic()
        leaving = await self._shards.share()
        self._ours = self._shards.owned - leaving
        self._since = {shard: self._since.get(shard, now) for shard in self._ours}
        self._shared_at = now
        return leaving

    async def give_up(self, leaving: frozenset[int]) -> None:
        """Let others have these; nothing is done on them any more."""
        if leaving:
            await self._shards.give_up(leaving)

    def has(self, log: UUID) -> bool:
        """Whether a log is ours, as far as is known."""
        shard = shard_of(log)
        return shard in self._ours and shard in self._shards.owned

    def is_sure(self, log: UUID) -> bool:
        """Whether nobody else can think that this log is its own."""
        if self._alone:
            return True
        now, settings = self._clock.monotonic(), self._settings
        since = self._since.get(shard_of(log), now)
        return now - self._shared_at < settings.lease_s and now - since >= settings.settle_s

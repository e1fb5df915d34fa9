"""The logs that a relay has under way: taken up at their checkpoints, published, saved, forgotten.

Whose they are, and when one looks at them, is the relay's to say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from brokers.publishing import Publishing, RelayedLog
from brokers.settings import RelaySettings
from domain.broker import Heads
from domain.checkpoints import NOTHING
from domain.errors import BrokerAway, StoreUnavailable, described
from domain.outbox import Move, Outbox, Standing
from domain.ports import Clock
from domain.shards import shard_of

_logger = logging.getLogger("parley.relay")


class RelayedLogs:
    """Publishes logs, so many at a time, and moves their checkpoints."""

    def __init__(
        self, outbox: Outbox, publishing: Publishing, clock: Clock, settings: RelaySettings
    ) -> None:
        self._outbox = outbox
        self._publishing = publishing
        self._clock = clock
        self._settings = settings
        self._logs: dict[UUID, RelayedLog] = {}
        self._turns = asyncio.Semaphore(settings.concurrency)

    # --- what has grown -----------------------------------------------------------------------

    def confirmed(self) -> dict[UUID, int]:
        """The logs under way, and how far the broker has confirmed each."""
        return {each.log: each.confirmed.position for each in self._logs.values()}

    def hear(self, log: UUID, head: int) -> bool:
        """Somebody says that a log has grown. False: it is not under way here."""
        followed = self._logs.get(log)
        if followed is not None and head > followed.head:
            self._grown(followed, head)
        return followed is not None

    def take_up(self, standing: Standing, confirmed: int) -> None:
        """A log stands so: publish what it has.

        ``confirmed`` was so before that was asked; what came since, the answer may not know.
        """
        followed = self._logs.get(standing.log)
        if followed is None:
            followed = self._begin(standing)
        elif standing.head < confirmed:
            self._forget(followed)  # another history: the next look takes it up anew
            return
        self._grown(followed, standing.head)

    def _begin(self, standing: Standing) -> RelayedLog:
        log, checkpoint = standing.log, standing.checkpoint
        confirmed = checkpoint if standing.same_history else NOTHING
        followed = RelayedLog(log, standing.tenant, checkpoint, confirmed, standing.head)
        self._logs[log] = followed
        if not standing.same_history:
            _logger.error(
                "alarm: log %s has another history than was published; it is published anew", log
            )
        return followed

    def _grown(self, followed: RelayedLog, head: int) -> None:
        followed.head = max(followed.head, head)
        self._publishing.lag.note(followed.log, followed.confirmed.position, followed.head)
        self._work(followed)

    def moved_lately(self) -> Heads:
        """How far those were published that have moved lately."""
        since = self._clock.monotonic() - self._settings.beacon_s
        return [
            (each.log, each.confirmed.position)
            for each in self._logs.values()
            if each.moved_at > since
        ]

    # --- publishing ---------------------------------------------------------------------------

    def _work(self, followed: RelayedLog) -> None:
        """Publish what a log has, unless that is being done."""
        if not followed.at_work and followed.head > followed.confirmed.position:
            work = self._publish_in_turn(followed)
            followed.working = asyncio.get_running_loop().create_task(work)

    async def _publish_in_turn(self, followed: RelayedLog) -> None:
        """Publish until all is confirmed; no await between seeing that and being done."""
        try:
            async with self._turns:
                await self._publishing.publish(followed)
        except (StoreUnavailable, BrokerAway):
            return  # the next look, or signal, begins again at what is confirmed
        except Exception as error:  # noqa: BLE001  # one log's trouble is no other's
            self._set_aside(followed, error)

    @staticmethod
    def _set_aside(followed: RelayedLog, error: Exception) -> None:
        """Leave a log that cannot be published until the next look; it is told of once."""
        if followed.unreadable != followed.confirmed.position:
            followed.unreadable = followed.confirmed.position
            _logger.error("alarm: log %s cannot be relayed: %s", followed.log, described(error))

    # --- checkpoints --------------------------------------------------------------------------

    async def save(self) -> None:
        """Move the checkpoints of what is confirmed; forget logs that are at rest, or another's.

        Another history's checkpoint stays as long as nothing of the log's own is confirmed.
        """
        moving = {
            each.log: Move(each.log, each.checkpoint, each.confirmed)
            for each in self._logs.values()
            if each.confirmed not in {each.checkpoint, NOTHING}
        }
        if moving:
            moved = await self._outbox.advance(list(moving.values()))
            for log, move in moving.items():
                self._saved(self._logs[log], move, fenced=log not in moved)
        since = self._clock.monotonic() - self._settings.beacon_s
        for each in list(self._logs.values()):
            at_rest = not each.at_work and each.checkpoint == each.confirmed
            if at_rest and each.head <= each.confirmed.position and each.moved_at < since:
                self._forget(each)

    def _saved(self, followed: RelayedLog, move: Move, *, fenced: bool) -> None:
        if not fenced:
            followed.checkpoint = move.to
            return
        _logger.warning("the checkpoint of log %s has moved; it is taken up anew", followed.log)
        self._forget(followed)

    async def finish(self, shards: frozenset[int]) -> None:
        """End what is done on these shards and save how far it has come: others may have them.

        Raises StoreUnavailable; then nothing is forgotten, for they may stay.
        """
        leaving = [each for each in self._logs.values() if shard_of(each.log) in shards]
        await _end(leaving)
        await self.save()
        for each in leaving:
            self._forget(each)

    def keep(self, shards: frozenset[int]) -> None:
        """Forget all but these: others have the rest already."""
        for each in list(self._logs.values()):
            if shard_of(each.log) not in shards:
                self._forget(each)

    def _forget(self, followed: RelayedLog) -> None:
        if followed.working is not None:
            followed.working.cancel()
        self._logs.pop(followed.log, None)
        self._publishing.lag.forget(followed.log)


async def _end(logs: Iterable[RelayedLog]) -> None:
    """Cancel the work on these and wait until it has ended."""
    tasks = [each.working for each in logs if each.working is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

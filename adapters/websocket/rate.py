"""How fast one visitor or agent may be, over all sockets that it has on any node.

Commands are taken in blocks, leased ahead: with a lease in hand nothing is awaited, so the shared
limits are asked once in a while and not for every message.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from math import ceil
from uuid import UUID

from adapters.websocket.settings import SocketSettings
from domain.envelope import Actor
from domain.ports import Clock
from domain.rate_limits import Rate, RateLimits


class Pace:
    """The commands of one person that this node has leased."""

    __slots__ = ("_clock", "_key", "_lease", "_left", "_limits", "_rate", "_waiting")

    def __init__(self, limits: RateLimits, clock: Clock, rate: Rate, key: str, lease: int) -> None:
        self._limits = limits
        self._clock = clock
        self._rate = rate
        self._key = key
        self._lease = min(lease, rate.burst)
        self._left = 0
        self._waiting = asyncio.Lock()

    def take(self) -> bool:
        """Take one, if there is one in hand."""
        if self._left == 0:
            return False
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Take one, after waiting for it if need be: the sender is slowed, nothing is refused."""
        async with self._waiting:
            if self.take():
                return
            while wait_s := await self._limits.take(self._rate, self._key, self._lease):
                await self._clock.sleep(wait_s)
            self._left += self._lease - 1


class Rates:
    """The rates of all who are at this node's sockets, or were."""

    def __init__(self, limits: RateLimits, clock: Clock, settings: SocketSettings) -> None:
        self._limits = limits
        self._clock = clock
        self._settings = settings
        self._commands = Rate("commands", settings.commands_per_s, settings.commands_burst)
        self._typing = Rate("typing", settings.typing_per_s, ceil(settings.typing_per_s))
        self._paces: OrderedDict[str, Pace] = OrderedDict()

    def pace_of(self, log: UUID, actor: Actor) -> Pace | None:
        """The pace of somebody's commands; None where no limits hold.

        The one not asked for for longest is forgotten first; its lease is lost, and not missed.
        """
        if not self._settings.limits_enabled:
            return None
        key = _key(log, actor)
        pace = self._paces.get(key)
        if pace is None:
            lease = self._settings.commands_lease
            pace = Pace(self._limits, self._clock, self._commands, key, lease)
            self._paces[key] = pace
            if len(self._paces) > self._settings.connections:
                self._paces.popitem(last=False)
        self._paces.move_to_end(key)
        return pace

    async def may_type(self, log: UUID, actor: Actor) -> bool:
        """Whether one more signal of somebody's typing may pass."""
        if not self._settings.limits_enabled:
            return True
        return await self._limits.take(self._typing, _key(log, actor)) == 0


def _key(log: UUID, actor: Actor) -> str:
    return f"{log} {actor.role} {actor.id}"

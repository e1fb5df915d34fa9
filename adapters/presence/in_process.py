"""Presence at this node alone: all of it, where there is one node, or while Redis is away.

It dies with its process, and so do the sockets that it knows: none of them has to expire.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from heapq import nsmallest
from uuid import UUID

from domain.ports import Clock
from domain.presence import LISTED, Listed, Person, PresenceSettings, Role, Seat


class InProcessPresences:
    """A :class:`~domain.presence.Presences`. It ``knows_all`` where there is no other node."""

    def __init__(self, clock: Clock, settings: PresenceSettings, *, knows_all: bool = True) -> None:
        self.knows_all = knows_all
        self._clock = clock
        self._settings = settings
        self._sockets: dict[Person, set[UUID]] = {}
        self._leaving: OrderedDict[Person, float] = OrderedDict()

    async def arrive(self, seats: Collection[Seat]) -> set[Person]:
        absent: set[Person] = set()
        now = self._clock.monotonic()
        for person, socket in seats:
            if person not in self._sockets and self._leaving.pop(person, now) <= now:
                absent.add(person)
            self._sockets.setdefault(person, set()).add(socket)
        return absent

    async def leave(self, seats: Collection[Seat]) -> None:
        for person, socket in seats:
            sockets = self._sockets.get(person, set())
            sockets.discard(socket)
            if not sockets:
                self._sockets.pop(person, None)
                self._leaving[person] = self._clock.monotonic() + self._settings.grace_s
                self._leaving.move_to_end(person)

    async def departed(self) -> set[Person]:
        gone: set[Person] = set()
        now = self._clock.monotonic()
        while self._leaving and self._is_over(next(iter(self._leaving.values())), now):
            gone.add(self._leaving.popitem(last=False)[0])
        return gone

    async def present(self, people: Collection[Person]) -> set[Person]:
        return {each for each in people if each in self._sockets or each in self._leaving}

    async def listed(self, log: UUID, role: Role, after: str = "", limit: int = LISTED) -> Listed:
        there = self._sockets.keys() | self._leaving.keys()
        ids = [each.id for each in there if (each.log, each.role) == (log, role)]
        return Listed(nsmallest(limit, (each for each in ids if each > after)), len(ids))

    def _is_over(self, due: float, now: float) -> bool:
        return due <= now or len(self._leaving) > self._settings.kept

"""Presence over all nodes together: who is where is in Redis, and gone when nobody renews it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from heapq import nsmallest
from typing import Any, cast
from uuid import UUID

from adapters.redis.link import PREFIX, RedisAway, RedisLink
from domain.presence import LISTED, Listed, Person, Presences, PresenceSettings, Role, Seat

_KEY = f"{PREFIX}presence"


class RedisPresences:
    """A :class:`~domain.presence.Presences`, except that it raises RedisAway."""

    def __init__(self, link: RedisLink, settings: PresenceSettings) -> None:
        self._link = link
        self._batch = settings.batch
        self._ttl_s = settings.ttl_s
        self._ttl_ms = round(settings.ttl_s * 1000)
        self._grace_ms = round(settings.grace_s * 1000)

    @property
    def knows_all(self) -> bool:
        """Whether every node has had the time to say what sockets it has.

        Right after an outage what is there is incomplete, and says of nobody that he is gone.
        """
        return self._link.steady_s >= self._ttl_s

    async def arrive(self, seats: Collection[Seat]) -> set[Person]:
        return await self._link.ask("arrive", _KEY, (self._ttl_ms, *_words(seats)), _people)

    async def leave(self, seats: Collection[Seat]) -> None:
        arguments = (self._ttl_ms, self._grace_ms, *_words(seats))
        await self._link.ask("leave", _KEY, arguments, int)

    async def departed(self) -> set[Person]:
        return await self._link.ask("departed", _KEY, (self._batch,), _people)

    async def present(self, people: Collection[Person]) -> set[Person]:
        asked = list(people)
        if not asked:
            return set()
        words = [_word(each) for each in asked]
        return await self._link.ask("present", _KEY, words, partial(_those, asked))

    async def listed(self, log: UUID, role: Role, after: str = "", limit: int = LISTED) -> Listed:
        return await self._link.ask("listed", f"{_KEY}/{log} {role}", (after, limit), _listed)


class SharedPresences:
    """A :class:`~domain.presence.Presences`: Redis's, and the node's own while that is away.

    The node's own knows all the time who is at this node, so that it has nothing to catch up on.
    Redis has: a node's next beats tell it everything again, whatever it has lost.
    """

    def __init__(self, shared: RedisPresences, own: Presences) -> None:
        self._shared = shared
        self._own = own

    @property
    def knows_all(self) -> bool:
        return self._shared.knows_all

    async def arrive(self, seats: Collection[Seat]) -> set[Person]:
        absent = await self._own.arrive(seats)
        try:
            unknown = await self._shared.arrive(seats)
        except RedisAway:
            return absent
        # Who was said to be gone by the node's own is said to be back by it.
        return unknown if self._shared.knows_all else unknown | absent

    async def leave(self, seats: Collection[Seat]) -> None:
        await self._own.leave(seats)
        with suppress(RedisAway):
            await self._shared.leave(seats)

    async def departed(self) -> set[Person]:
        gone = await self._own.departed()
        if not self._shared.knows_all:
            return gone
        try:
            return await self._shared.departed()
        except RedisAway:
            return gone

    async def present(self, people: Collection[Person]) -> set[Person]:
        here = await self._own.present(people)
        try:
            return here | await self._shared.present(people)
        except RedisAway:
            return here

    async def listed(self, log: UUID, role: Role, after: str = "", limit: int = LISTED) -> Listed:
        here = await self._own.listed(log, role, after, limit)
        try:
            there = await self._shared.listed(log, role, after, limit)
        except RedisAway:
            return here
        ids = nsmallest(limit, {*here.ids, *there.ids})
        return Listed(ids, max(here.total, there.total))


def _words(seats: Iterable[Seat]) -> list[str]:
    """Person and socket in turn, as the scripts take them."""
    return [word for person, socket in seats for word in (_word(person), str(socket))]


def _word(person: Person) -> str:
    return f"{person.log} {person.role} {person.id}"


def _those(asked: Sequence[Person], found: Sequence[int]) -> set[Person]:
    return {person for person, there in zip(asked, found, strict=True) if there}


def _listed(found: Sequence[Any]) -> Listed:
    return Listed([each.decode() for each in found[1:]], int(found[0]))


def _people(words: Iterable[bytes]) -> set[Person]:
    return set(map(_person, words))


def _person(word: bytes) -> Person:
    log, role, name = word.decode().split(" ", 2)
    return Person(UUID(log), cast("Role", role), name)

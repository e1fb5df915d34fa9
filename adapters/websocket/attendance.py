"""Who is at this node's sockets, told to all nodes; and for a desk that asks, who is at any.

Sockets only leave a note here. One loop takes the notes along in batches, a few times a second: so
nobody waits for anybody to say hello or goodbye, and both ends of a page that loads anew go along
together. Nothing of it is stored, and no message depends on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

from adapters.websocket import frames
from adapters.websocket.feed import Feed
from domain.passing import Presence
from domain.ports import Clock
from domain.presence import Person, Presences, PresenceSettings, Seat

_logger = logging.getLogger("parley.presence")

T = TypeVar("T")


class Asker(Protocol):
    """A connection, as far as it is told of others."""

    log: UUID
    feeds: dict[str, Feed]

    def signal(self, text: str) -> None:
        """Take something passing."""


class _Taken(Struct):
    """A socket's person, and when it was last said to be there."""

    person: Person
    said: float


class Attendance:
    """The people at this node. ``pass_on`` tells those who may see it, at every node."""

    def __init__(
        self,
        presences: Presences,
        clock: Clock,
        settings: PresenceSettings,
        pass_on: Callable[[Presence], None],
    ) -> None:
        self._presences = presences
        self._clock = clock
        self._settings = settings
        self._pass_on = pass_on
        self._seats: OrderedDict[UUID, _Taken] = OrderedDict()
        self._people: Counter[Person] = Counter()
        self._came: list[Seat] = []
        self._left: list[Seat] = []
        self._asked: list[tuple[Asker, Feed]] = []
        self._news: set[Person] | None = None
        self._looking = asyncio.Lock()

    # --- what sockets say -----------------------------------------------------------------------

    def arrive(self, person: Person, socket: UUID) -> None:
        """A person's socket was welcomed."""
        self._seats[socket] = _Taken(person, self._clock.monotonic())
        self._people[person] += 1
        self._came.append((person, socket))

    def leave(self, socket: UUID) -> None:
        """A socket is gone, welcomed or not."""
        seat = self._seats.pop(socket, None)
        if seat is None:
            return
        self._people[seat.person] -= 1
        if not self._people[seat.person]:
            del self._people[seat.person]
        self._left.append((seat.person, socket))

    def ask(self, asker: Asker, feed: Feed) -> None:
        """Tell a desk once whether the visitor of a conversation that it follows is present."""
        if feed.visitor:
            self._asked.append((asker, feed))

    def hear(self, presence: Presence) -> bool:
        """Whether to believe what comes from some node. Who is here is not gone, and that is said.

        A node that cannot ask the others says that somebody is gone as far as it knows.
        """
        person = Person(presence.log, presence.role, presence.id)
        if self._news is not None:
            self._news.add(person)
        if presence.online or person not in self._people:
            return True
        self._tell([person], online=True)
        return False

    # --- what is made of it ---------------------------------------------------------------------

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._clock.sleep(self._settings.look_s)
            await self.look()

    async def look(self) -> None:
        """Take the notes along, hear who is gone, say again who is here. Raises nothing.

        One look at a time: a node that drains looks once more by itself.
        """
        async with self._looking:
            try:
                await self._take_along()
                await self._hear_who_left()
                await self._say_again()
                await self._answer()
            except Exception:  # a fault of ours; who is here is said again at the next beat
                _logger.exception("presence could not be told")

    async def _take_along(self) -> None:
        came, self._came = self._came, []
        left, self._left = self._left, []
        for some in self._batches(came):
            self._tell(await self._presences.arrive(some), online=True)
        for some in self._batches(left):
            await self._presences.leave(some)

    async def _hear_who_left(self) -> None:
        """A bounded number each time: when a node dies, the others hear of its people by and by."""
        gone = await self._presences.departed()
        self._tell(gone - self._people.keys(), online=False)

    async def _say_again(self) -> None:
        """Renew what was not said for a while.

        Who was not known then was forgotten in the meantime, and nobody was told: nothing is said.
        Unless we have been silent for so long that others must have taken our people for gone.
        """
        silent = self._clock.monotonic() - self._settings.ttl_s
        while due := self._due():
            absent = await self._presences.arrive([(seat.person, name) for name, seat in due])
            late = {seat.person for _, seat in due if seat.said < silent}
            self._tell(absent & late, online=True)

    def _due(self) -> list[tuple[UUID, _Taken]]:
        """Sockets that are to be said again, as they were; those not said for longest go first."""
        now = self._clock.monotonic()
        due = [
            each
            for each in islice(self._seats.items(), self._settings.batch)
            if now - each[1].said >= self._settings.beat_s
        ]
        for name, seat in due:
            self._seats[name] = _Taken(seat.person, now)
            self._seats.move_to_end(name)
        return due

    async def _answer(self) -> None:
        """Answer the desks that asked; what they were told of meanwhile is newer."""
        asked, self._asked = self._asked, []
        for some in self._batches(asked):
            self._news = set()
            present = await self._presences.present({_visitor_of(*each) for each in some})
            news, self._news = self._news, None
            for asker, feed in some:
                person = _visitor_of(asker, feed)
                if asker.feeds.get(feed.name) is feed and person not in news:
                    presence = _presence(person, online=person in present)
                    asker.signal(frames.write_presence(presence, feed.stream))

    def _tell(self, people: Iterable[Person], *, online: bool) -> None:
        for person in people:
            self._pass_on(_presence(person, online=online))

    def _batches(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        size = self._settings.batch
        return (items[begin : begin + size] for begin in range(0, len(items), size))


def _visitor_of(asker: Asker, feed: Feed) -> Person:
    return Person(asker.log, "visitor", feed.visitor)


def _presence(person: Person, *, online: bool) -> Presence:
    return Presence(person.log, person.role, person.id, online)

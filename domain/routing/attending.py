"""Who is present of those that matter, asked for all logs of a router together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from uuid import UUID

from domain.presence import Person, Presences
from domain.routing.office import Office
from domain.routing.people import Talk

ASKED = 250
"""People whose presence is asked for at a time."""

VISITORS = 1_000
"""Visitors of whom it is asked at a look whether they are there still: four questions. Where more
wait, they are asked for by turns."""


class Attending:
    """Lets each office see who is there: all its agents, and some of its visitors, by turns."""

    def __init__(self, presences: Presences) -> None:
        self._presences = presences
        self._begin = 0

    async def attend(self, offices: Mapping[UUID, Office], now: float) -> None:
        """Ask, and show it to the offices, at this time (seconds since 1970)."""
        await self._agents(offices, now)
        await self._visitors(offices)

    async def _agents(self, offices: Mapping[UUID, Office], now: float) -> None:
        asked = {log: office.watched() for log, office in offices.items()}
        people = [Person(log, "agent", agent) for log, agents in asked.items() for agent in agents]
        present = await self._present(people)
        there: dict[UUID, set[str]] = {}
        for person in present:
            there.setdefault(person.log, set()).add(person.id)
        knows_all = self._presences.knows_all
        for log, office in offices.items():
            office.see(asked[log], there.get(log, ()), now, knows_all=knows_all)

    async def _visitors(self, offices: Mapping[UUID, Office]) -> None:
        people: dict[UUID, dict[str, Person]] = {}
        for log, talk in self._some(offices):
            people.setdefault(log, {})[talk.id] = Person(log, "visitor", talk.visitor)
        present = await self._present([each for some in people.values() for each in some.values()])
        for log, asked in people.items():
            there = [name for name, person in asked.items() if person in present]
            offices[log].see_visitors(asked, there, knows_all=self._presences.knows_all)

    def _some(self, offices: Mapping[UUID, Office]) -> Iterator[tuple[UUID, Talk]]:
        """Those who wait whose turn it is to be asked for."""
        waiting = ((log, name) for log, office in offices.items() for name in office.queue)
        some = list(islice(waiting, self._begin, self._begin + VISITORS))
        self._begin = self._begin + VISITORS if len(some) == VISITORS else 0
        talks = ((log, offices[log].talks[name]) for log, name in some)
        return ((log, talk) for log, talk in talks if talk.visitor)

    async def _present(self, people: Sequence[Person]) -> set[Person]:
        present: set[Person] = set()
        for begin in range(0, len(people), ASKED):
            present |= await self._presences.present(people[begin : begin + ASKED])
        return present

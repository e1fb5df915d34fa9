"""Whose turn it is: which of the agents with room gets a conversation next. Pure."""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace

from domain.routing.office import Office
from domain.routing.people import Agent, Talk, micros
from domain.routing.policy import LEAST_BUSY

_Rank = tuple[int, int, str]
_Kind = tuple[str | None, frozenset[str], str]
"""Conversations with the same of these are given to the same agents in the same order."""


class Desks:
    """Agents with room, whose turn is found in a heap for each kind of conversation.

    An agent's rank only grows while conversations are given out, so what a heap has of it is at
    most too low: it is put right when it comes to the top.
    """

    def __init__(self, office: Office, now: float) -> None:
        self.free: dict[str, Agent] = {
            agent.id: agent
            for agent in office.agents.values()
            if office.is_available(agent) and office.has_room(agent)
        }
        capacity = office.policy.capacity
        self._worked_in = office.worked_in()
        self._load = {name: office.load(name) for name in self.free}
        self._most = {
            name: capacity if agent.capacity is None else agent.capacity
            for name, agent in self.free.items()
        }
        self._given = {
            name: max(micros(agent.given_at), office.underway.turns.get(name, 0))
            for name, agent in self.free.items()
        }
        self._turn = int(now * 1e6)
        self._heaps: dict[_Kind, list[_Rank]] = {}

    def next(self, talk: Talk, strategy: str) -> str | None:
        """Whose turn it is to get this one; None: nobody's."""
        assert talk.skills is not None
        kind = (talk.department, talk.skills, strategy)
        heap = self._heaps.get(kind)
        if heap is None:
            fitting = (
                name for name, agent in self.free.items() if agent.fits(talk, self._worked_in)
            )
            heap = self._heaps[kind] = [self._rank(name, strategy) for name in fitting]
            heapify(heap)
        while heap:
            rank = heap[0]
            name = rank[-1]
            if self._load[name] >= self._most[name]:
                heappop(heap)
            elif rank != (stands := self._rank(name, strategy)):
                heapreplace(heap, stands)
            else:
                return self._give(name)
        return None

    def _rank(self, name: str, strategy: str) -> _Rank:
        """The least is next: who got none for longest; or who has least, and of these the same."""
        return (self._load[name] if strategy == LEAST_BUSY else 0, self._given[name], name)

    def _give(self, name: str) -> str:
        self._load[name] += 1
        self._turn += 1
        self._given[name] = max(self._turn, self._given[name] + 1)
        return name

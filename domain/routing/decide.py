"""What is due now in an office: ``decide(office, now) -> decisions``. Pure.

Who waits longest goes first, and one that nobody fits holds up nobody. A decision that is under way
is not made again before it has its answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heapreplace

from domain.routing.decisions import Decision, Miss, Release, Remind, Retire, Route
from domain.routing.office import Office
from domain.routing.people import OFFLINE, Agent, Talk, micros
from domain.routing.policy import LEAST_BUSY, MANUAL
from domain.routing.staffing import Staff

_Rank = tuple[int, int, str]
_Kind = tuple[str | None, frozenset[str], str]
"""Conversations with the same of these are given to the same agents in the same order."""


def decide(office: Office, now: float) -> list[Decision]:
    """Everything that is due at this time (seconds since 1970), in the order to be asked for."""
    found = [
        *_of_vanished(office, now),
        *_routes(office, now),
        *_missed(office, now),
        *_reminders(office, now),
    ]
    return [each for each in found if each.key not in office.underway]


# --- who has vanished ---------------------------------------------------------------------------


def _of_vanished(office: Office, now: float) -> Iterator[Decision]:
    """Their visitors who wait for an answer wait for somebody else; they themselves are offline."""
    after = office.policy.release_after_s
    for name, since in office.absent.items():
        if not after or now - since < after:
            continue
        for conversation in sorted(office.serving.get(name, ())):
            talk = office.talks[conversation]
            if talk.unanswered_at is not None:
                yield Release(conversation, name, talk.version, micros(talk.served_at))
        agent = office.agents.get(name)
        if agent is None or agent.status == OFFLINE:
            continue
        # Whoever has said how it is was there: that it is back, is seen a moment later.
        if micros(agent.since) <= (now - after) * 1e6:
            yield Retire(name, micros(agent.since))


# --- who gets what ------------------------------------------------------------------------------


def _routes(office: Office, now: float) -> Iterator[Route]:
    if not office.queue or not _is_automatic(office):
        return
    desks = _Desks(office, now)
    if not desks.free:
        return
    waiting = (office.talks[name] for name in office.queue if not office.is_promised(name))
    for talk in sorted(waiting, key=lambda each: (each.waits_since, each.id)):
        strategy = office.policy.strategy_of(talk.department)
        if strategy == MANUAL or talk.skills is None:
            continue
        agent = desks.next(talk, strategy)
        if agent is not None:
            yield Route(talk.id, agent, strategy, micros(talk.queued_at))


def _is_automatic(office: Office) -> bool:
    policy = office.policy
    return any(each != MANUAL for each in (policy.strategy, *policy.strategies.values()))


class _Desks:
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
        self._load = {name: office.load(name) for name in self.free}
        self._most = {
            name: capacity if agent.capacity is None else agent.capacity
            for name, agent in self.free.items()
        }
        self._given = {
            name: max(micros(agent.given_at), office.turns.get(name, 0))
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
            fitting = (name for name, agent in self.free.items() if agent.fits(talk))
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


# --- who waits too long -------------------------------------------------------------------------


def _missed(office: Office, now: float) -> Iterator[Miss]:
    """At once where it is closed and nobody is there all the same, else after the tenant's time."""
    after = office.policy.missed_after_s
    if not after or not office.unmissed:
        return
    closed, staff = not office.policy.is_open(now), Staff(office)
    for name in office.unmissed:
        talk = office.talks[name]
        assert talk.unanswered_at is not None
        over = now - talk.unanswered_at.timestamp() >= after
        if not over and not closed:
            return  # nor are those behind it
        staffed = staff.of(talk.department)
        if over or not staffed:
            reason = "closed" if closed else "unanswered" if staffed else "unstaffed"
            yield Miss(name, talk.version, reason, micros(talk.unanswered_at))


def _reminders(office: Office, now: float) -> Iterator[Remind]:
    after = office.policy.remind_after_s
    for name in office.unreminded if after else ():
        talk = office.talks[name]
        assert talk.unreminded_at is not None
        if now - talk.unreminded_at.timestamp() < after:
            return  # nor are those behind it
        cause = micros(talk.unreminded_at)
        yield Remind(name, talk.version, talk.unreminded_version, after, cause)

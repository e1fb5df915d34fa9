"""Who the router thinks of: a conversation that is open, and an agent. Each as the log tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from domain.agent import events as a
from domain.envelope import RecordedEvent

OFFLINE = "offline"
LIMITED = "limited"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Talk(Struct):
    """An open conversation. What it says of times is as :class:`~domain.routing.serving.Served`.

    Its ``version`` alone is changed in place: most events say nothing else.
    ``skills`` are what whoever serves it should have; None: not known yet, nor is
    ``visitor`` then.
    """

    id: str
    department: str | None = None
    assignee: str | None = None
    skills: frozenset[str] | None = None
    version: int = 0
    queued_at: datetime | None = None
    served_at: datetime | None = None
    unanswered_at: datetime | None = None
    unreminded_at: datetime | None = None
    unreminded_version: int = 0
    missed: str | None = None
    visitor: str = ""

    @property
    def waits_since(self) -> datetime:
        """By what the one that has waited longest is found: a visitor who lost its agent too."""
        moments = [each for each in (self.queued_at, self.unanswered_at) if each is not None]
        return min(moments, default=_EPOCH)


class Agent(Struct, frozen=True):
    """An agent that may sign in. ``since``: from when on it is in its status.

    ``capacity`` None is the tenant's; ``given_at`` is when it got a conversation last.
    """

    id: str
    role: str = "agent"
    status: str = OFFLINE
    departments: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    capacity: int | None = None
    since: datetime | None = None
    given_at: datetime | None = None

    def is_of(self, department: str | None, worked_in: frozenset[str]) -> bool:
        """Whether conversations of this department are its own to take.

        Who is of no department takes those of all, and everybody takes those of a department in
        which nobody works (any more); unless its role is limited to its departments.
        """
        if department is None or department in self.departments:
            return True
        return self.role != LIMITED and not (self.departments and department in worked_in)

    def fits(self, talk: Talk, worked_in: frozenset[str]) -> bool:
        """Whether it may be given this conversation, apart from whether it has time for it."""
        skilled = talk.skills is not None and talk.skills <= self.skills
        return skilled and self.is_of(talk.department, worked_in)


def worked(name: str, agent: Agent | None, event: RecordedEvent) -> Agent | None:
    """What is known of this agent after the next event of its stream; None: it does not work."""
    data = event.data
    if isinstance(data, a.AgentCreated):
        return Agent(name, data.role, departments=frozenset(data.departments), since=event.at)
    if agent is None:
        return None
    match data:
        case a.AgentRightsChanged():
            return replace(agent, role=data.role, departments=frozenset(data.departments))
        case a.AgentProfileChanged():
            return replace(agent, capacity=data.capacity, skills=frozenset(data.skills))
        case a.AgentStatusChanged():
            return replace(agent, status=data.status, since=event.at)
        case a.AgentDeactivated():
            return None
        case _:
            return agent


def micros(moment: datetime | None) -> int:
    """A moment as the log counts it, in microseconds since 1970; 0 where there is none."""
    return 0 if moment is None else (moment - _EPOCH) // _MICROSECOND

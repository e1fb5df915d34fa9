"""What of an agent's past its decisions rest on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.access import Rights
from domain.agent import events as e


class Agent(Struct, frozen=True):
    """The state. ``role`` is empty before the agent is created.

    ``passwords`` counts those that the agent has had: what was given out under an earlier one
    opens nothing any more. ``version`` is that of the stream at which an admin's word on the agent
    was last changed: its name, rights, skills or capacity.
    """

    email: str = ""
    name: str = ""
    role: str = ""
    password: str = ""
    departments: tuple[str, ...] = ()
    status: str = "offline"
    active: bool = False
    passwords: int = 0
    capacity: int | None = None
    skills: tuple[str, ...] = ()
    version: int = 0

    def rights(self, agent: str) -> Rights:
        """What this agent may see."""
        return Rights(self.role, agent, frozenset(self.departments))


INITIAL = Agent()


SAID = (e.AgentCreated, e.AgentRightsChanged, e.AgentProfileChanged, e.AgentDeactivated)
"""What changes what an admin says of an agent."""


def evolve(state: Agent, event: object, version: int) -> Agent:
    """The state after an event, which is at this version of the stream."""
    after = _evolved(state, event)
    return replace(after, version=version) if isinstance(event, SAID) else after


def _evolved(state: Agent, event: object) -> Agent:
    match event:
        case e.AgentCreated():
            return Agent(
                event.email,
                event.name,
                event.role,
                event.password,
                event.departments,
                active=True,
                passwords=1,
            )
        case e.AgentRightsChanged():
            return replace(state, role=event.role, departments=event.departments)
        case e.AgentPasswordChanged():
            return replace(state, password=event.password, passwords=state.passwords + 1)
        case e.AgentProfileChanged():
            name, capacity, skills = event.name, event.capacity, event.skills
            return replace(state, name=name, capacity=capacity, skills=skills)
        case e.AgentStatusChanged():
            return replace(state, status=event.status)
        case e.AgentDeactivated():
            return replace(state, active=False)
        case _:
            return state

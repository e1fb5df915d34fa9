"""What of an agent's past its decisions rest on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.access import Rights
from domain.agent import events as e


class Agent(Struct, frozen=True):
    """The state. ``role`` is empty before the agent is created.

    ``passwords`` counts those that the agent has had: what was given out under an earlier one
    opens nothing any more.
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

    def rights(self, agent: str) -> Rights:
        """What this agent may see."""
        return Rights(self.role, agent, frozenset(self.departments))


INITIAL = Agent()


def evolve(state: Agent, event: object) -> Agent:
    """The state after an event."""
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

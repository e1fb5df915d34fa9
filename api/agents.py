"""``/v1/agents``: who works here. Neither addresses nor anything of a password."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from api import throttle
from api.routing import GET, Call, Route
from domain import streams
from domain.agent.state import Agent as State
from domain.errors import Refused


class Agent(Struct, frozen=True):
    """An agent as colleagues see it."""

    id: str
    name: str
    role: str
    status: str


class Agents(Struct, frozen=True):
    """Everybody who may sign in."""

    items: list[Agent]


async def list_agents(call: Call) -> Agents:
    """The tenant's agents."""
    await throttle.count_read(call.deps, call.caller)
    found = await call.deps.agents.agents(call.caller.log)
    return Agents(msgspec.convert(list(found), list[Agent], from_attributes=True))


async def one_agent(call: Call) -> Agent:
    """One agent, as the log has it now."""
    await throttle.count_read(call.deps, call.caller)
    name = call.id()
    entry = await call.deps.states.refresh(call.caller.log, streams.agent(name))
    agent: State = entry.state
    if not agent.active:
        raise Refused("not_found", "There is no such agent.")
    return Agent(name, agent.name, agent.role, agent.status)


ROUTES = (
    Route(GET, "/v1/agents", list_agents, "List the agents", answer=Agents),
    Route(GET, "/v1/agents/{id}", one_agent, "Show an agent", answer=Agent),
)

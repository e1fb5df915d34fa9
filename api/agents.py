"""``/v1/agents``: who works here. Neither addresses nor anything of a password."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from api import throttle
from api.presence import present
from api.routing import GET, Call, Route
from domain import streams
from domain.agent.state import Agent as State
from domain.errors import Refused


class Profile(Struct, frozen=True):
    """What the log knows of an agent. ``status`` is what it says of itself."""

    id: str
    name: str
    role: str
    status: str


class Agent(Profile, frozen=True, kw_only=True):
    """An agent as colleagues see it. ``online`` says whether it has a desk open right now."""

    online: bool


class Agents(Struct, frozen=True):
    """Everybody who may sign in."""

    items: list[Agent]


async def list_agents(call: Call) -> Agents:
    """The tenant's agents."""
    await throttle.count_read(call.deps, call.caller)
    found = await call.deps.agents.agents(call.caller.log)
    profiles = msgspec.convert(list(found), list[Profile], from_attributes=True)
    return Agents(await _shown(call, profiles))


async def one_agent(call: Call) -> Agent:
    """One agent, as the log has it now."""
    await throttle.count_read(call.deps, call.caller)
    name = call.id()
    entry = await call.deps.states.refresh(call.caller.log, streams.agent(name))
    agent: State = entry.state
    if not agent.active:
        raise Refused("not_found", "There is no such agent.")
    (shown,) = await _shown(call, [Profile(name, agent.name, agent.role, agent.status)])
    return shown


async def _shown(call: Call, profiles: Sequence[Profile]) -> list[Agent]:
    online = await present(call, "agent", (each.id for each in profiles))
    return [Agent(**asdict(each), online=each.id in online) for each in profiles]


ROUTES = (
    Route(GET, "/v1/agents", list_agents, "List the agents", answer=Agents),
    Route(GET, "/v1/agents/{id}", one_agent, "Show an agent", answer=Agent),
)

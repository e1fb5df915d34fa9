"""``/v1/agents``: who works here, and since when. Of passwords nothing, addresses for admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from api import throttle
from api.presence import present
from api.routing import GET, Call, Route
from domain import streams
from domain.agent.state import Agent as State
from domain.errors import Refused


class Profile(Struct, frozen=True):
    """What the log knows of an agent. ``status`` is what it says of itself.

    ``status_since`` is null while the view does not know it yet; ``load`` is how many open
    conversations it serves; ``capacity`` how many it may, null: as the tenant's routing says.
    """

    id: str
    name: str
    role: str
    status: str
    status_since: datetime | None
    load: int
    departments: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    email: str | UnsetType = UNSET


class Agent(Profile, frozen=True, kw_only=True):
    """An agent as colleagues see it. ``online`` says whether it has a desk open right now.

    ``email`` is for admins.
    """

    online: bool


class Agents(Struct, frozen=True):
    """Everybody who may sign in."""

    items: list[Agent]


async def list_agents(call: Call) -> Agents:
    """The tenant's agents."""
    await throttle.count_read(call.deps, call.caller)
    return Agents(await _shown(call, await _found(call)))


async def one_agent(call: Call) -> Agent:
    """One agent, as the log has it now; since when, and its load, as the view has them."""
    await throttle.count_read(call.deps, call.caller)
    name = call.id()
    entry = await call.deps.states.refresh(call.caller.log, streams.agent(name))
    agent: State = entry.state
    if not agent.active:
        raise Refused("not_found", "There is no such agent.")
    viewed = next(iter(await _found(call, name)), None)
    same = viewed is not None and viewed.status == agent.status
    profile = Profile(
        name,
        agent.name,
        agent.role,
        agent.status,
        viewed.status_since if viewed is not None and same else None,
        0 if viewed is None else viewed.load,
        agent.departments,
        agent.skills,
        agent.capacity,
        agent.email,
    )
    (shown,) = await _shown(call, [profile])
    return shown


async def _found(call: Call, agent: str | None = None) -> list[Profile]:
    found = await call.deps.agents.agents(call.caller.log, agent)
    return msgspec.convert(list(found), list[Profile], from_attributes=True)


async def _shown(call: Call, profiles: Sequence[Profile]) -> list[Agent]:
    online = await present(call, "agent", (each.id for each in profiles))
    hidden = {} if call.caller.is_admin else {"email": UNSET}
    return [Agent(**asdict(each) | hidden, online=each.id in online) for each in profiles]


ROUTES = (
    Route(GET, "/v1/agents", list_agents, "List the agents", answer=Agents),
    Route(GET, "/v1/agents/{id}", one_agent, "Show an agent", answer=Agent),
)

"""``/v1/agents``: who works here, and since when. Of passwords nothing, addresses for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from api import throttle
from api.conditions import Present
from api.presence import present
from api.routing import GET, Call, Route
from domain import streams
from domain.agent.state import Agent as State
from domain.envelope import Actor
from domain.errors import Refused


class Profile(Struct, frozen=True):
    """What the log knows of an agent. ``status`` is what it says of itself.

    ``status_since`` is null while the view does not know it yet; ``load`` is how many open
    conversations it serves; ``capacity`` how many it may, null: as the tenant's routing says.
    ``reason`` is why it has its status where nobody said so: ``idle``, ``back`` or ``gone``.
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
    reason: str | None = None
    email: str | UnsetType = UNSET


class Agent(Profile, frozen=True, kw_only=True):
    """An agent as colleagues see it. ``online`` says whether it has a desk open right now.

    Admins see ``email``, and ``version``, ``changed_at`` and ``changed_by``: of when name, rights,
    skills or capacity were last changed.
    """

    online: bool
    version: int | UnsetType = UNSET
    changed_at: datetime | UnsetType | None = UNSET
    changed_by: Actor | UnsetType | None = UNSET


class Agents(Struct, frozen=True):
    """Everybody who may sign in."""

    items: list[Agent]


ADMINS = ("email", "version", "changed_at", "changed_by")
"""What only admins see."""


async def list_agents(call: Call) -> Agents:
    """The tenant's agents."""
    await throttle.count_read(call.deps, call.caller)
    found = await call.deps.agents.agents(call.caller.log)
    names = {each.id: each.name for each in found}
    return Agents(await _shown(call, [(_profile(each), _said(each, names)) for each in found]))


async def one_agent(call: Call) -> Agent:
    """One agent, as the log has it now; since when, and its load, as the view has them."""
    await throttle.count_read(call.deps, call.caller)
    agent = await _one(call, call.id())
    if agent is None:
        raise Refused("not_found", "There is no such agent.")
    return agent


async def present_agent(call: Call, name: str) -> Present:
    """An agent as it is now, and who has made it so."""
    agent: State = (await call.deps.states.refresh(call.caller.log, streams.agent(name))).state
    said = await _changed(call, name, agent)
    shown = await _one(call, name)
    return Present(shown, said.get("changed_at"), said.get("changed_by"))


async def _one(call: Call, name: str) -> Agent | None:
    entry = await call.deps.states.refresh(call.caller.log, streams.agent(name))
    agent: State = entry.state
    if not agent.active:
        return None
    viewed = next(iter(await call.deps.agents.agents(call.caller.log, name)), None)
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
        viewed.reason if viewed is not None and same else None,
        agent.email,
    )
    (shown,) = await _shown(call, [(profile, await _changed(call, name, agent))])
    return shown


async def _changed(call: Call, name: str, agent: State) -> dict[str, Any]:
    """When an admin's word on an agent was last changed, and by whom: as the log has it."""
    if not agent.version or not call.caller.is_admin:
        return {}
    log, stream = call.caller.log, streams.agent(name)
    page = await call.deps.store.read_stream(log, stream, agent.version - 1, 1)
    if not page:
        return {}
    return {"version": agent.version, "changed_at": page[0].at, "changed_by": page[0].actor}


def _said(found: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """The same as the view has it, which knows of whoever changed it only the id."""
    said = found.said
    if said is None:
        return {}
    by = Actor(said.role, said.by, names.get(said.by))
    return {"version": said.version, "changed_at": said.at, "changed_by": by}


def _profile(found: Any) -> Profile:
    return msgspec.convert(found, Profile, from_attributes=True)


async def _shown(call: Call, profiles: Sequence[tuple[Profile, dict[str, Any]]]) -> list[Agent]:
    online = await present(call, "agent", (each.id for each, _ in profiles))
    hidden = {} if call.caller.is_admin else dict.fromkeys(ADMINS, UNSET)
    return [
        Agent(**asdict(each) | said | hidden, online=each.id in online) for each, said in profiles
    ]


ROUTES = (
    Route(GET, "/v1/agents", list_agents, "List the agents", answer=Agents),
    Route(GET, "/v1/agents/{id}", one_agent, "Show an agent", answer=Agent),
)

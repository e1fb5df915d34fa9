"""What an agent's row is, and how events change it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from domain import streams
from domain.agent import events as e
from domain.envelope import RecordedEvent

TYPES = frozenset(
    {"agent.created", "agent.rights_changed", "agent.status_changed", "agent.deactivated"}
)


class AgentRow(Struct, frozen=True):
    """One agent. ``name`` is stored encrypted under the agent's key; empty once erased."""

    id: str
    name: str = ""
    role: str = ""
    status: str = "offline"
    departments: tuple[str, ...] = ()
    active: bool = True


Agents = dict[str, AgentRow]


def evolve(agents: Agents, events: Iterable[RecordedEvent]) -> Agents:
    """The rows after the events. Raises LookupError for an agent that was never created."""
    rows = dict(agents)
    for event in events:
        agent = event.stream.removeprefix(streams.agent(""))
        if event.data is None:
            rows[agent] = AgentRow(agent, active=False)
        elif isinstance(event.data, e.AgentCreated):
            rows[agent] = AgentRow(
                agent, event.data.name, event.data.role, departments=event.data.departments
            )
        else:
            rows[agent] = _changed(rows[agent], event.data)
    return rows


def _changed(row: AgentRow, data: object) -> AgentRow:
    match data:
        case e.AgentRightsChanged():
            return replace(row, role=data.role, departments=data.departments)
        case e.AgentStatusChanged():
            return replace(row, status=data.status)
        case e.AgentDeactivated():
            return replace(row, active=False, status="offline")
        case _:
            return row

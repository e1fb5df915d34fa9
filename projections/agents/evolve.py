"""How events change what is known of agents. Pure.

Who is active, since when, and what was done is taken from the envelopes alone, so that an erasure
leaves just what a rebuild would find.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from domain import streams
from domain.agent import events as e
from domain.agent import state
from domain.envelope import RecordedEvent
from projections.agents.rows import (
    OFFLINE,
    UNASSIGNED,
    AgentRow,
    Agents,
    Interval,
    Label,
    Said,
    Work,
    quarter_of,
)

OF_AGENTS = frozenset(
    {
        "agent.created",
        "agent.rights_changed",
        "agent.profile_changed",
        "agent.status_changed",
        "agent.deactivated",
    }
)
_OF_TIME = frozenset({"agent.status_changed", "agent.deactivated"})

_OPENING = frozenset({"conversation.started", "conversation.reopened"})
_CLOSING = frozenset({"conversation.closed", "conversation.erased"})

OF_CONVERSATIONS = _OPENING | _CLOSING | {"conversation.assigned", "conversation.transferred"}

MESSAGE = "message.posted"

TYPES = OF_AGENTS | OF_CONVERSATIONS | {MESSAGE}


def evolve(agents: Agents, events: Iterable[RecordedEvent]) -> Agents:
    """The rows after the events. Raises LookupError for an agent that was never created."""
    rows, serving, work = dict(agents.rows), dict(agents.serving), dict(agents.work)
    ended: list[Interval] = []
    for event in events:
        if event.type in OF_AGENTS:
            _agent(event, rows, ended)
        elif event.type == MESSAGE:
            if event.actor.role == "agent":
                _add(work, event.actor.id, event, messages=1)
        else:
            _conversation(event, rows, serving, work)
    return Agents(rows, serving, work, tuple(ended))


def _agent(event: RecordedEvent, rows: dict[str, AgentRow], ended: list[Interval]) -> None:
    agent = event.stream.removeprefix(streams.agent(""))
    if event.type == "agent.created":
        rows[agent] = AgentRow(agent, active=True, since=event.at, label=_label(None, event))
        return
    row = rows[agent]
    after = replace(row, label=_label(row.label, event))
    if event.type in _OF_TIME:
        if row.since is not None:
            status = None if row.label is None else row.label.status
            ended.append(Interval(agent, row.since, event.at, status))
        after = replace(after, since=event.at)
    if event.type == "agent.deactivated":
        after = replace(after, active=False, since=None)
    rows[agent] = after


def _label(label: Label | None, event: RecordedEvent) -> Label | None:
    """The label after an event; None where that, or the label before it, cannot be read."""
    after = _told(label, event.data)
    if after is None or not isinstance(event.data, state.SAID):
        return after
    return replace(after, said=Said(event.version, event.at, event.actor.role, event.actor.id))


def _told(label: Label | None, data: object) -> Label | None:
    if isinstance(data, e.AgentCreated):
        return Label(data.name, data.role, departments=data.departments, email=data.email)
    if label is None:
        return None
    match data:
        case e.AgentRightsChanged():
            return replace(label, role=data.role, departments=data.departments)
        case e.AgentProfileChanged():
            capacity, skills = data.capacity, data.skills
            return replace(label, name=data.name, capacity=capacity, skills=skills)
        case e.AgentStatusChanged():
            return replace(label, status=data.status, reason=data.reason)
        case e.AgentDeactivated():
            return replace(label, status=OFFLINE, reason=None)
        case _:
            return None


def _conversation(
    event: RecordedEvent,
    rows: dict[str, AgentRow],
    serving: dict[str, str | None],
    work: dict[tuple[str, datetime], Work],
) -> None:
    conversation = streams.conversation_id(event.stream)
    assert conversation is not None
    before, after = event.metadata.before, event.metadata.after
    served = None if before is None else before.assignee
    serves = None if after is None else after.assignee
    if event.type in _OPENING or serving.get(conversation) is not None:
        serving[conversation] = None if event.type in _CLOSING else serves or UNASSIGNED
    if serves is not None and serves != served:
        _add(work, serves, event, conversations=1)
        if serves in rows:
            rows[serves] = replace(rows[serves], given_at=event.at)


def _add(
    work: dict[tuple[str, datetime], Work],
    agent: str,
    event: RecordedEvent,
    *,
    messages: int = 0,
    conversations: int = 0,
) -> None:
    key = (agent, quarter_of(event.at))
    done = work.get(key, Work())
    work[key] = Work(done.messages + messages, done.conversations + conversations)

"""Who of the agents that matter is present, asked for all logs of a router together."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from domain.presence import Person, Presences
from domain.routing.routed_log import RoutedLog

ASKED = 250
"""People whose presence is asked for at a time."""


async def attend(logs: Mapping[UUID, RoutedLog], presences: Presences, now: float) -> None:
    """Let each office see who is there, at this time (seconds since 1970)."""
    offices = {log: each.office for log, each in logs.items() if each.office is not None}
    asked = {log: office.watched() for log, office in offices.items()}
    people = [Person(log, "agent", agent) for log, agents in asked.items() for agent in agents]
    present: set[Person] = set()
    for begin in range(0, len(people), ASKED):
        present |= await presences.present(people[begin : begin + ASKED])
    there: dict[UUID, set[str]] = {}
    for person in present:
        there.setdefault(person.log, set()).add(person.id)
    for log, office in offices.items():
        office.see(asked[log], there.get(log, ()), now, knows_all=presences.knows_all)

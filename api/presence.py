"""Who is present, for answers that say so: asked once for all that an answer names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from api.routing import Call
from domain.presence import Person, Role

BATCH = 250
"""People asked for at a time."""


async def present(call: Call, role: Role, names: Iterable[str]) -> set[str]:
    """Which of these people, by their ids, are present at whichever node."""
    people = iter({Person(call.caller.log, role, name) for name in names})
    found: set[str] = set()
    while some := list(islice(people, BATCH)):
        found |= {person.id for person in await call.deps.presences.present(some)}
    return found

"""Who is present, for answers that say so: asked once for all that an answer names, or of all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from api.routing import Call
from domain.presence import LISTED, Person, Role

BATCH = 250
"""People asked for at a time."""


MOST = 5_000
"""Visitors on a site at one time who are looked at; those beyond it are only counted."""


async def everybody(call: Call, role: Role) -> tuple[list[str], int]:
    """The ids of those who are present, up to ``MOST``, and how many all are."""
    log, presences = call.caller.log, call.deps.presences
    found: list[str] = []
    listed = await presences.listed(log, role)
    found += listed.ids
    while len(listed.ids) == LISTED and len(found) < MOST:
        listed = await presences.listed(log, role, found[-1])
        found += listed.ids
    return found[:MOST], max(listed.total, len(found))


async def present(call: Call, role: Role, names: Iterable[str]) -> set[str]:
    """Which of these people, by their ids, are present at whichever node."""
    people = iter({Person(call.caller.log, role, name) for name in names})
    found: set[str] = set()
    while some := list(islice(people, BATCH)):
        found |= {person.id for person in await call.deps.presences.present(some)}
    return found

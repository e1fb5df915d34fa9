"""What is generated could have happened: every command decided anew comes to the same events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain import streams
from domain.handling.plan import View, plan
from domain.handling.sender import Sender
from domain.handling.states import Entry, evolve, initial
from domain.permissions import AGENT, VISITOR
from ops.dataset.history import History
from ops.dataset.plan import TenantPlan
from ops.dataset.plan import plan as plan_of
from ops.dataset.teller import Told

PLAN = plan_of(fraction=0.0004, seed=3)


class Folded:
    """The states of all streams, folded from what was told, as a View asks for them."""

    histories = 0

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def find(self, _: UUID, stream: str) -> Entry:
        """A stream's state, from its first event on."""
        return self._entries.get(stream) or Entry(initial(stream), 0)

    def take(self, log: UUID, told: Told) -> None:
        """Fold a command's events, each of which must be its stream's next."""
        append = told.dated.append
        for part in append.parts:
            entry = self.find(log, part.stream)
            assert part.expectation.version == entry.version
            state = entry.state
            for n, event in enumerate(part.events, entry.version + 1):
                state = evolve(state, event.data, append.actor, n)
            self._entries[part.stream] = Entry(state, entry.version + len(part.events))


def _decided(told: Told, log: UUID, folded: Folded) -> list[tuple[str, Any]]:
    """What deciding the command comes to, on what has happened before."""
    actor, command = told.dated.append.actor, told.command
    assert command is not None
    rights = None
    if actor.role == AGENT:
        rights = folded.find(log, streams.agent(actor.id)).state.rights(actor.id)
    view = View(folded, log)  # type: ignore[arg-type]  # all of States that it asks
    view.begin()
    sender = Sender(log, actor, rights, _site(told) if actor.role == VISITOR else None)
    return [(part.stream, part.events) for part in plan(command, sender, view).parts if part.events]


def _site(told: Told) -> str | None:
    """The site at which a visitor is, as its own event says it."""
    data = [event.data for part in told.dated.append.parts for event in part.events]
    return next((site for each in data if (site := getattr(each, "site", None))), None)


@pytest.mark.parametrize("tenant", PLAN.tenants[:3], ids=lambda tenant: tenant.name)
def test_every_command_decided_anew_comes_to_the_same(tenant: TenantPlan) -> None:
    """Events, streams, subjects, and who could read before and after: as the domain decides."""
    folded, checked = Folded(), 0
    for told in History(tenant):
        if told.command is not None:
            parts = [(part.stream, part.events) for part in told.dated.append.parts]
            assert parts == _decided(told, tenant.log, folded)
            checked += 1
        folded.take(tenant.log, told)
    assert checked > 5 * tenant.conversations

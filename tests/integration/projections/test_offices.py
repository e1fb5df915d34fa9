"""Where the router begins, on PostgreSQL: what the read models' tables say is what the log says."""

from __future__ import annotations

from random import Random

from projections.offices import Offices
from tests.integration.projections.conftest import Views
from tests.property.test_routing import begun
from tests.unit.projections.histories import KINDS, LATER_KINDS, LOG, Action, History

ACTIONS = 120


async def test_an_office_begins_with_what_the_log_says(views: Views, history: History) -> None:
    """Open conversations and agents, over encryption and SQL, without the erased and the ended."""
    chance = Random(5)
    kinds = [kind for kind in (*KINDS, *LATER_KINDS) if kind not in {"erase", "deactivate"}]
    for _ in range(ACTIONS):
        visitor, agent, number = (chance.randrange(size) for size in (3, 2, 5))
        await history.play(Action(chance.choice(kinds), visitor, agent, number))
    await history.play(Action("erase", 0))
    await history.play(Action("deactivate", agent=1))
    await views.follow()
    offices = Offices(views.database.read_models, views.database.cipher, views.clock)
    found, events = await offices.begin(LOG), await history.events()
    expected = begun(events, events)
    talks = {talk.id: talk for talk in expected.talks}
    assert len(talks) > 1
    assert any(talk.queued_at for talk in talks.values())
    assert any(talk.unanswered_at for talk in talks.values())
    assert {talk.id: talk for talk in found.talks} == talks
    assert {agent.id: agent for agent in found.agents} == {
        agent.id: agent for agent in expected.agents
    }
    assert any(agent.given_at for agent in found.agents)
    assert (found.talks_as_of, found.agents_as_of) == (len(events), len(events))

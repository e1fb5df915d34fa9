"""``/v1/agents/{id}/times`` over HTTP: whose days one may see, and which days they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.tenant.commands import SetHours
from projections.agents.reader import AgentTimes
from projections.agents.times import Piece, Stretch
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem


async def times(site: Site, token: str, agent: str, query: str = "") -> Any:
    """The answer to a question about an agent's days."""
    path = f"/v1/agents/{agent}/times?{query}"
    return await site.client.get(path, headers=bearer(token))


async def test_an_agent_sees_its_own_days(site: Site, demo: Tenant) -> None:
    """In the tenant's time zone, the last seven with today, what lasts until now."""
    alan = await demo.add_agent("alan@example.org")
    week = (((0, 1440),),) * 7
    await site.world.send(demo.log, SetHours(site.world.ids.uuid(), "Asia/Tokyo", week))
    now = datetime.fromtimestamp(site.world.clock.now(), UTC)
    hour = now - timedelta(hours=1)
    site.views.times_of = AgentTimes(
        10, "ab" * 8, [Stretch(hour, None, "online")], [Piece(hour, 4, 2)]
    )
    said = (await times(site, await demo.agent_token("alan@example.org"), alan)).json()
    assert (said["as_of"], said["agent"], said["zone"]) == (10, alan, "Asia/Tokyo")
    assert (said["from"], said["to"]) == ("2023-11-09", "2023-11-16")
    assert len(said["days"]) == 7
    today = said["days"][-1]
    assert today["day"] == "2023-11-15"
    assert today["seconds"]["online"] == pytest.approx(3600)
    assert (today["messages"], today["conversations"]) == (4, 2)


async def test_whose_days_one_may_see(site: Site, demo: Tenant) -> None:
    """Admins and servers everybody's, other agents their own; of others they are told nothing."""
    alan = await demo.add_agent("alan@example.org")
    await demo.add_agent("ada@example.org", "admin")
    admin = await demo.agent_token("ada@example.org")
    for token in (admin, await demo.add_key("agents:read")):
        assert (await times(site, token, alan)).status_code == 200
        check_problem(await times(site, token, str(site.world.ids.uuid())), "not_found")
    check_problem(await times(site, await demo.agent_token(), alan), "not_found")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-01-01&to=2026-04-11", 200),
        ("from=2026-01-01&to=2026-04-12", 400),
        ("from=2026-01-01&to=2026-01-01", 400),
        ("from=2026-02-01&to=2026-01-01", 400),
        ("from=2026-02-30&to=2026-03-01", 400),
        ("from=2026-02-01T10:00Z", 400),
        ("to=0001-01-01", 400),
        ("from=9999-12-30&to=9999-12-31", 400),
        ("from=0001-01-01&to=0001-01-02", 400),
    ],
)
async def test_a_question_has_its_bounds(site: Site, demo: Tenant, query: str, status: int) -> None:
    """Dates in order, not too many, and such that a calendar has."""
    await demo.add_agent("ada@example.org", "admin")
    ada = await demo.add_agent("other@example.org")
    answer = await times(site, await demo.agent_token("ada@example.org"), ada, query)
    assert answer.status_code == status, answer.text

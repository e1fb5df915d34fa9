"""Who is present, over HTTP: beside views and agents, for those who may read them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from adapters.presence.in_process import InProcessPresences
from domain.presence import Person, Role
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, colleague

LIST = "/v1/conversations"


async def get(site: Site, path: str, token: str) -> Any:
    """What the API says."""
    return (await site.client.get(path, headers=bearer(token))).json()


async def come(site: Site, tenant: Tenant, role: Role, name: str) -> None:
    """Let somebody open a socket."""
    await site.presences.arrive([(Person(tenant.log, role, name), UUID(int=1))])


async def test_a_list_says_which_visitors_are_there(site: Site, demo: Tenant) -> None:
    """To agents and to servers, each conversation by its own visitor."""
    here, gone = await site.talk(demo), await site.talk(demo)
    await come(site, demo, "visitor", here.visitor)
    await come(site, demo, "agent", gone.visitor)
    for token in (await demo.agent_token(), await demo.add_key()):
        listed = (await get(site, LIST, token))["items"]
        assert {each["id"]: each["visitor_online"] for each in listed} == {
            here.id: True,
            gone.id: False,
        }
        for talk in (here, gone):
            one = await get(site, f"{LIST}/{talk.id}", token)
            assert one["visitor_online"] is (talk is here)


async def test_a_visitor_is_told_of_nobodys_presence(site: Site, demo: Tenant) -> None:
    """Not even of its own."""
    talk = await site.talk(demo)
    await come(site, demo, "visitor", talk.visitor)
    assert "visitor_online" not in await get(site, f"{LIST}/{talk.id}", talk.token)


async def test_another_tenants_people_are_others(site: Site, demo: Tenant) -> None:
    """The same id in another log is somebody else."""
    talk = await site.talk(demo)
    other = await site.world.tenant("other")
    await come(site, other, "visitor", talk.visitor)
    (item,) = (await get(site, LIST, await demo.agent_token()))["items"]
    assert item["visitor_online"] is False


async def test_colleagues_see_who_has_a_desk_open(site: Site, demo: Tenant) -> None:
    """Whatever they say of themselves; in the list and alone."""
    alan = await demo.add_agent("alan@example.org")
    token = await demo.agent_token()
    site.views.team[demo.log] = [colleague(alan, status="away"), colleague("somebody", "Eve")]
    await come(site, demo, "agent", alan)
    listed = (await get(site, "/v1/agents", token))["items"]
    assert [each["online"] for each in listed] == [True, False]
    assert (await get(site, f"/v1/agents/{alan}", token))["online"] is True


async def test_a_long_list_is_asked_for_in_parts(site: Site, demo: Tenant) -> None:
    """A tenant with many agents keeps nobody else waiting."""
    asked: list[int] = []

    class Counting(InProcessPresences):
        async def present(self, people: Collection[Person]) -> set[Person]:
            asked.append(len(people))
            return set(people)

    site.presences.__class__ = Counting
    site.views.team[demo.log] = [colleague(str(n)) for n in range(600)]
    listed = (await get(site, "/v1/agents", await demo.agent_token()))["items"]
    assert all(each["online"] for each in listed)
    assert sorted(asked) == [100, 250, 250]

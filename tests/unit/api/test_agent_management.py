"""``/v1/agents`` as admins change it; there is always an admin, and passwords are told once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from domain.rate_limits import Rate
from tests.doubles.tenancy import PASSWORD, Tenant
from tests.unit.api.conftest import Site, bearer, check_problem

SESSIONS = "/v1/agent/sessions"
ADA = "ada@example.org"
NEW = "a new password"


@pytest.fixture
async def ada(site: Site, demo: Tenant) -> dict[str, str]:
    """What an admin shows."""
    await demo.add_agent(ADA, "admin")
    return bearer(await demo.agent_token(ADA))


async def sign_in(site: Site, email: str, password: str) -> httpx.Response:
    """Somebody comes to the door."""
    given = {"tenant": "demo", "email": email, "password": password}
    return await site.client.post(SESSIONS, json=given)


async def make(site: Site, admin: dict[str, str], **given: Any) -> httpx.Response:
    """An agent."""
    body = {"email": "new@example.org", "name": "New", **given}
    return await site.client.post("/v1/agents", json=body, headers=admin)


async def test_an_admin_makes_an_agent(site: Site, ada: dict[str, str]) -> None:
    """With a password that is drawn, or the one that is given, which is not told again."""
    made = await make(site, ada, role="limited", departments=["sales"], email=" New@Example.org ")
    assert made.status_code == 201
    signed_in = await sign_in(site, "new@example.org", made.json()["password"])
    assert (signed_in.json()["role"], signed_in.json()["name"]) == ("limited", "New")
    assert signed_in.json()["agent"] == made.json()["id"]
    other = await make(site, ada, email="other@example.org", password=NEW, skills=["zh"])
    assert set(other.json()) == {"id"}
    assert (await sign_in(site, "other@example.org", NEW)).status_code == 200
    check_problem(await make(site, ada), "exists")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "king"}, "role"),
        ({"departments": ["no department"]}, "department"),
        ({"password": "short"}, "password has 10"),
        ({"skills": [" "]}, "skill"),
        ({"adress": "x"}, "'adress'"),
    ],
)
async def test_what_no_agent_can_be_is_named(
    site: Site, ada: dict[str, str], given: dict[str, Any], said: str
) -> None:
    """And nobody is made."""
    response = await make(site, ada, **given)
    check_problem(response, "bad_request")
    assert said in response.json()["detail"]
    assert (await make(site, ada)).status_code == 201


async def test_an_admin_changes_and_ends_an_agent(site: Site, ada: dict[str, str]) -> None:
    """Role and departments, the password, and that it may sign in at all."""
    made = (await make(site, ada)).json()
    path = f"/v1/agents/{made['id']}"
    changed = {
        "name": "Neo",
        "role": "limited",
        "departments": ["support"],
        "skills": ["中文"],
        "capacity": 3,
    }
    assert (await site.client.put(path, json=changed, headers=ada)).status_code == 204
    alone = (await site.client.get(path, headers=ada)).json()
    assert {name: alone[name] for name in changed} == changed
    wrong = await site.client.put(
        path, json={**changed, "role": "agent", "capacity": -1}, headers=ada
    )
    check_problem(wrong, "bad_request")
    assert (await site.client.get(path, headers=ada)).json() == alone
    told = await site.client.put(f"{path}/password", json={"password": NEW}, headers=ada)
    assert told.status_code == 204
    check_problem(await sign_in(site, "new@example.org", made["password"]), "bad_credentials")
    signed_in = bearer((await sign_in(site, "new@example.org", NEW)).json()["token"])
    assert (await site.client.delete(path, headers=ada)).status_code == 204
    check_problem(await site.client.get("/v1/agents", headers=signed_in), "unauthorized")
    check_problem(await make(site, ada), "exists")
    check_problem(await site.client.delete(path, headers=ada), "not_found")


async def test_nobody_ends_that_they_are_an_admin(site: Site, demo: Tenant) -> None:
    """Neither by leaving nor by another role; so one is left, also of two who end each other."""
    boss, other = [await demo.add_agent(f"{n}@example.org", "admin") for n in range(2)]
    shown = [bearer(await demo.agent_token(f"{n}@example.org")) for n in range(2)]
    mine, as_agent = f"/v1/agents/{boss}", {"name": "Grace", "role": "agent"}
    check_problem(await site.client.delete(mine, headers=shown[0]), "not_allowed")
    check_problem(await site.client.put(mine, json=as_agent, headers=shown[0]), "not_allowed")
    stays = {"name": "Grace", "role": "admin", "departments": ["sales"]}
    assert (await site.client.put(mine, json=stays, headers=shown[0])).status_code == 204
    ended = await asyncio.gather(
        site.client.delete(f"/v1/agents/{other}", headers=shown[0]),
        site.client.delete(mine, headers=shown[1]),
    )
    done, refused = sorted(each.status_code for each in ended)
    assert (done, refused in {401, 403, 404}) == (204, True)


async def test_everybody_changes_their_own_password(site: Site, demo: Tenant) -> None:
    """With the old one; what was open under it ends, and guesses at it are limited."""
    headers = bearer(await demo.agent_token())
    client = site.with_settings(sign_in_failures=Rate("sign-in", 0.1, 2))

    async def ask(old: str, new: str = NEW) -> httpx.Response:
        given = {"old": old, "new": new}
        return await client.put("/v1/agents/me/password", json=given, headers=headers)

    check_problem(await ask(PASSWORD, "short"), "bad_request")
    check_problem(await ask("wrong"), "bad_credentials")
    assert (await ask(PASSWORD)).status_code == 204
    check_problem(await ask(NEW), "unauthorized")
    assert (await sign_in(site, "grace@example.org", NEW)).status_code == 200


async def test_guesses_at_an_old_password_are_limited(site: Site, demo: Tenant) -> None:
    """As failed sign-ins are: a stolen token is no way to learn it."""
    headers = bearer(await demo.agent_token())
    client = site.with_settings(sign_in_failures=Rate("sign-in", 0.1, 2))
    given = {"old": "wrong", "new": NEW}
    path = "/v1/agents/me/password"
    for _ in range(2):
        check_problem(await client.put(path, json=given, headers=headers), "bad_credentials")
    check_problem(await client.put(path, json=given, headers=headers), "rate_limited")

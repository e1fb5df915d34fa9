"""Every route against every kind of caller: the table of permissions, walked."""

from __future__ import annotations

import httpx
import pytest
from starlette.routing import Route as StarletteRoute

from api.app import ROUTES, create_app, routes
from domain.errors import Refused
from domain.permissions import ADMIN, AGENT, ANYONE, SCOPES, SERVER, check_route
from domain.permissions import ROUTES as PERMISSIONS
from domain.rate_limits import Rate
from tests.doubles.appends import uuid
from tests.doubles.tenancy import PASSWORD, Tenancy, Tenant
from tests.unit.api.conftest import Site, Talk, bearer, check_problem

CALLERS = (
    "nobody",
    "visitor",
    "agent",
    "admin",
    "server",
    "garbage",
    "expired",
    "other agent",
    "basic",
)
QUERIES: dict[str, dict[str, str]] = {
    "GET /v1/search": {"q": "hello"},
    "GET /v1/visitors": {"present": "true"},
    "PUT /v1/files/{id}": {"offset": "0"},
}
"""What a route does not answer without."""

TEXTS = {"en": "Hello"}
BODIES: dict[str, dict[str, object]] = {
    "POST /v1/agents": {"email": "new@example.org", "name": "New"},
    "PUT /v1/agents/{id}": {"name": "New"},
    "PUT /v1/agents/{id}/password": {"password": "a new password"},
    "PUT /v1/agents/me/password": {"old": PASSWORD, "new": "a new password"},
    "POST /v1/settings/sites/{site}/secret": {"at_once": True},
    "PUT /v1/settings/departments/{department}": {"name": "Sales"},
    "PUT /v1/settings/replies/{reply}": {"shortcut": "hi", "title": "Hi", "text": "Hi"},
    "PUT /v1/settings/welcomes/{rule}": {"name": "Hello", "text": TEXTS},
    "PUT /v1/settings/receptions/{rule}": {"name": "All"},
    "PUT /v1/settings/statuses/{status}": {"name": TEXTS},
    "PUT /v1/settings/routing": {},
    "PUT /v1/settings/tags": {"tags": ["vip"]},
    "PUT /v1/settings/hours": {"zone": "UTC", "week": [[]] * 7},
    "POST /v1/settings/sites": {"name": "Other"},
    "PUT /v1/settings/sites/{site}": {"name": "Other"},
    "PUT /v1/settings/sites/{site}/appearance": {},
}
"""What is asked of the routes that take a body."""

THERE = "DELETE /v1/settings/sites/{site}"
"""What takes away something that is there."""

KEYS = {"department": "sales", "reply": str(uuid(1)), "rule": "hello", "status": "lunch"}
"""What stands for a section's key in addresses; there is nothing there yet."""

FILES = {
    "POST /v1/files": "unsupported_media_type",
    "PUT /v1/files/{id}": "not_found",
    "GET /v1/files/{id}": "not_found",
    "DELETE /v1/files/{id}": "not_found",
    "GET /files/{id}": "not_found",
    "GET /files/{id}/thumbnail": "not_found",
}
"""What is answered beyond the gate where there is no such file; ``test_files`` has the others."""

ASKING = [route for route in PERMISSIONS if ANYONE not in PERMISSIONS[route]]


def test_routes_and_permissions_are_one_set(site: Site) -> None:
    """A route without a line in the table, or a line without a route, is a mistake."""
    assert {route.name for route in routes(site.deps)} == set(PERMISSIONS)


def test_starlette_has_the_same_routes(site: Site) -> None:
    """What answers is what the records say: nothing was mounted beside them."""
    served = {
        f"{method} {route.path}"
        for route in create_app(site.deps).routes
        if isinstance(route, StarletteRoute)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(PERMISSIONS)


def test_every_record_is_described() -> None:
    """A summary for each, and no two of the same name."""
    assert all(route.summary for route in ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


async def headers_of(caller: str, site: Site, demo: Tenant, talk: Talk) -> dict[str, str]:
    """What this kind of caller shows."""
    shown = {
        "nobody": {},
        "basic": {"Authorization": "Basic Z3JhY2U6cHc="},
        "garbage": bearer("AAAA.AAAA"),
        "visitor": bearer(talk.token),
        "server": bearer(await demo.add_key()),
        "agent": bearer(await demo.agent_token()),
        "expired": bearer(await demo.agent_token()),
        "admin": {},
    }
    if caller == "admin":
        await demo.add_agent("ada@example.org", ADMIN)
        return bearer(await demo.agent_token("ada@example.org"))
    if caller == "other agent":
        other = await site.world.tenant("other")
        await other.add_agent()
        return bearer(await other.agent_token())
    if caller == "expired":
        await site.world.clock.advance(site.world.settings.agent_token_s + 1)
    return shown[caller]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", ASKING)
async def test_each_caller_at_each_route(site: Site, demo: Tenant, caller: str, route: str) -> None:
    """Who is in the table gets an answer, who is not is refused, another tenant's sees nothing."""
    talk = await site.talk(demo)
    headers = await headers_of(caller, site, demo, talk)
    method, path = route.split(" ", 1)
    agent = str(site.world.ids.uuid())
    named = agent if "agents" in path else talk.visitor if "visitors" in path else talk.id
    url = path.format(id=named, report="volume", site=demo.site, **KEYS)
    query, body = QUERIES.get(route), BODIES.get(route)
    response = await site.client.request(method, url, headers=headers, params=query, json=body)
    role = {"other agent": AGENT}.get(caller, caller)
    if role == ADMIN and AGENT in PERMISSIONS[route]:
        role = AGENT
    if role not in {"visitor", "agent", "admin", "server"}:
        check_problem(response, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    elif role not in PERMISSIONS[route]:
        check_problem(response, "not_allowed")
    elif route in FILES:
        check_problem(response, FILES[route])
    elif (method == "DELETE" and route != THERE) or (
        "{id}" in path and (caller == "other agent" or "agents" in path)
    ):
        check_problem(response, "not_found")
    else:
        assert response.status_code in {200, 201, 204}, response.text
        assert caller != "other agent" or not response.content or seen(response) in ([], None)


def seen(response: httpx.Response) -> object:
    """What there is in a list."""
    said = response.json()
    return said.get("items", said.get("waiting"))


def test_what_is_an_admins_is_no_other_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The role opens it, being an agent does not, and no scope of a server's does."""
    route = "GET /v1/secret"
    monkeypatch.setitem(PERMISSIONS, route, frozenset({ADMIN}))
    check_route(AGENT, route, admin=True)
    for role in (AGENT, SERVER):
        with pytest.raises(Refused) as refused:
            check_route(role, route, SCOPES)
        assert refused.value.code == "not_allowed"


@pytest.mark.parametrize("token", ["", " ", "a" * 5000, "\xe9.\xe9", "pk_" + "A" * 80, "..", "."])
async def test_no_token_breaks_the_gate(site: Site, token: str) -> None:
    """Whatever stands behind ``Bearer``."""
    headers = [(b"authorization", b"Bearer " + token.encode("latin-1"))]
    response = await site.client.get("/v1/conversations", headers=headers)
    check_problem(response, "unauthorized")


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_key_is_good_for_its_scopes_only(site: Site, demo: Tenant, scope: str) -> None:
    """A route that none of the key's scopes opens is not allowed, whatever is there."""
    talk = await site.talk(demo)
    headers = bearer(await demo.add_key(scope, "unheard:of"))
    for route in ASKING:
        method, path = route.split(" ", 1)
        if SERVER not in PERMISSIONS[route]:
            continue
        url = path.format(id=talk.id, report="volume", site=demo.site, **KEYS)
        query, body = QUERIES.get(route), BODIES.get(route)
        response = await site.client.request(method, url, headers=headers, params=query, json=body)
        if route in SCOPES[scope]:
            assert response.status_code in {200, 201, 404}, response.text
        else:
            check_problem(response, "not_allowed")


def test_every_scope_is_of_routes_that_servers_may_ask() -> None:
    """A scope opens only what is a server's, and all that is a server's has a scope."""
    opened = frozenset().union(*SCOPES.values())
    assert opened == {route for route in PERMISSIONS if SERVER in PERMISSIONS[route]}


async def test_forged_keys_wait_before_the_store_is_asked(site: Site, demo: Tenant) -> None:
    """Some bad keys of an address are looked for, then none; good ones elsewhere never notice."""
    clients = site.clients(bad_api_keys=Rate("bad", 0.1, 2))
    good = bearer(await demo.add_key())
    forged = bearer(await (await Tenancy().tenant()).add_key())
    for _ in range(3):
        assert (await clients("192.0.2.1").get("/v1/agents", headers=good)).status_code == 200
    for _ in range(2):
        refused = await clients("192.0.2.1").get("/v1/agents", headers=forged)
        check_problem(refused, "unauthorized")
    site.world.store.away = True
    refused = await clients("192.0.2.1").get("/v1/agents", headers=forged)
    check_problem(refused, "rate_limited")
    site.world.store.away = False
    assert (await clients("192.0.2.2").get("/v1/agents", headers=good)).status_code == 200


async def test_reading_much_is_limited_by_caller(site: Site, demo: Tenant) -> None:
    """Lists and histories together; another caller at the same address goes on."""
    talk = await site.talk(demo)
    client = site.with_settings(reads=Rate("reads", 0.1, 3))
    paths = ("/v1/conversations", f"/v1/conversations/{talk.id}")
    headers = bearer(await demo.agent_token())
    for path in (*paths, f"{paths[1]}/events"):
        assert (await client.get(path, headers=headers)).status_code == 200
    check_problem(await client.get(paths[0], headers=headers), "rate_limited")
    assert (await client.get(paths[1], headers=bearer(talk.token))).status_code == 200


async def test_a_token_stops_with_its_agents_right(site: Site, demo: Tenant) -> None:
    """A token of an agent who left is refused at the next request."""
    agent = await demo.add_agent("alan@example.org")
    headers = bearer(await demo.agent_token("alan@example.org"))
    assert (await site.client.get("/v1/agents", headers=headers)).status_code == 200
    await demo.deactivate(agent)
    check_problem(await site.client.get("/v1/agents", headers=headers), "unauthorized")


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/conversations/", "/v1/agents/x/y"])
async def test_an_unknown_address_is_a_problem_too(site: Site, path: str) -> None:
    """404 in the same form as every refusal."""
    check_problem(await site.client.get(path), "not_found")


async def test_a_wrong_method_says_which_are_right(site: Site) -> None:
    """405 with Allow."""
    response = await site.client.put("/v1/visitor/sessions")
    check_problem(response, "method_not_allowed")
    assert "POST" in response.headers["allow"]

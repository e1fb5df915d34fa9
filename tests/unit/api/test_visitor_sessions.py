"""``/v1/visitor/sessions`` over HTTP: answers, origins, limits."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec import to_builtins

from domain.conversation.commands import Start
from domain.conversation.events import Body
from domain.envelope import Actor
from domain.rate_limits import Rate
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, check_problem

PATH = "/v1/visitor/sessions"
SHOP = {"Origin": "https://shop.example"}
EVIL = {"Origin": "https://evil.example"}


async def test_a_session_has_all_that_the_contract_names(site: Site, demo: Tenant) -> None:
    """Token, visitor, secret, socket, end, and of the settings only what is public."""
    response = await site.client.post(PATH, json={"site": demo.site, "locale": "en"})
    assert response.status_code == 200
    said = response.json()
    assert set(said) == {
        "token",
        "visitor",
        "resume",
        "conversation",
        "invitation",
        "ws",
        "expires_at",
        "settings",
    }
    assert said["conversation"] is None
    assert said["ws"] == "ws://parley.test/ws/visitor"
    assert said["expires_at"].endswith("Z")
    assert said["settings"] == {"name": "Shop", "heartbeat_s": 25, "limits": {"text": 10_000}}
    assert response.headers["cache-control"] == "no-store"


async def test_a_session_comes_back_with_its_conversation(site: Site, demo: Tenant) -> None:
    """Id, version and mark."""
    first = (await site.client.post(PATH, json={"site": demo.site})).json()
    started = await site.world.send(
        demo.log, Start(site.world.ids.uuid(), Body("hi")), Actor("visitor", first["visitor"])
    )
    again = await site.client.post(PATH, json={"site": demo.site, "resume": first["resume"]})
    place = again.json()["conversation"]
    assert (place["id"], place["version"]) == (started.conversation, 2)
    assert len(place["version_mark"]) == 16
    assert again.json()["visitor"] == first["visitor"]


async def test_a_given_up_session_is_over(site: Site, demo: Tenant) -> None:
    """DELETE says nothing about what it knew, and the secret opens nothing any more."""
    first = (await site.client.post(PATH, json={"site": demo.site})).json()
    for resume in (first["resume"], first["resume"], "rubbish", ""):
        response = await site.client.request("DELETE", PATH, json={"resume": resume})
        assert (response.status_code, response.content) == (204, b"")
    again = await site.client.post(PATH, json={"site": demo.site, "resume": first["resume"]})
    assert again.json()["visitor"] != first["visitor"]


@pytest.mark.parametrize("name", ["nowhere", "", "x" * 128, "AAAA"])
async def test_a_site_that_is_none(site: Site, demo: Tenant, name: str) -> None:
    """Not found, or not even well formed."""
    response = await site.client.post(PATH, json={"site": name})
    check_problem(response, "not_found" if name else "bad_request")


@pytest.mark.parametrize("timestamp", [True, 1.5, 1700000000.0, "1700000000", None, 10**40, -1])
async def test_a_timestamp_is_an_integer(site: Site, demo: Tenant, timestamp: object) -> None:
    """Nothing that only looks like one: the signature is over its digits."""
    identity = {"user": "ada", "timestamp": timestamp, "nonce": "n", "signature": "0" * 64}
    response = await site.client.post(PATH, json={"site": demo.site, "identity": identity})
    check_problem(response, "bad_request")


async def test_a_signed_identity_over_http(site: Site, demo: Tenant) -> None:
    """Good once; then used."""
    body = {"site": demo.site, "identity": to_builtins(demo.identity("ada"))}
    assert (await site.client.post(PATH, json=body)).status_code == 200
    check_problem(await site.client.post(PATH, json=body), "nonce_used")


# --- origins -------------------------------------------------------------------------------------


async def test_a_page_of_the_site_may_read_the_answer(site: Site, demo: Tenant) -> None:
    """Its origin is allowed by name, without credentials."""
    await demo.add_site(("https://shop.example",))
    response = await site.client.post(PATH, json={"site": demo.site}, headers=SHOP)
    assert response.headers["access-control-allow-origin"] == SHOP["Origin"]
    assert "access-control-allow-credentials" not in response.headers
    assert "Origin" in response.headers["vary"]


async def test_another_page_may_not(site: Site, demo: Tenant) -> None:
    """Refused, and the browser is not told that it may read even that."""
    await demo.add_site(("https://shop.example",))
    response = await site.client.post(PATH, json={"site": demo.site}, headers=EVIL)
    check_problem(response, "origin_not_allowed")
    assert "access-control-allow-origin" not in response.headers


async def test_our_own_pages_are_on_no_list(site: Site, demo: Tenant) -> None:
    """A site's chat as a page of its own is let in, and its token is good there too."""
    await demo.add_site(("https://shop.example",))
    own = {"Origin": "http://parley.test"}
    opened = await site.client.post(PATH, json={"site": demo.site}, headers=own)
    token = {"Authorization": f"Bearer {opened.json()['token']}"}
    nothing = "/v1/conversations/0192f000-0000-7000-8000-000000000001"
    check_problem(await site.client.get(nothing, headers={**own, **token}), "not_found")
    check_problem(await site.client.get(nothing, headers={**EVIL, **token}), "origin_not_allowed")


async def test_a_page_may_read_what_is_wrong(site: Site, demo: Tenant) -> None:
    """Else a widget would take every refusal for a broken network, and try for ever."""
    response = await site.client.post(PATH, json={"site": "nowhere"}, headers=SHOP)
    assert response.headers["access-control-allow-origin"] == SHOP["Origin"]


async def test_a_browser_may_ask_first(site: Site) -> None:
    """The preflight names methods and headers; addresses that no page may call have none."""
    asked = {**SHOP, "Access-Control-Request-Method": "POST"}
    response = await site.client.options(PATH, headers=asked)
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == "DELETE, POST"
    assert "Content-Type" in response.headers["access-control-allow-headers"]
    for path in ("/v1/agent/sessions", "/v1/conversations", "/v1/agents"):
        refused = await site.client.options(path, headers=asked)
        check_problem(refused, "method_not_allowed")
        assert "access-control-allow-origin" not in refused.headers


# --- addresses and limits ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "headers", "expected"),
    [
        ({}, {"X-Forwarded-Proto": "https"}, "ws://parley.test/ws/visitor"),
        ({}, {"X-Forwarded-Host": "chat.example"}, "ws://parley.test/ws/visitor"),
        ({}, {"Host": "chat.example:81"}, "ws://chat.example:81/ws/visitor"),
        ({"public_url": "https://chat.example"}, {}, "wss://chat.example/ws/visitor"),
        ({}, {"Host": "evil.example/?"}, "ws://localhost/ws/visitor"),
    ],
)
async def test_the_socket_is_where_the_client_came(
    site: Site,
    demo: Tenant,
    settings: dict[str, object],
    headers: dict[str, str],
    expected: str,
) -> None:
    """A proxy's headers are the server's business, and never believed here."""
    client = site.with_settings(**settings)
    response = await client.post(PATH, json={"site": demo.site}, headers=headers)
    assert response.json()["ws"] == expected


async def test_sessions_of_an_address_are_limited(site: Site, demo: Tenant) -> None:
    """After the burst 429 says when to come back; then it goes on, and others never noticed."""
    clients = site.clients(sessions=Rate("sessions", 0.5, 2))
    here, there = clients("192.0.2.1"), clients("192.0.2.2")
    for n in range(2):
        forged = {"X-Forwarded-For": f"198.51.100.{n}"}
        response = await here.post(PATH, json={"site": demo.site}, headers=forged)
        assert response.status_code == 200
    response = await here.post(PATH, json={"site": demo.site})
    check_problem(response, "rate_limited")
    assert response.headers["retry-after"] == "2"
    assert response.json()["retry_after_ms"] == 2000
    assert (await there.post(PATH, json={"site": demo.site})).status_code == 200
    await site.world.clock.advance(2)
    assert (await here.post(PATH, json={"site": demo.site})).status_code == 200


async def test_pages_that_are_told_cost_as_much_as_sessions(site: Site, demo: Tenant) -> None:
    """Each is written down: a stranger buys no more of the log with one request than with many."""
    client = site.with_settings(sessions=Rate("sessions", 0.5, 4))
    told = [{"id": str(UUID(int=n)), "page": {"url": "https://shop.example/"}} for n in range(9)]
    assert (await client.post(PATH, json={"site": demo.site, "pages": told[:2]})).status_code == 200
    response = await client.post(PATH, json={"site": demo.site, "pages": told[:1]})
    check_problem(response, "rate_limited")
    assert response.json()["retry_after_ms"] == 2000
    await site.world.clock.advance(8)
    assert (await client.post(PATH, json={"site": demo.site, "pages": told})).status_code == 200
    check_problem(await client.post(PATH, json={"site": demo.site}), "rate_limited")


async def test_giving_sessions_up_is_limited_by_address(site: Site) -> None:
    """What anybody may ask, and costs the store something, has an end."""
    client = site.with_settings(sessions=Rate("sessions", 0.5, 2))
    gone = [await client.request("DELETE", PATH, json={"resume": "rubbish"}) for _ in range(3)]
    assert [response.status_code for response in gone] == [204, 204, 429]


async def test_limits_can_be_switched_off(site: Site, demo: Tenant) -> None:
    """For load tests, with one setting."""
    client = site.with_settings(sessions=Rate("sessions", 0.5, 1), limits_enabled=False)
    for _ in range(3):
        assert (await client.post(PATH, json={"site": demo.site})).status_code == 200

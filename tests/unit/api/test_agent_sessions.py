"""``/v1/agent/sessions`` over HTTP: the cookie, other sites' pages, guessing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from api.app import create_app
from api.clients import MAX_USER_AGENT
from domain import streams
from domain.errors import Refused
from domain.handling.door_settings import DoorSettings
from domain.rate_limits import Rate
from tests.doubles.tenancy import PASSWORD, Tenant
from tests.unit.api.conftest import Site, bearer, check_problem, client_of

PATH = "/v1/agent/sessions"
GRACE = {"tenant": "demo", "email": "grace@example.org", "password": PASSWORD}
WRONG = {**GRACE, "password": "wrong"}


async def test_an_agent_signs_in(site: Site, demo: Tenant) -> None:
    """The answer has the token, but not the secret; that is in a cookie for this address only."""
    response = await site.client.post(PATH, json=GRACE)
    said = response.json()
    assert set(said) == {"token", "agent", "role", "name", "ws", "expires_at"}
    assert said["ws"] == "ws://parley.test/ws/agent"
    listed = await site.client.get("/v1/agents", headers=bearer(said["token"]))
    assert listed.status_code == 200
    cookie = cookie_of(response)
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert cookie["path"] == PATH
    assert not cookie["secure"]
    assert cookie.value not in response.text


async def test_over_https_the_cookie_is_secure(site: Site, demo: Tenant) -> None:
    """It never goes over the wire in clear."""
    client = site.with_settings(public_url="https://chat.example")
    assert cookie_of(await client.post(PATH, json=GRACE))["secure"]


async def test_the_cookie_renews_the_session(site: Site, demo: Tenant) -> None:
    """A reload costs no password."""
    first = await site.client.post(PATH, json=GRACE)
    await site.world.clock.advance(5)
    renewed = await site.client.post(PATH, json={})
    assert renewed.status_code == 200
    assert renewed.json()["agent"] == first.json()["agent"]
    assert renewed.json()["expires_at"] > first.json()["expires_at"]


async def test_without_a_good_cookie_it_is_401(site: Site, demo: Tenant) -> None:
    """None, and one that means nothing."""
    check_problem(await site.client.post(PATH, json={}), "unauthorized")
    headers = {"Cookie": "parley_agent=rubbish"}
    check_problem(await site.client.post(PATH, json={}, headers=headers), "unauthorized")


async def test_signing_out_ends_the_cookie(site: Site, demo: Tenant) -> None:
    """Here by forgetting it, everywhere by revoking its secret."""
    signed_in = await site.client.post(PATH, json=GRACE)
    secret = cookie_of(signed_in).value
    out = await site.client.delete(PATH)
    assert out.status_code == 204
    assert cookie_of(out)["max-age"] == "0"
    stolen = {"Cookie": f"parley_agent={secret}"}
    check_problem(await site.client.post(PATH, json={}, headers=stolen), "unauthorized")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://parley.test.evil", "http://[", "http://parley.test:x"],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_another_sites_page_may_not(
    site: Site, demo: Tenant, origin: str, method: str
) -> None:
    """Even if a browser sent the cookie along."""
    await site.client.post(PATH, json=GRACE)
    response = await site.client.request(method, PATH, json={}, headers={"Origin": origin})
    check_problem(response, "origin_not_allowed")
    assert "access-control-allow-origin" not in response.headers
    assert (await site.client.post(PATH, json={})).status_code == 200


async def test_our_own_page_may(site: Site, demo: Tenant) -> None:
    """The desk sends its origin with every sign-in, whichever of our addresses it came by."""
    client = site.with_settings(public_url="https://chat.example")
    for origin in ("https://chat.example", "http://parley.test", "http://Parley.test:80"):
        headers = {"Origin": origin.removesuffix(":80"), "Host": "parley.test:80"}
        assert (await client.post(PATH, json=GRACE, headers=headers)).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_cannot_sign_in(site: Site, demo: Tenant, kind: str) -> None:
    """What a page can send across origins without asking first is not taken."""
    await site.client.post(PATH, json=GRACE)
    response = await site.client.post(PATH, content=b"{}", headers={"Content-Type": kind})
    check_problem(response, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        {"tenant": "demo"},
        {**GRACE, "password": "x" * 1025},
        {**GRACE, "email": None},
        {**GRACE, "password": 1},
    ],
)
async def test_half_a_sign_in_is_no_renewal(
    site: Site, demo: Tenant, body: dict[str, object]
) -> None:
    """Nor is one that is too long to be true."""
    await site.client.post(PATH, json=GRACE)
    check_problem(await site.client.post(PATH, json=body), "bad_request")


# --- guessing ------------------------------------------------------------------------------------


Clients = Callable[[str], httpx.AsyncClient]


async def test_the_log_is_told_from_where(site: Site, demo: Tenant) -> None:
    """The client's own address, an IPv6 one whole, and so much of what its browser says."""
    here = site.clients()("2001:DB8::0:7")
    headers = {"User-Agent": "Mozilla/5.0 " + "x" * 1000}
    signed_in = await here.post(PATH, json=GRACE, headers=headers)
    await here.delete(PATH, headers=headers)
    stream = streams.agent(signed_in.json()["agent"])
    _, *noted = await site.world.store.read_stream(demo.log, stream, 0, 9)
    assert [event.type for event in noted] == ["agent.signed_in", "agent.signed_out"]
    for event in noted:
        assert event.data.address == "2001:db8::7"
        assert event.data.user_agent == headers["User-Agent"][:MAX_USER_AGENT]


async def guess(clients: Clients, body: dict[str, str], address: str) -> httpx.Response:
    """One attempt from this address."""
    return await clients(address).post(PATH, json=body)


async def test_guessing_from_one_address_is_slow(site: Site, demo: Tenant) -> None:
    """Whatever the e-mail's spelling; the account's own people elsewhere are not locked out."""
    await demo.add_agent("alan@example.org")
    clients = site.clients(sign_in_failures=Rate("sign-in", 0.1, 3))
    for email in ("grace@example.org", "Grace@Example.org", " grace@example.org"):
        response = await guess(clients, {**WRONG, "email": email}, "192.0.2.1")
        check_problem(response, "bad_credentials")
    check_problem(await guess(clients, GRACE, "192.0.2.1"), "rate_limited")
    alan = {**GRACE, "email": "alan@example.org"}
    assert (await guess(clients, alan, "192.0.2.1")).status_code == 200
    assert (await guess(clients, GRACE, "192.0.2.9")).status_code == 200
    await site.world.clock.advance(10)
    assert (await guess(clients, GRACE, "192.0.2.1")).status_code == 200


async def test_guessing_from_many_addresses_is_slow(site: Site, demo: Tenant) -> None:
    """The account counts too, over all addresses; other accounts do not feel it."""
    await demo.add_agent("alan@example.org")
    clients = site.clients(sign_in_failures_of_account=Rate("account", 0.1, 3))
    for n in range(3):
        check_problem(await guess(clients, WRONG, f"192.0.2.{n}"), "bad_credentials")
    check_problem(await guess(clients, GRACE, "192.0.2.9"), "rate_limited")
    alan = {**GRACE, "email": "alan@example.org"}
    assert (await guess(clients, alan, "192.0.2.9")).status_code == 200


async def test_one_address_guesses_slowly(site: Site, demo: Tenant) -> None:
    """Whoever it is that it tries to be; all of an IPv6 network is one address."""
    clients = site.clients(sign_in_failures_of_address=Rate("address", 0.1, 3))
    for n in range(3):
        body = {**WRONG, "email": f"{n}@example.org"}
        check_problem(await guess(clients, body, f"2001:db8::{n}"), "bad_credentials")
    check_problem(await guess(clients, GRACE, "2001:db8::ffff"), "rate_limited")
    assert (await guess(clients, GRACE, "2001:db8:0:1::1")).status_code == 200


async def test_only_failures_count(site: Site, demo: Tenant) -> None:
    """An agent with many tabs is not locked out; nor does an absent store lock anybody out."""
    client = site.with_settings(sign_in_failures=Rate("sign-in", 0.1, 2))
    for _ in range(5):
        assert (await client.post(PATH, json=GRACE)).status_code == 200
    site.world.store.away = True
    for _ in range(5):
        check_problem(await client.post(PATH, json=GRACE), "unavailable")
    site.world.store.away = False
    assert (await client.post(PATH, json=GRACE)).status_code == 200


async def test_being_held_back_is_no_failure(site: Site, demo: Tenant) -> None:
    """Whoever waits behind another's guesses at an account is not held back elsewhere for it."""
    clients = site.clients(
        sign_in_failures_of_account=Rate("account", 0.1, 2),
        sign_in_failures_of_address=Rate("address", 0.1, 2),
    )
    for n in range(2):
        check_problem(await guess(clients, WRONG, f"192.0.2.{n}"), "bad_credentials")
    for _ in range(5):
        check_problem(await guess(clients, GRACE, "192.0.2.9"), "rate_limited")
    other = {**WRONG, "email": "nobody@example.org"}
    for _ in range(2):
        check_problem(await guess(clients, other, "192.0.2.9"), "bad_credentials")


async def test_the_cookie_ends_with_its_secret(site: Site, demo: Tenant) -> None:
    """The browser keeps it for as long as the setting says that the secret is good."""
    world = site.world
    world.settings = DoorSettings(agent_secret_s=1234)
    deps = replace(site.deps, doors=world.doors_of(world.handler))
    response = await client_of(create_app(deps)).post(PATH, json=GRACE)
    assert cookie_of(response)["max-age"] == "1234"


async def test_ending_sessions_is_limited_by_address(site: Site, demo: Tenant) -> None:
    """Signing out asks the store, so an address cannot do it without end."""
    client = site.with_settings(sessions=Rate("sessions", 0.1, 2))
    codes = [(await client.delete(PATH)).status_code for _ in range(3)]
    assert codes == [204, 204, 429]


async def test_too_many_hashes_at_once_are_busy(
    site: Site, demo: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes while the hasher has no place is told when to try again, and not counted."""

    async def verify(password: str, kept: str | None) -> bool:
        raise Refused("busy", retry_after_ms=1000)

    client = site.with_settings(sign_in_failures=Rate("sign-in", 0.1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(site.world.passwords, "verify", verify)
        for _ in range(3):
            response = await client.post(PATH, json=GRACE)
            check_problem(response, "busy")
            assert response.headers["retry-after"] == "1"
    assert (await client.post(PATH, json=GRACE)).status_code == 200


def cookie_of(response: httpx.Response) -> Morsel[str]:
    """The cookie that a response sets."""
    return SimpleCookie(response.headers["set-cookie"])["parley_agent"]

"""A change that rests on a version: of two who saw the same, one is told what the other did."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.handling.staff import Person
from tests.doubles.tenancy import Tenant
from tests.fixtures.uploading import send
from tests.unit.api.conftest import Site, bearer, check_problem
from tests.unit.api.test_settings import REPLY, VALUES, Desk, another_node

ADA, EVE = "ada@example.org", "eve@example.org"
AGENT = {"name": "Neo", "role": "limited", "departments": ["support"], "skills": ["zh"]}


class Admin(Desk):
    """An admin who says what it has seen."""

    async def ask(
        self, method: str, path: str, seen: Any = None, value: Any = None, header: str = "If-Match"
    ) -> httpx.Response:
        """Change something; ``seen`` is a version, or the header's own text."""
        said = {} if seen is None else {header: f'"{seen}"' if isinstance(seen, int) else seen}
        body = {} if value is None else {"json": value}
        headers = {**self.headers, **said}
        return await self.client.request(method, f"/v1/{path}", headers=headers, **body)


@pytest.fixture
async def admin(site: Site, demo: Tenant) -> Admin:
    """An admin at the one node."""
    await demo.add_agent(ADA, "admin")
    return Admin(site.client, await demo.agent_token(ADA))


def entry_of(told: dict[str, Any], path: str) -> dict[str, Any]:
    """Where a value stands in the answer."""
    section, _, key = path.partition("/")
    found = told[section]
    return found if not key else next(each for each in found if key in each.values())


def check_overtaken(response: httpx.Response, current: Any, by: str = "Grace") -> None:
    """Somebody else was quicker, with this."""
    check_problem(response, "changed")
    told = response.json()
    assert response.status_code == 412
    assert told["current"] == current
    assert (told["changed_by"]["name"], bool(told["changed_at"])) == (by, True)


@pytest.mark.parametrize("path", list(VALUES))
async def test_each_section_is_changed_as_it_was_seen(admin: Admin, path: str) -> None:
    """At its version; not at another; with neither the last one wins, as ever."""
    at, value = f"settings/{path}", VALUES[path]
    keyed = "/" in path
    if keyed:
        check_problem(await admin.ask("PUT", at, 0, value), "changed")
        check_problem(await admin.ask("PUT", at, "*", value), "changed")
        made = await admin.ask("PUT", at, "*", value, header="If-None-Match")
    else:
        check_problem(await admin.ask("PUT", at, "*", value, "If-None-Match"), "changed")
        made = await admin.ask("PUT", at, 0, value)
    version = made.json()["version"]
    now = entry_of(await admin.get(), path)
    assert (made.status_code, now["version"]) == (200, version)
    other = {**value, **another(path)}
    check_overtaken(await admin.ask("PUT", at, version - 1, other), now)
    check_overtaken(await admin.ask("PUT", at, "*", other, header="If-None-Match"), now)
    assert (await admin.ask("PUT", at, version - 1, value)).json()["changed"] is False
    other_tag = await admin.ask("PUT", at, f'W/"{version}", "00{version}"', other)
    check_problem(other_tag, "changed")
    seen = f'W/"{version}", "x", "7777", "{version}"'
    assert (await admin.ask("PUT", at, seen, other)).json()["changed"] is True
    if keyed:
        check_problem(await admin.ask("DELETE", at, version), "changed")
        assert (await admin.ask("DELETE", at, "*")).json()["changed"] is True
        gone = await admin.ask("PUT", at, version, value)
        check_overtaken(gone, None)


def another(path: str) -> dict[str, Any]:
    """What makes a value another one."""
    others: dict[str, dict[str, Any]] = {
        "departments/sales": {"name": "Shop"},
        "routing": {"capacity": 3},
        "tags": {"tags": ["new"]},
        "hours": {"zone": "Europe/Berlin"},
        "statuses/lunch": {"available": True},
    }
    return others.get(path, {"title" if path.startswith("repl") else "name": "Other"})


@pytest.mark.parametrize(
    ("header", "said"),
    [("If-Match", "17"), ("If-Match", '"1" "2"'), ("If-None-Match", '"1"'), ("If-Match", "")],
)
async def test_what_is_no_condition_is_told(admin: Admin, header: str, said: str) -> None:
    """In a sentence; nothing has changed."""
    response = await admin.ask("PUT", "settings/tags", said, {"tags": ["a"]}, header)
    check_problem(response, "bad_request")
    assert header in response.json()["detail"]
    assert (await admin.get())["tags"]["tags"] == []


async def test_a_condition_sent_twice_is_one_list(admin: Admin) -> None:
    """As RFC 9110 has it: so what stands in the second header is not lost, nor the first alone."""

    async def ask(*said: str) -> httpx.Response:
        headers = [*admin.headers.items(), *(("If-Match", each) for each in said)]
        path = "/v1/settings/tags"
        return await admin.client.put(path, json={"tags": list(said)}, headers=headers)

    check_problem(await ask("*", '"7"'), "bad_request")
    check_problem(await ask('"5"', '"7"'), "changed")
    assert (await ask('"7"', '"0"')).status_code == 200


async def test_of_two_admins_at_once_one_wins_and_one_is_told(
    site: Site, demo: Tenant, admin: Admin
) -> None:
    """At two nodes, having seen the same; of an agent as of a setting. The other's is not lost."""
    await demo.add_agent(EVE, "admin")
    agent = await demo.add_agent("neo@example.org")
    async with another_node(site) as client:
        two = (admin, Admin(client, await demo.agent_token(EVE)))
        for path in ("settings/tags", f"agents/{agent}"):
            of_agent = path.startswith("agents")
            seen = 1 if of_agent else 0
            values: list[dict[str, Any]] = [
                {**AGENT, "name": name} if of_agent else {"tags": [name]} for name in ("a", "b")
            ]
            answers = await asyncio.gather(
                *(
                    each.ask("PUT", path, seen, value)
                    for each, value in zip(two, values, strict=True)
                )
            )
            lost = next(n for n, each in enumerate(answers) if each.status_code == 412)
            won = values[1 - lost]
            assert answers[1 - lost].is_success
            told = answers[lost].json()["current"]
            assert {name: told[name] for name in won} == won
            again = await two[lost].ask("PUT", path, told["version"], values[lost])
            assert again.is_success


async def test_an_agent_is_changed_as_it_was_seen(site: Site, demo: Tenant, admin: Admin) -> None:
    """All of it in one; coming and going is no change; the list says who did it to admins only."""
    agent = await demo.add_agent("neo@example.org")
    path = f"agents/{agent}"
    first = (await admin.ask("GET", path)).json()
    assert (first["version"], first["changed_by"]["role"]) == (1, "system")
    token = await demo.agent_token("neo@example.org")
    changed = await admin.ask("PUT", path, 1, AGENT)
    assert changed.status_code == 204
    told = (await admin.ask("GET", path)).json()
    assert changed.headers["ETag"] == f'"{told["version"]}"'
    assert told["changed_by"]["name"] == "Grace"
    check_overtaken(await admin.ask("PUT", path, 1, {**AGENT, "name": "Ann"}), told)
    check_overtaken(await admin.ask("DELETE", path, 1), told)
    own = await site.client.get(f"/v1/{path}", headers=bearer(token))
    assert "changed_at" not in own.json()
    assert "version" not in own.json()
    assert (await admin.ask("DELETE", path, told["version"])).status_code == 204
    check_problem(await admin.ask("PUT", path, told["version"], AGENT), "not_found")


async def test_the_tag_is_that_of_ones_own_change(
    site: Site, demo: Tenant, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though somebody else changed it before the answer: what was not seen is not overwritten."""
    agent, staff = await demo.add_agent("neo@example.org"), site.deps.staff
    caller = await site.world.doors.authenticate(admin.headers["Authorization"].split()[1])
    change = staff.change

    async def change_and_be_overtaken(*asked: Any) -> int:
        version = await change(*asked)
        await change(caller, agent, Person("Eve"))
        return version

    monkeypatch.setattr(staff, "change", change_and_be_overtaken)
    mine = await admin.ask("PUT", f"agents/{agent}", 1, AGENT)
    monkeypatch.undo()
    again = await admin.ask("PUT", f"agents/{agent}", mine.headers["ETag"], AGENT)
    check_problem(again, "changed")
    assert again.json()["current"]["name"] == "Eve"
    same = {"name": "Eve"}
    unchanged = await admin.ask("PUT", f"agents/{agent}", mine.headers["ETag"], same)
    assert unchanged.headers["ETag"] == f'"{again.json()["current"]["version"]}"'


async def test_a_site_goes_and_comes_back(site: Site, demo: Tenant, admin: Admin) -> None:
    """Its widget, page and visitors with it; restored all are who they were, and so is its look."""
    session = (await site.client.post("/v1/visitor/sessions", json={"site": demo.site})).json()
    look = {"color": "#00aa7f"}
    await admin.put(f"sites/{demo.site}/appearance", look)
    (before,) = (await admin.get())["sites"]
    path = f"settings/sites/{demo.site}"
    check_overtaken(
        await admin.ask("DELETE", path, before["version"] - 1),
        before,
        by=before["changed_by"]["name"],
    )
    assert (await admin.ask("DELETE", path, before["version"])).json()["changed"] is True
    told = await admin.get()
    assert told["sites"] == []
    assert (told["removed_sites"][0]["name"], told["removed_sites"][0]["site"]) == (
        "Shop",
        demo.site,
    )
    rule = {"name": "A", "text": {"en": "Hi"}, "sites": [demo.site]}
    assert (await admin.put("welcomes/a", rule)).status_code == 200  # it waits for its site
    for gone in (f"/v1/sites/{demo.site}/widget", f"/chat/{demo.site}"):
        assert (await site.client.get(gone)).status_code == 404
    talk = f"/v1/conversations/{UUID(int=7)}"
    ended = await site.client.get(talk, headers=bearer(session["token"]))
    check_problem(ended, "site_removed")
    back = {"site": demo.site, "resume": session["resume"]}
    check_problem(await site.client.post("/v1/visitor/sessions", json=back), "not_found")
    check_problem(await admin.ask("PUT", path, None, {"name": "Shop"}), "not_found")
    check_problem(await admin.ask("DELETE", path), "not_found")
    assert (await admin.ask("POST", f"{path}/restore")).json()["changed"] is True
    assert (await admin.ask("POST", f"{path}/restore")).json()["changed"] is False
    (after,) = (await admin.get())["sites"]
    assert after["appearance"] == before["appearance"]
    assert (await admin.get())["removed_sites"] == []
    again = (await site.client.post("/v1/visitor/sessions", json=back)).json()
    assert again["visitor"] == session["visitor"]
    check_problem(await admin.ask("POST", "settings/sites/nowhere/restore"), "not_found")


async def test_a_replys_file_is_a_common_one(site: Site, demo: Tenant, admin: Admin) -> None:
    """Nobody's own, and none of another tenant's: no agent could send those everywhere."""
    other = await site.world.tenant("other")
    await other.add_agent(EVE, "admin")
    talk, reply = await site.talk(demo), f"replies/{UUID(int=5)}"
    files = [
        (await send(site.client, token, "prices.txt", b"hello", **placed)).json()["file"]
        for token, placed in (
            (talk.token, {}),
            (await demo.agent_token(), {"conversation": talk.id}),
            (await other.agent_token(EVE), {}),
            (admin.headers["Authorization"].split()[1], {}),
        )
    ]
    *wrong, common = files
    for file in (*wrong, str(UUID(int=9)), "x", "a" * 10_000, "\ud7ff"):
        refused = await admin.put(reply, {**VALUES[REPLY], "file": file})
        check_problem(refused, "bad_request")
        assert "file is the id of a" in refused.json()["detail"]
    assert (await admin.put(reply, {**VALUES[REPLY], "file": common})).status_code == 200


async def test_a_sites_secret_is_told_once(site: Site, demo: Tenant, admin: Admin) -> None:
    """At its making and rotation only; the old one is good for a day more, or not at all.

    An API key that may write settings is told none: it would say who a visitor is.
    """
    made = (await admin.ask("POST", "settings/sites", None, {"name": "Blog"})).json()
    rotate = f"settings/sites/{demo.site}/secret"
    rotated = (await admin.ask("POST", rotate, None, {})).json()
    assert rotated["old_until"].startswith("2023-11-15T22:13:20")
    shown = await admin.get()
    assert not {made["secret"], rotated["secret"]} & set(str(shown).split("'"))
    assert shown["sites"][0]["secret_changed_by"]["name"] == "Grace"

    async def comes(**signed: Any) -> int:
        """What comes of an identity that the first secret signed."""
        identity = demo.identity("ada", **signed)
        body = {"site": demo.site, "identity": {n: getattr(identity, n) for n in FIELDS}}
        return (await site.client.post("/v1/visitor/sessions", json=body)).status_code

    assert await comes() == 200
    await site.world.clock.advance(86_400)
    headers = bearer(await demo.agent_token(ADA))
    assert await comes() == 401
    fresh = (await site.client.post(f"/v1/{rotate}", json={}, headers=headers)).json()["secret"]
    at_once = {"at_once": True}
    last = await site.client.post(f"/v1/{rotate}", json=at_once, headers=headers)
    tenant = (await site.deps.states.refresh(demo.log, "tenant")).state
    good = tenant.site_secrets(demo.site, site.world.clock.now())
    assert good == (last.json()["secret"],)
    assert fresh not in good
    key = bearer(await demo.add_key())
    check_problem(await site.client.post(f"/v1/{rotate}", json={}, headers=key), "not_allowed")
    by_key = await site.client.post("/v1/settings/sites", json={"name": "Shop 2"}, headers=key)
    assert (by_key.status_code, list(by_key.json())) == (201, ["site"])


FIELDS = ("user", "timestamp", "nonce", "signature")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("conversations?visitor=x", "visitor is a visitor's id"),
        ("conversations?assignee=x", "assignee is an agent's id"),
        ("search?q=word&agent=x", "agent is an agent's id"),
        ("analytics/volume?agent=x", "agent is an agent's id"),
    ],
)
async def test_an_id_that_is_none_is_told(admin: Admin, path: str, said: str) -> None:
    """Rather than found nowhere."""
    response = await admin.ask("GET", path)
    check_problem(response, "bad_request")
    assert said in response.json()["detail"]

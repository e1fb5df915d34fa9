"""``/v1/settings`` and the widget's settings: who sees what, and that a change holds everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.app import create_app
from domain.handling.staff import Staff
from domain.handling.tenant_settings import TenantSettings
from domain.rate_limits import Rate
from tests.doubles.appends import uuid
from tests.doubles.tenancy import SITE_SECRET, Tenant
from tests.unit.api.conftest import Site, bearer, check_problem, client_of

TEXTS = {"en": "Hello", "zh": "你好"}
REPLY = f"replies/{uuid(1)}"
WHEN = {
    "page": "/prices*", "source": None, "campaign": None, "after_s": 5, "returning": None,
    "opening": None,
}  # fmt: skip
VALUES: dict[str, dict[str, Any]] = {
    "departments/sales": {"name": "Sales", "strategy": "least_busy", "offered": True},
    REPLY: {"shortcut": "hi", "title": "Hi", "text": "Hi {{visitor.name}}"},
    "welcomes/prices": {"name": "Prices", "text": TEXTS, "when": WHEN, "open": True},
    "receptions/all": {"name": "All", "then": {"department": "sales", "skills": ["zh"]}},
    "statuses/lunch": {"name": TEXTS, "available": False},
    "routing": {"strategy": "round_robin", "capacity": 2},
    "tags": {"tags": ["vip"]},
    "hours": {"zone": "UTC", "week": [[[540, 1080]]] * 7},
}
ADMINS_ONLY = {"welcomes", "receptions", "removed_sites"}


class Desk:
    """An admin's way to a node."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client = client
        self.headers = bearer(token)

    async def get(self) -> dict[str, Any]:
        """The settings."""
        response = await self.client.get("/v1/settings", headers=self.headers)
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.json()
        return told

    async def put(self, path: str, value: Any) -> httpx.Response:
        """Say a value."""
        return await self.client.put(f"/v1/settings/{path}", json=value, headers=self.headers)

    async def remove(self, path: str) -> httpx.Response:
        """Take a value away."""
        return await self.client.delete(f"/v1/settings/{path}", headers=self.headers)


@pytest.fixture
async def admin(site: Site, demo: Tenant) -> Desk:
    """An admin at the one node."""
    await demo.add_agent("ada@example.org", "admin")
    return Desk(site.client, await demo.agent_token("ada@example.org"))


def has(told: Any, value: Any) -> bool:
    """Whether what is told has all that was said."""
    if isinstance(value, dict):
        return all(has(told[name], each) for name, each in value.items())
    return bool(told == value)


def another_node(site: Site) -> httpx.AsyncClient:
    """A further node on the same store, which shares nothing else."""
    world, handler = site.world, site.world.node()
    deps = replace(
        site.deps,
        doors=world.doors_of(handler),
        states=handler.states,
        configured=TenantSettings(world.store, handler, world.ids),
        staff=Staff(handler, world.ids, world.passwords),
    )
    return client_of(create_app(deps))


async def test_each_section_is_said_shown_and_taken_away(site: Site, admin: Desk) -> None:
    """With its key, who said it and when; said again it changes nothing."""
    await site.world.clock.advance(60)
    said = httpx.Response(500)
    for path, value in VALUES.items():
        said = await admin.put(path, value)
        assert said.json() == {"version": said.json()["version"], "changed": True}, said.text
        again = (await admin.put(path, value)).json()
        assert again == {**said.json(), "changed": False}
    told = await admin.get()
    assert told["version"] == said.json()["version"]
    for path, value in VALUES.items():
        section, _, key = path.partition("/")
        entry = told[section][0] if key else told[section]
        assert key in {"", *map(str, entry.values())}
        assert has(entry, value)
        assert entry["changed_at"].startswith("2023-11-14T22:14:20")
        assert (entry["changed_by"]["role"], entry["changed_by"]["name"]) == ("agent", "Grace")
    for path in (each for each in VALUES if "/" in each):
        assert (await admin.remove(path)).json()["changed"] is True
        check_problem(await admin.remove(path), "not_found")
        assert (await admin.get())[path.partition("/")[0]] == []


async def test_an_agent_sees_what_it_works_with(site: Site, demo: Tenant, admin: Desk) -> None:
    """Neither rules nor origins; a key with the scope sees what an admin sees, and no secret."""
    for path, value in VALUES.items():
        await admin.put(path, value)
    key = await demo.add_key("settings:read")
    agent = await Desk(site.client, await demo.agent_token()).get()
    whole = await admin.get()
    assert agent == {
        name: [{"site": demo.site, "name": "Shop"}] if name == "sites" else value
        for name, value in whole.items()
        if name not in ADMINS_ONLY
    }
    server = await Desk(site.client, key).get()
    assert server == whole
    (shown,) = whole["sites"]
    assert shown["appearance"]["color"] == "#2f5bea"
    assert shown["snippet"] == (
        f'<script src="http://parley.test/widget.js" data-site="{demo.site}" async></script>'
    )
    assert SITE_SECRET not in str(whole)


async def test_sites_are_added_and_changed(site: Site, demo: Tenant, admin: Desk) -> None:
    """A name is used once; origins are such; an appearance is of a site that is here."""
    client, headers = site.client, admin.headers
    given = {"name": "Blog", "origins": ["https://blog.example"]}
    added = await client.post("/v1/settings/sites", json=given, headers=headers)
    assert added.status_code == 201
    name = added.json()["site"]
    check_problem(await client.post("/v1/settings/sites", json=given, headers=headers), "exists")
    wrong = await admin.put(f"sites/{name}", {**given, "origins": ["blog"]})
    check_problem(wrong, "bad_request")
    assert (await admin.put(f"sites/{name}", {"name": "Log"})).json()["changed"] is True
    look = {"color": "#00AA7f", "texts": {"zh": {"title": "聊天"}}}
    assert (await admin.put(f"sites/{name}/appearance", look)).json()["changed"] is True
    check_problem(await admin.put("sites/nowhere/appearance", look), "not_found")
    check_problem(await admin.put("sites/nowhere", {"name": "Log"}), "not_found")
    shown = next(each for each in (await admin.get())["sites"] if each["site"] == name)
    assert (shown["name"], shown["origins"]) == ("Log", [])
    assert shown["appearance"]["texts"]["zh"]["title"] == "聊天"
    assert shown["appearance"]["changed_by"]["name"] == "Grace"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("departments/sales", {"name": 7}, "$.name"),
        ("departments/sales", {"name": "Sales", "strategie": None}, "'strategie'"),
        ("welcomes/a", {"name": "A", "text": TEXTS, "when": {"pgae": "/"}}, "'when.pgae'"),
        ("welcomes/a", {"name": "A", "text": {"en": ""}}, "text.en"),
        ("welcomes/A", {"name": "A", "text": TEXTS}, "key of a welcome rule"),
        ("hours", {"zone": "Mars/Olympus", "week": [[]] * 7}, "Mars/Olympus"),
        ("routing", {"capacity": 0}, "capacity"),
        ("replies/7", VALUES[REPLY], "key of a reply"),
    ],
)
async def test_what_is_wrong_is_named(admin: Desk, path: str, value: Any, said: str) -> None:
    """The field, in a sentence; and nothing has changed."""
    before = await admin.get()
    response = await admin.put(path, value)
    check_problem(response, "bad_request")
    assert said in response.json()["detail"]
    assert await admin.get() == before


async def test_a_number_out_of_range_in_a_field_that_is_none(admin: Desk) -> None:
    """It is read twice, and the second time without a form: a refusal all the same."""
    response = await admin.client.put(
        "/v1/settings/tags",
        content=b'{"tags":[],"more":1e999}',
        headers={**admin.headers, "Content-Type": "application/json"},
    )
    check_problem(response, "bad_request")


async def test_a_change_holds_on_every_node(site: Site, demo: Tenant, admin: Desk) -> None:
    """Changed at one node, seen in the next answer of another, by agents and by widgets."""
    async with another_node(site) as client:
        other, path = Desk(client, admin.headers["Authorization"][7:]), widget_of(demo)
        before, first = await other.get(), await client.get(path)
        await admin.put("departments/sales", VALUES["departments/sales"])
        await admin.put(f"sites/{demo.site}/appearance", {"color": "#123456"})
        after = await other.get()
        assert (before["departments"], len(after["departments"])) == ([], 1)
        assert after["version"] > before["version"]
        seen = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert seen.json()["appearance"]["color"] == "#123456"
        assert seen.json()["departments"] == [{"department": "sales", "name": "Sales"}]
        assert (await other.remove("departments/sales")).status_code == 200
    assert (await admin.get())["departments"] == []


def widget_of(demo: Tenant) -> str:
    """Where a site's widget is described."""
    return f"/v1/sites/{demo.site}/widget"


async def test_a_page_learns_how_its_widget_is(site: Site, demo: Tenant, admin: Desk) -> None:
    """From anywhere; with every default, the rules of this site in order, and a short memory."""
    path, page = widget_of(demo), {"Origin": "https://shop.example"}
    first = await site.client.get(path, headers=page)
    assert first.headers["access-control-allow-origin"] == "https://shop.example"
    assert first.headers["cache-control"] == "public, max-age=60"
    told = first.json()
    assert (told["name"], told["open"], told["opens_at"]) == ("Shop", True, None)
    assert (told["welcomes"], told["departments"]) == ([], [])
    assert told["max_file_bytes"] == site.deps.files.settings.max_bytes
    await demo.set_origins("https://shop.example")
    elsewhere = {"Origin": "https://elsewhere.example"}
    asked = [await site.client.get(path, headers=each) for each in (page, elsewhere)]
    assert [each.json()["allowed"] for each in asked] == [True, False]
    assert told["appearance"]["launcher"] == "round"
    assert set(told["appearance"]) >= {"prechat", "offline", "texts", "hide_when_closed"}
    rules: dict[str, dict[str, Any]] = {
        "later": {"order": 2},
        "first": {"order": 1, "sites": [demo.site]},
        "off": {"enabled": False},
    }
    for key, more in rules.items():
        await admin.put(f"welcomes/{key}", {"name": key, "text": TEXTS, **more})
    elsewhere = (
        await site.client.post("/v1/settings/sites", json={"name": "B"}, headers=admin.headers)
    ).json()["site"]
    await admin.put("welcomes/elsewhere", {"name": "B", "text": TEXTS, "sites": [elsewhere]})
    second = await site.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert [each["rule"] for each in second.json()["welcomes"]] == ["first", "later"]
    same = await site.client.get(path, headers={"If-None-Match": second.headers["etag"], **page})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["access-control-allow-origin"] == "https://shop.example"
    check_problem(await site.client.get("/v1/sites/nowhere/widget"), "not_found")
    gone = demo.site[:-1] + ("A" if demo.site[-1] != "A" else "B")
    check_problem(await site.client.get(f"/v1/sites/{gone}/widget"), "not_found")


async def test_a_widget_knows_the_hours(site: Site, demo: Tenant, admin: Desk) -> None:
    """Whether somebody is there, else from when on; the clock alone makes it another answer."""
    await admin.put("hours", VALUES["hours"])  # it is 22:13 in UTC
    closed = await site.client.get(widget_of(demo))
    assert closed.json()["open"] is False
    assert closed.json()["opens_at"] == "2023-11-15T09:00:00Z"
    assert (await admin.get())["open"] is False
    await site.world.clock.advance(12 * 3600)
    opened = await site.client.get(
        widget_of(demo), headers={"If-None-Match": closed.headers["etag"]}
    )
    assert (opened.json()["open"], opened.json()["opens_at"]) == (True, None)


async def test_looks_and_changes_are_limited(site: Site, demo: Tenant, admin: Desk) -> None:
    """Looks by address, before the store is asked; changes by caller."""
    client = site.with_settings(sites=Rate("sites", 0.1, 2), changes=Rate("changes", 0.1, 2))
    for _ in range(2):
        assert (await client.get(widget_of(demo))).status_code == 200
        assert (await Desk(client, admin.headers["Authorization"][7:]).put("tags", {})).is_success
    check_problem(await client.get(widget_of(demo)), "rate_limited")
    limited = await Desk(client, admin.headers["Authorization"][7:]).put("tags", {})
    check_problem(limited, "rate_limited")


async def test_who_is_no_admin_any_more_changes_nothing(
    site: Site, demo: Tenant, admin: Desk
) -> None:
    """Even where a node has not heard of it yet: the log is asked when it is written."""
    agents = await site.client.get("/v1/settings", headers=admin.headers)
    assert agents.status_code == 200
    boss = await demo.add_agent("eve@example.org", "admin")
    caller = await site.deps.doors.authenticate(await demo.agent_token("eve@example.org"))
    await demo.set_rights(boss, "agent")
    with pytest.raises(Exception, match="Only an admin"):
        await site.deps.configured.remove(caller, "departments", "sales")

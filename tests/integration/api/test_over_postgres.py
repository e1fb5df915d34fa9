"""The API over a real PostgreSQL: doors, read models, and what a database cannot be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from math import inf
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapters.limits.token_buckets import TokenBuckets
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from adapters.presence.in_process import InProcessPresences
from api.app import create_app
from api.deps import Deps
from domain import base64url
from domain.conversation.commands import Start
from domain.conversation.events import Body, Page
from domain.envelope import Actor
from domain.errors import Refused
from domain.handling.staff import Staff
from domain.handling.tenant_settings import TenantSettings
from domain.matching import Match
from domain.presence import PresenceSettings
from domain.tenant.values import Tags
from projections.agents.projection import AgentViewsProjection
from projections.agents.reader import AgentReader
from projections.analytics.now import VisitsReader
from projections.analytics.projection import AnalyticsProjection
from projections.analytics.reader import AnalyticsReader
from projections.analytics.sources import FactSources
from projections.audit.projection import AuditProjection
from projections.audit.reader import AuditReader
from projections.engine import Engine
from projections.exports.source import ConversationSource
from projections.projection import create_tables
from projections.search.projection import SearchProjection
from projections.search.reader import SearchReader
from projections.search.settings import SearchSettings
from projections.sessions.past import PastViews
from projections.sessions.projection import SessionViewsProjection
from projections.sessions.reader import SessionReader
from projections.visitors.present import PresentReader
from projections.visitors.projection import VisitorViewsProjection
from projections.visitors.reader import VisitorReader
from tests.doubles.memory_files import MemoryShelf
from tests.doubles.tenancy import PASSWORD, Tenancy, Tenant
from tests.fixtures.postgres import OpenPostgres, Owner, SystemClock, SystemIds

VISITORS = "/v1/visitor/sessions"
AGENTS = "/v1/agent/sessions"
LIST = "/v1/conversations"
SEARCH = "/v1/search"


async def no_socket(*_: Any) -> None:
    """No sockets here."""


class Installation:
    """A node over one database."""

    def __init__(self, database: PostgresDatabase) -> None:
        self.clock = SystemClock()
        self.world = Tenancy(
            clock=self.clock, ids=SystemIds(), store=database.store, sessions=database.sessions
        )
        models, cipher = database.read_models, database.cipher
        self.projections: list[Any] = [
            SessionViewsProjection(models, cipher),
            AgentViewsProjection(models, cipher),
            VisitorViewsProjection(models, cipher),
            AuditProjection(cipher),
            SearchProjection(models, cipher, self.clock),
            AnalyticsProjection(models, cipher),
        ]
        self.engines = [
            Engine(database.store, models, each, self.clock, turn_s=inf)
            for each in self.projections
        ]
        shelf = MemoryShelf(self.world.handler, self.clock, self.world.ids)
        deps = Deps(
            doors=self.world.doors,
            store=database.store,
            sessions=SessionReader(models, cipher, self.clock),
            past=PastViews(database.store),
            agents=AgentReader(models, cipher),
            visitors=VisitorReader(models, cipher),
            present=PresentReader(models, cipher),
            visits=VisitsReader(models, self.clock),
            audit=AuditReader(models, cipher),
            search=SearchReader(
                database.store,
                models,
                cipher,
                self.clock,
                FactSources(models, cipher),
                SearchSettings(),
            ),
            analytics=AnalyticsReader(database.store, models, cipher, self.clock),
            exports=ConversationSource(models, cipher, database.store),
            files=shelf.files,
            file_reader=shelf.reader,
            limits=TokenBuckets(self.clock),
            presences=InProcessPresences(self.clock, PresenceSettings()),
            states=self.world.handler.states,
            clock=self.clock,
            ready=lambda: True,
            probes={},
            visitor_socket=no_socket,
            agent_socket=no_socket,
            asyncapi=bytes,
            web=Path("/nonexistent"),
            exposition=lambda _: (b"", ""),
            version="0",
            configured=TenantSettings(database.store, self.world.handler, self.world.ids),
            staff=Staff(self.world.handler, self.world.ids, self.world.passwords),
        )
        transport = httpx.ASGITransport(create_app(deps))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://parley.test")

    async def follow(self, tenant: Tenant) -> None:
        """Bring the read models up to date."""
        for engine in self.engines:
            await engine.follow(tenant.log, lambda _: None)


@pytest.fixture
async def here(open_postgres: OpenPostgres, owner: Owner) -> AsyncIterator[Installation]:
    """A node whose tables are there."""
    here = Installation(open_postgres())
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), here.projections)
    async with here.client:
        yield here


@pytest.fixture
async def demo(here: Installation) -> Tenant:
    """A tenant with an agent."""
    tenant = await here.world.tenant()
    await tenant.add_agent()
    return tenant


async def bearer(here: Installation) -> dict[str, str]:
    """An agent's header."""
    given = {"tenant": "demo", "email": "grace@example.org", "password": PASSWORD}
    token = (await here.client.post(AGENTS, json=given)).json()["token"]
    return {"Authorization": f"Bearer {token}"}


async def test_a_visitors_way(here: Installation, demo: Tenant) -> None:
    """In anonymous, with a page; identified; back by secret; seen by an agent in the list."""
    page = {"url": "https://shop.example/", "title": "Shop"}
    first = (await here.client.post(VISITORS, json={"site": demo.site, "page": page})).json()
    signed = {
        "site": demo.site,
        "resume": first["resume"],
        "identity": msgspec.to_builtins(demo.identity("ada")),
    }
    second = await here.client.post(VISITORS, json=signed)
    assert second.json()["visitor"] == first["visitor"], second.text
    assert (await here.client.post(VISITORS, json=signed)).json()["code"] == "nonce_used"
    actor = Actor("visitor", first["visitor"], "ada")
    start = Start(here.world.ids.uuid(), Body("hello"), Page("https://shop.example/"))
    ack = await here.world.send(demo.log, start, actor)
    back = await here.client.post(
        VISITORS, json={"site": demo.site, "resume": second.json()["resume"]}
    )
    assert back.json()["conversation"]["id"] == ack.conversation
    await here.follow(demo)
    listed = await here.client.get(
        LIST, params={"min_position": ack.position}, headers=await bearer(here)
    )
    (item,) = listed.json()["items"]
    assert (item["id"], item["visitor_name"]) == (ack.conversation, "ada")
    assert item["last"]["text"] == "hello"
    place = back.json()["conversation"]
    assert (item["version"], item["version_mark"]) == (place["version"], place["version_mark"])
    mine = {"Authorization": f"Bearer {back.json()['token']}"}
    one = await here.client.get(f"{LIST}/{ack.conversation}", headers=mine)
    assert one.json()["last"]["text"] == "hello", one.text
    events = await here.client.get(f"{LIST}/{ack.conversation}/events", headers=mine)
    assert events.json()["mark"] == place["version_mark"]


async def test_one_user_on_two_nodes(
    here: Installation, demo: Tenant, open_postgres: OpenPostgres
) -> None:
    """Many browsers of one user at once on two nodes of one database: one visitor."""
    there = Installation(open_postgres())
    bodies = [
        {"site": demo.site, "identity": msgspec.to_builtins(demo.identity("ada"))} for _ in range(8)
    ]
    clients = [here.client, there.client] * 4
    answers = await asyncio.gather(
        *(client.post(VISITORS, json=body) for client, body in zip(clients, bodies, strict=True))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["visitor"] for answer in answers}) == 1
    await there.client.aclose()


async def test_a_nonce_is_used_on_every_node(
    here: Installation, demo: Tenant, open_postgres: OpenPostgres
) -> None:
    """The same identity at two nodes at once gets in once."""
    there = Installation(open_postgres())
    body = {"site": demo.site, "identity": msgspec.to_builtins(demo.identity("ada"))}
    answers = await asyncio.gather(
        *(client.post(VISITORS, json=body) for client in [here.client, there.client] * 4)
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [401] * 7
    await there.client.aclose()


async def test_a_setting_changed_at_one_node_is_so_at_the_other(
    here: Installation, demo: Tenant, open_postgres: OpenPostgres
) -> None:
    """In its next answers: to an admin, to a page, in what begins there; and in the audit."""
    there = Installation(open_postgres())
    boss = await demo.add_agent("ada@example.org", "admin")
    shown = {"Authorization": f"Bearer {await demo.agent_token('ada@example.org')}"}
    widget = f"/v1/sites/{demo.site}/widget"
    before = await there.client.get(widget)
    changes: dict[str, dict[str, Any]] = {
        "statuses/lunch": {"name": {"en": "Lunch"}},
        "receptions/all": {"name": "All", "then": {"department": "sales", "tags": ["vip"]}},
        f"sites/{demo.site}/appearance": {"color": "#123456"},
    }
    for path, value in changes.items():
        said = await here.client.put(f"/v1/settings/{path}", json=value, headers=shown)
        assert said.json()["changed"] is True, said.text
    after = await there.client.get(widget, headers={"If-None-Match": before.headers["etag"]})
    assert after.json()["appearance"]["color"] == "#123456"
    told = (await there.client.get("/v1/settings", headers=shown)).json()
    assert [each["status"] for each in told["statuses"]] == ["lunch"]
    session = await demo.visit(there.world.doors)
    start = Start(there.world.ids.uuid(), Body("hello"))
    ack = await there.world.send(demo.log, start, Actor("visitor", session.visitor))
    stream = f"conversation-{ack.conversation}"
    events = await there.world.store.read_stream(demo.log, stream, 0, 10)
    assert [each.type.partition(".")[2] for each in events] == ["started", "tagged", "posted"]
    assert events[0].data.department == "sales"
    await here.follow(demo)
    audit = (await there.client.get("/v1/audit?limit=3", headers=shown)).json()["items"]
    types = ["tenant.appearance_changed", "tenant.reception_defined", "tenant.status_defined"]
    assert [each["type"] for each in audit] == types
    value = {"name": {"en": "Lunch"}, "available": False}
    assert audit[2]["data"] == {"status": "lunch", "value": value}
    assert {each["actor"]["id"] for each in audit} == {boss}
    assert audit[2]["at"] == told["statuses"][0]["changed_at"]
    await there.client.aclose()


async def test_agents_are_listed(here: Installation, demo: Tenant) -> None:
    """Those who may sign in, without addresses; who left is not among them."""
    gone = await demo.add_agent("alan@example.org")
    await demo.deactivate(gone)
    await here.follow(demo)
    response = await here.client.get("/v1/agents", headers=await bearer(here))
    (item,) = response.json()["items"]
    assert (item["name"], item["status"]) == ("Grace", "offline")
    assert "example.org" not in response.text


async def test_a_message_is_found(here: Installation, demo: Tenant) -> None:
    """Said by a visitor, found by an agent and by a server in any case, with what is marked."""
    identity = msgspec.to_builtins(demo.identity("Ada"))
    opened = await here.client.post(VISITORS, json={"site": demo.site, "identity": identity})
    session = opened.json()
    start = Start(here.world.ids.uuid(), Body("Where is my order? 退款!"))
    ack = await here.world.send(demo.log, start, Actor("visitor", session["visitor"], "Ada"))
    await here.follow(demo)
    key = {"Authorization": f"Bearer {await demo.add_key('conversations:read')}"}
    for headers in (await bearer(here), key):
        for q, hit in (("ORDER", "order"), ("退款", "退款"), ('"my order"', "my order")):
            response = await here.client.get(SEARCH, params={"q": q}, headers=headers)
            (item,) = response.json()["items"]
            ((start_, end),) = item["snippet"]["marks"]
            assert item["snippet"]["text"][start_:end] == hit
            assert (item["conversation"], item["version"]) == (ack.conversation, ack.version)
            assert (item["visitor"], item["visitor_name"]) == (session["visitor"], "Ada")
    found = (await here.client.get(SEARCH, params={"q": "order"}, headers=key)).json()
    later = {"q": "order", "from": found["items"][0]["at"], "to": "2999-01-01T00:00:00Z"}
    assert (await here.client.get(SEARCH, params=later, headers=key)).json() == found
    nothing = await here.client.get(SEARCH, params={"q": "?!"}, headers=key)
    assert (nothing.status_code, nothing.json()["code"]) == (400, "bad_request")


FAR = 2**63
STRANGE = [
    b"",
    b"\xc1",
    msgspec.msgpack.encode([FAR, None, "", FAR]),
    msgspec.msgpack.encode([-1, None, "", -FAR]),
    msgspec.msgpack.encode([1, None, "", None]),
    msgspec.msgpack.encode([1, "0001-01-01T00:00:00Z", "a\0b", None]),
    msgspec.msgpack.encode([1, "9999-12-31T23:59:59-23:59", "x" * 300, None]),
    msgspec.msgpack.encode([1, "2026-01-01T00:00:00", "x", None]),
]


@pytest.mark.parametrize("number", range(len(STRANGE)))
async def test_a_strange_cursor_is_no_500(here: Installation, demo: Tenant, number: int) -> None:
    """A cursor is the client's to forge: numbers, times and texts that no row can have."""
    query = {"cursor": base64url.encode(STRANGE[number])}
    headers = await bearer(here)
    for path, more in ((LIST, {}), (SEARCH, {"q": "a"})):
        response = await here.client.get(path, params=query | more, headers=headers)
        assert response.status_code in {200, 400}, response.text


@pytest.mark.parametrize("text", ["\0", "\ud7ff", "\uffff", "'; --", "%", "\\", "é" * 100])
async def test_no_text_breaks_a_query(here: Installation, demo: Tenant, text: str) -> None:
    """Filters, names and secrets with what a database may choke on."""
    headers = await bearer(here)
    for name in ("q", "tag", "assignee", "cursor", "department"):
        response = await here.client.get(LIST, params={name: text[:64]}, headers=headers)
        assert response.status_code in {200, 400}, (name, response.text)
    for name in ("q", "tag", "agent", "cursor", "department", "source", "from", "to"):
        query = {"q": "a", name: text[:64]}
        response = await here.client.get(SEARCH, params=query, headers=headers)
        assert response.status_code in {200, 400}, (name, response.text)
    for body in (
        {"tenant": text, "email": text, "password": text},
        {"tenant": "demo", "email": text, "password": text},
    ):
        assert (await here.client.post(AGENTS, json=body)).status_code == 401
    visit = {"site": demo.site, "resume": text, "locale": text[:1], "page": {"url": text}}
    assert (await here.client.post(VISITORS, json=visit)).status_code == 200


async def test_of_two_admins_at_once_one_is_told(here: Installation, demo: Tenant) -> None:
    """On two nodes of one store, again and again: of each pair one wins, and nothing is lost."""
    world, callers = here.world, []
    for name in ("ada", "eve"):
        await demo.add_agent(f"{name}@example.org", "admin")
        token = await demo.agent_token(f"{name}@example.org")
        callers.append(await world.doors.authenticate(token))
    nodes = [TenantSettings(world.store, each, world.ids) for each in (world.handler, world.node())]
    for n in range(10):
        said = (await nodes[0].now(demo.log)).tenant.versions
        seen = Match((said.get("tags", {}).get("", 0),))
        asked = (
            node.define(caller, "tags", "", Tags((f"{caller.actor.id} {n}",)), seen)
            for node, caller in zip(nodes, callers, strict=True)
        )
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        (lost,) = (each for each in outcomes if isinstance(each, Refused))
        (won,) = (n for n, each in enumerate(outcomes) if not isinstance(each, Refused))
        assert lost.code == "changed"
        now = await nodes[1 - won].now(demo.log)
        assert now.tenant.tags.tags == (f"{callers[won].actor.id} {n}",)
        assert now.changes["tags", ""].by.id == callers[won].actor.id

"""The API over the simulated store: everything real between the request and the ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec import Struct
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from adapters.prometheus.exposition import Exposition
from adapters.prometheus.measures import PrometheusMeasures
from api.app import create_app
from api.deps import (
    ApiSettings,
    AuditQuery,
    Deps,
    PresentFilters,
    SearchFilters,
    SessionFilters,
)
from domain.access import Rights
from domain.conversation.commands import Start
from domain.conversation.events import Body
from domain.envelope import Access, Actor
from domain.figures import FIGURES
from domain.handling.staff import Staff
from domain.handling.tenant_settings import TenantSettings
from domain.presence import PresenceSettings
from domain.telemetry import Telemetry
from projections.agents.reader import AgentItem, AgentTimes
from projections.analytics.answers import Answer, Line, Standing
from projections.analytics.asking import Question
from projections.analytics.now import Visits
from projections.audit.evolve import AuditRow
from projections.audit.reader import AuditPage
from projections.sessions.past import PastViews
from projections.visitors.present import Present, PresentPage
from projections.visitors.reader import Path as VisitorPath
from projections.visitors.reader import Profile
from projections.visitors.rows import PageRow, VisitorRow
from tests.doubles.memory_files import MemoryShelf
from tests.doubles.telemetry import KeptTracer
from tests.doubles.tenancy import Tenancy, Tenant
from tests.unit.exports.made import MadeSource

URL = "http://parley.test"


@dataclass
class Item:
    """A session view as a reader gives it, with more than the API tells."""

    id: str
    visitor: str
    conversation: str = ""
    visitor_name: str | None = None
    status: str = "open"
    assignee: str | None = None
    assignee_name: str | None = None
    department: str | None = None
    tags: tuple[str, ...] = ("vip",)
    started_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    last_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    last: Any = None
    last_message_version: int = 2
    last_visitor_version: int = 2
    rating: int | None = None
    comment: str | None = None
    version: int = 2
    version_mark: str = "00" * 8
    reads: dict[str, int] = field(default_factory=lambda: {"somebody": 1})
    visitor_read: int = 0
    channel: str | None = None
    language: str | None = None
    skills: tuple[str, ...] = ()
    invited: bool = False
    queued_at: datetime | None = None
    unanswered_at: datetime | None = None
    missed: str | None = None
    internal: str = "not for anybody"

    def __post_init__(self) -> None:
        self.conversation = self.id


@dataclass
class Page:
    """A page of views."""

    as_of: int
    mark: str
    items: list[Item]
    next: str | None = None
    complete: bool = True


def colleague(
    agent: str, name: str = "Alan", status: str = "online", since: datetime | None = None
) -> AgentItem:
    """An agent as a reader gives it, with more than the API tells."""
    return AgentItem(
        agent, name, "agent", status, ("sales",), since, load=3, email=f"{name}@example.org".lower()
    )


class Views:
    """Read models that hold what a test puts in. ``asked`` has the filters of each page."""

    def __init__(self) -> None:
        self.items: dict[UUID, list[Item]] = {}
        self.team: dict[UUID, list[AgentItem]] = {}
        self.times_of = AgentTimes(10, "ab" * 8, [], [])
        self.asked: list[SessionFilters] = []
        self.position = 10

    async def page(
        self,
        log: UUID,
        filters: SessionFilters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> Page:
        self.asked.append(filters)
        found = [
            item
            for item in self.items.get(log, [])
            if rights is None or rights.may_read(Access(item.department, item.assignee))
        ]
        return Page(self.position, "ab" * 8, found[:limit])

    async def one(self, log: UUID, conversation: str) -> Page | None:
        found = [item for item in self.items.get(log, []) if item.id == conversation]
        return Page(self.position, "ab" * 8, found)

    async def wait_for(self, log: UUID, position: int, timeout_s: float) -> bool:
        return position <= self.position

    async def agents(self, log: UUID, agent: str | None = None) -> Sequence[Any]:
        return [each for each in self.team.get(log, []) if agent in {None, each.id}]

    async def times(self, log: UUID, agent: str, since: datetime, until: datetime) -> AgentTimes:
        return self.times_of


class Visitors:
    """Visitors that a test puts in; of others that there is one. ``asked``: each path's place."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile | None] = {}
        self.seen: list[PageRow] = []
        self.asked: list[tuple[int, int | None]] = []

    async def one(self, log: UUID, visitor: str) -> Profile | None:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        somebody = Profile(10, "ab" * 8, VisitorRow(visitor, at, at), None)
        return self.profiles.get(visitor, somebody)

    async def path(
        self, log: UUID, visitor: str, limit: int, before: int | None = None
    ) -> VisitorPath:
        self.asked.append((limit, before))
        more = len(self.seen) > limit
        pages = self.seen[:limit]
        return VisitorPath(10, "ab" * 8, pages, pages[-1].position if more else None)


class PresentOnes:
    """Of those who are there, the rows that a test puts in. ``asked`` has each question."""

    def __init__(self) -> None:
        self.items: list[Present] = []
        self.asked: list[tuple[list[str], PresentFilters, int, str | None, Rights | None]] = []

    async def page(  # noqa: PLR0917  # the port's
        self,
        log: UUID,
        there: Collection[str],
        sought: PresentFilters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> PresentPage:
        self.asked.append((sorted(there), sought, limit, cursor, rights))
        found = [each for each in self.items if each.row.id in there]
        return PresentPage(10, "ab" * 8, found[:limit], "more", len(found))


class VisitsOfToday:
    """Three visits, one of them just now."""

    async def now(self, log: UUID) -> Visits:
        return Visits(3, 1, [0] * 9 + [2, 1] + [0] * 13)


class Audit:
    """An audit that holds what a test puts in. ``asked`` has each page's question."""

    def __init__(self) -> None:
        self.lines: list[AuditRow] = []
        self.asked: list[tuple[AuditQuery, int, int | None]] = []

    async def page(
        self, log: UUID, filters: AuditQuery, limit: int, before: int | None = None
    ) -> AuditPage:
        self.asked.append((filters, limit, before))
        lines = self.lines[:limit]
        following = lines[-1].position if len(self.lines) > limit else None
        return AuditPage(10, "ab" * 8, lines, following)


ADA = Actor("visitor", "v", "Ada")


@dataclass
class Hit:
    """What a search finds, with more than the API tells."""

    conversation: str
    version: int = 2
    position: int = 9
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    kind: str = "message"
    sender: Actor = ADA
    visitor: str = "v"
    visitor_name: str | None = None
    snippet: Any = None
    internal: str = "not for anybody"

    def __post_init__(self) -> None:
        self.snippet = Snippet("oh hello", [(3, 8)])


class Snippet(Struct, frozen=True):
    """A snippet as the index gives it."""

    text: str
    marks: list[tuple[int, int]]


@dataclass
class Searched:
    """What a search was asked for."""

    q: str
    filters: SearchFilters
    limit: int
    cursor: str | None
    rights: Rights | None


class Search:
    """An index that finds whatever is there, and keeps what it was ``asked``."""

    def __init__(self, views: Views) -> None:
        self.asked: list[Searched] = []
        self._views = views

    async def page(self, log: UUID, q: str, filters: SearchFilters, *asked: Any) -> Page:
        self.asked.append(Searched(q, filters, *asked))
        hits: list[Any] = [Hit(item.id) for item in self._views.items.get(log, [])]
        return Page(self._views.position, "ab" * 8, hits, next="more", complete=False)


class Reports:
    """Reports that are all alike. ``asked`` has the questions."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.keys: list[str | None] = []
        self.position = 10

    async def standing(self, log: UUID) -> Standing:
        return Standing(self.position, "ab" * 8, "Europe/Berlin")

    async def report(self, log: UUID, question: Question) -> Answer:
        report = question.checked()
        self.asked.append(question)
        values: dict[str, float | None] = {metric.name: 0.5 for metric in report.metrics}
        keys = self.keys or [None]
        lines = [Line("2026-01-01", None, key, values) for key in keys]
        if report.week:
            lines = [Line(None, 25, None, values)]
        day = date(2026, 1, 1)
        return Answer(
            self.position,
            "ab" * 8,
            "Europe/Berlin",
            day,
            day,
            report,
            list(self.keys),
            lines,
            values,
        )

    async def wait_for(self, log: UUID, position: int, timeout_s: float) -> bool:
        return position <= self.position


async def no_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """A socket that takes nobody."""
    await receive()
    await send({"type": "websocket.close", "code": 4401})


CHUNKS = {
    "chunk_bytes": 1_000,
    "max_bytes": 20_000,
    "visitor_daily_bytes": 50_000,
    "address_daily_bytes": 70_000,
}
"""How files come in here: small ones, in smaller chunks."""


class Site:
    """An installation behind its API; ``client`` is a browser without cookies or habits."""

    def __init__(self, web: Path) -> None:
        self.world = Tenancy()
        self.views = Views()
        self.visitors = Visitors()
        self.present = PresentOnes()
        self.audit = Audit()
        self.search = Search(self.views)
        self.reports = Reports()
        self.exports = MadeSource(20)
        self.presences = InProcessPresences(self.world.clock, PresenceSettings())
        self.shelf = MemoryShelf(self.world.handler, self.world.clock, self.world.ids, **CHUNKS)
        self.ready = True
        self.probes: dict[str, Any] = {}
        self.tracer = KeptTracer()
        measures = PrometheusMeasures(FIGURES)
        self.deps = Deps(
            doors=self.world.doors,
            store=self.world.store,
            sessions=self.views,
            past=PastViews(self.world.store),
            agents=self.views,
            visitors=self.visitors,
            present=self.present,
            visits=VisitsOfToday(),
            audit=self.audit,
            search=self.search,
            analytics=self.reports,
            exports=self.exports,
            files=self.shelf.files,
            file_reader=self.shelf.reader,
            limits=TokenBuckets(self.world.clock),
            presences=self.presences,
            states=self.world.handler.states,
            clock=self.world.clock,
            ready=lambda: self.ready,
            probes=self.probes,
            visitor_socket=no_socket,
            agent_socket=no_socket,
            asyncapi=lambda: b'{"asyncapi": "3.0.0"}',
            web=web,
            version="1.2.3",
            exposition=Exposition(measures),
            configured=TenantSettings(self.world.store, self.world.handler, self.world.ids),
            staff=Staff(self.world.handler, self.world.ids, self.world.passwords),
            demo_site=lambda: "<demo>",
            telemetry=Telemetry(measures, self.tracer, self.world.clock),
        )
        self.client = client_of(create_app(self.deps))

    def with_settings(self, **settings: Any) -> httpx.AsyncClient:
        """A client of the same installation under other settings."""
        return self.clients(**settings)("192.0.2.1")

    def clients(self, **settings: Any) -> Callable[[str], httpx.AsyncClient]:
        """Clients of the same installation under other settings, by their address."""
        app = create_app(replace(self.deps, settings=ApiSettings(**settings)))
        return partial(client_of, app)

    async def talk(self, tenant: Tenant, **start: Any) -> Talk:
        """A visitor comes and says hello; the view knows."""
        session = await tenant.visit()
        command = Start(self.world.ids.uuid(), Body("hello"), **start)
        ack = await self.world.send(tenant.log, command, Actor("visitor", session.visitor))
        assert ack.conversation is not None
        item = Item(ack.conversation, session.visitor, department=start.get("department"))
        self.views.items.setdefault(tenant.log, []).append(item)
        return Talk(ack.conversation, session.visitor, session.token)


@dataclass(frozen=True)
class Talk:
    """A conversation, its visitor, and the visitor's token."""

    id: str
    visitor: str
    token: str


def client_of(app: Starlette, address: str = "192.0.2.1", base_url: str = URL) -> httpx.AsyncClient:
    """A client of an application, in this process, at this address."""
    transport = httpx.ASGITransport(app, client=(address, 4321))
    return httpx.AsyncClient(transport=transport, base_url=base_url)


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A fresh installation, its web files not built."""
    site = Site(tmp_path)
    async with site.client:
        yield site


@pytest.fixture
async def demo(site: Site) -> Tenant:
    """Its first tenant, with an agent."""
    tenant = await site.world.tenant()
    await tenant.add_agent()
    return tenant


Problem = Callable[[httpx.Response, str], None]


def check_problem(response: httpx.Response, code: str) -> None:
    """The response is this refusal, in the one form."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    said = response.json()
    assert said["code"] == code, said
    assert said["status"] == response.status_code
    assert {"type", "title", "detail"} <= set(said)
    assert "Traceback" not in response.text

"""Projections that run on a real PostgreSQL, with readers, beside which an operator works."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

from domain.envelope import Actor
from domain.tenant.commands import AddWebhook
from domain.webhooks import signing
from ops.catalogue import projections_of
from ops.core import Core
from ops.rebuilding.operator import ProjectionOperator
from ops.rebuilding.rebuild import Rebuild
from ops.settings import Settings
from projections.building import BuildSettings
from projections.engine import Engine
from projections.projection import Given
from projections.sessions.reader import SessionReader
from tests.fixtures.postgres import Owner, SystemClock, SystemIds
from tests.integration.projections.indexed import index_of
from tests.unit.projections.histories import LOG, Action, History

MASTER = b"the master key of tests: 32 byte"
NAMES = ("sessions", "agents", "visitors", "audit", "search", "webhooks", "analytics")
COLUMNS = """
SELECT string_agg(
    CASE WHEN data_type = 'bytea' THEN format('(%I IS NULL) AS %I', column_name, column_name)
    ELSE format('%I::text', column_name) END, ', ' ORDER BY ordinal_position
) FROM information_schema.columns WHERE table_schema = 'rm' AND table_name = $1
"""
"""A table's columns in clear; of what is encrypted anew each time, whether there is anything."""

ACTIONS = [
    *(
        Action(kind, visitor, visitor % 2, 3)
        for visitor in range(3)
        for kind in ("start", "post", "answer", "note", "tag", "read", "rate", "page", "identify")
    ),
    Action("erase", 1),
    *(Action(kind, 0, 1, 2) for kind in ("post", "answer", "tag", "transfer", "close", "reopen")),
]
"""A busy tenant, of which one visitor is erased."""


async def begin_busy(store: Any) -> History:
    """A tenant with two agents and a webhook, chats, and an erasure."""
    found = await History.begin(store, SystemClock(), SystemIds())
    url, secret = "https://hooks.example.com/", signing.secret_of(bytes(32))
    await found.ask(Actor("operator", "operator"), AddWebhook(found.id(), "hook-1", url, secret))
    for action in ACTIONS:
        await found.play(action)
    return found


class Filters:
    """No filter."""

    status = assignee = department = tag = visitor = q = waiting = missed = None


def settings_for(url: str) -> Settings:
    """Pages of a build are small, so that every test crosses some; without workers it is quick."""
    small = BuildSettings(workers=0, page_events=10, share=1.0, switch_s=10.0)
    return Settings(database_url=url, master_key=(MASTER,), build=small)


class Product:
    """What a node has of projections; the test says when they follow."""

    def __init__(self, core: Core, settings: Settings, owner: Owner) -> None:
        self.core = core
        self.settings = settings
        self.owner = owner
        database, clock = core.database, core.clock
        self.sessions = SessionReader(database.read_models, database.cipher, clock)
        given = Given(database.read_models, database.cipher, clock)
        self.projections = projections_of(settings, given)
        self.engines = [
            Engine(*(database.store, database.read_models, each, clock), page_events=7, turn_s=inf)
            for each in self.projections
        ]
        self.operator = ProjectionOperator(core, settings)

    async def follow(self) -> None:
        """Bring every projection up to date."""
        for engine in self.engines:
            await engine.follow(LOG, lambda _: None)

    def choose(self, **build: Any) -> None:
        """Settings of the rebuilds that come."""
        self.settings = replace(self.settings, build=replace(self.settings.build, **build))

    def rebuild(self, *names: str) -> Rebuild:
        """A rebuild of these, or of all."""
        return Rebuild(self.core, self.settings, names or NAMES)

    async def rows(self) -> dict[str, Any]:
        """All that is in the live tables, and the sessions as readers have them."""
        page = await self.sessions.page(LOG, Filters(), 200, None, None)
        rows = {
            name: await self._rows(name)
            for each in self.projections
            for name in each.owned
            if each.name != "search"  # whose rows are cut as pages were
        }
        index = await index_of(self.owner)
        return {"as_of": page.as_of, "shown": page.items, "index": index, **rows}

    async def _rows(self, table: str) -> list[tuple[object, ...]]:
        columns = await self.owner.fetchval(COLUMNS, table)
        rows = await self.owner.fetch(f"SELECT {columns} FROM rm.{table}")  # ours
        return sorted(map(tuple, rows), key=repr)

"""The real read models on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from math import inf
from typing import Any

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from ops.core import existing
from projections.agents.projection import AgentViewsProjection
from projections.agents.reader import AgentReader
from projections.audit.projection import AuditProjection
from projections.audit.reader import AuditReader
from projections.engine import Engine
from projections.ports import ReadModels
from projections.projection import create_tables
from projections.sessions.projection import SessionViewsProjection
from projections.sessions.reader import SessionReader
from projections.visitors.projection import VisitorViewsProjection
from projections.visitors.reader import VisitorReader
from tests.fixtures.postgres import OpenPostgres, Owner, SystemClock, SystemIds
from tests.integration.projections.operated import Product, begin_busy, settings_for
from tests.unit.projections.histories import LOG, History

PAGE_EVENTS = 7
"""Small, so that every test crosses pages."""


class Views:
    """One node's projections and readers over a database."""

    def __init__(self, database: PostgresDatabase, models: ReadModels | None = None) -> None:
        self.database = database
        self.clock = SystemClock()
        self.sessions = SessionReader(database.read_models, database.cipher, self.clock)
        self.agents = AgentReader(database.read_models, database.cipher)
        self.visitors = VisitorReader(database.read_models, database.cipher)
        self.audit = AuditReader(database.read_models, database.cipher)
        writing = models or database.read_models
        self.projections: list[Any] = [
            SessionViewsProjection(writing, database.cipher),
            AgentViewsProjection(writing, database.cipher),
            VisitorViewsProjection(writing, database.cipher),
            AuditProjection(database.cipher),
        ]
        self.engines = [
            Engine(
                *(database.store, writing, projection, self.clock),
                page_events=PAGE_EVENTS,
                turn_s=inf,
            )
            for projection in self.projections
        ]

    async def follow(self) -> None:
        """Bring every projection of the log up to date."""
        for engine in self.engines:
            await engine.follow(LOG, lambda _: None)

    async def forget(self) -> None:
        """Throw everything that was folded away."""
        for engine in self.engines:
            await engine.rebuild(LOG, (await engine.checkpoints())[LOG])

    async def rebuild(self) -> None:
        """Fold everything anew."""
        await self.forget()
        await self.follow()


OpenViews = Callable[[], Views]


@pytest.fixture
async def open_views(open_postgres: OpenPostgres, owner: Owner) -> OpenViews:
    """Opens one more node's views; the tables are there."""

    def open_one() -> Views:
        return Views(open_postgres())

    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), open_one().projections)
    return open_one


@pytest.fixture
def views(open_views: OpenViews) -> Views:
    """A node's views."""
    return open_views()


@pytest.fixture
async def history(views: Views) -> History:
    """A tenant with two agents on PostgreSQL."""
    return await History.begin(views.database.store, SystemClock(), SystemIds())


@pytest.fixture
async def product(postgres_url: str, owner: Owner) -> AsyncIterator[Product]:
    """A product's projections on a fresh database."""
    settings = settings_for(postgres_url)
    async with existing(settings, postgres_url) as core:
        found = Product(core, settings, owner)
        async with owner.transaction():
            await create_tables(PostgresTransaction(owner), found.projections)
        yield found


@pytest.fixture
async def busy(product: Product) -> History:
    """A tenant with two agents, a webhook, chats, and an erasure."""
    return await begin_busy(product.core.database.store)

"""The read models of a node: their tables, their projector, and the readers that the API asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from adapters.postgres.migrations import owner
from adapters.postgres.readmodels import PostgresTransaction
from domain.broker import Broker
from ops.catalogue import projections_of
from ops.core import Core
from ops.settings import Settings
from projections.agents.reader import AgentReader
from projections.analytics.now import VisitsReader
from projections.analytics.reader import AnalyticsReader
from projections.analytics.sources import FactSources
from projections.audit.reader import AuditReader
from projections.engine import Engine
from projections.exports.source import ConversationSource
from projections.projection import Given, Write, create_tables
from projections.projector import Projector
from projections.recent import RecentEvents
from projections.search.reader import SearchReader
from projections.sessions.past import PastViews
from projections.sessions.reader import SessionReader
from projections.visitors.present import PresentReader
from projections.visitors.reader import VisitorReader


@dataclass(frozen=True)
class Views:
    """Those of this program. The projector runs where its role does; readers are everywhere."""

    projector: Projector
    recent: RecentEvents
    sessions: SessionReader
    past: PastViews
    agents: AgentReader
    visitors: VisitorReader
    present: PresentReader
    visits: VisitsReader
    audit: AuditReader
    search: SearchReader
    analytics: AnalyticsReader
    exports: ConversationSource


async def views_of(
    core: Core, settings: Settings, broker: Broker, written: Callable[[UUID, Write], None]
) -> Views:
    """Make what is missing of the tables, and what reads and writes them.

    ``written`` is told what the projector has committed. Raises StoreUnavailable, BadSetting.
    """
    database, clock = core.database, core.clock
    models, cipher = database.read_models, database.cipher
    projections = projections_of(settings, Given(models, cipher, clock))
    async with owner(core.url) as connection, connection.transaction():
        await create_tables(PostgresTransaction(cast("Any", connection)), projections)
    seen, recent = core.telemetry, RecentEvents(settings.projector.recent_events)
    engines = [
        Engine(database.store, models, each, clock, recent=recent, written=written, telemetry=seen)
        for each in projections
    ]
    return Views(
        Projector(
            database.store,
            engines,
            broker,
            clock,
            settings.projector,
            recent=recent,
            shards=None if settings.embedded else database.projector_shards,
            telemetry=seen,
            controls=database.controls,
        ),
        recent,
        SessionReader(models, cipher, clock),
        PastViews(database.store),
        AgentReader(models, cipher),
        VisitorReader(models, cipher),
        PresentReader(models, cipher),
        VisitsReader(models, clock),
        AuditReader(models, cipher),
        SearchReader(
            database.store, models, cipher, clock, FactSources(models, cipher), settings.search
        ),
        AnalyticsReader(database.store, models, cipher, clock),
        ConversationSource(models, cipher, database.store),
    )

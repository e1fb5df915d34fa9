"""The adapter as one thing: its pools, and the roles that they play for the rooms above.

Made by the composition root, after ``installation.prepare``. Nothing connects before it is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from adapters.postgres.bulk import TURN_S, BulkAppender, turn
from adapters.postgres.controls import PostgresControls
from adapters.postgres.deliveries import PostgresDeliveries
from adapters.postgres.keys import SubjectKeys
from adapters.postgres.labels import SubjectCipher
from adapters.postgres.masterkeys import MasterKeys
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.pages import PostgresPages
from adapters.postgres.pools import NODE, PROJECTOR, RELAY, Pool, Use
from adapters.postgres.reading import Reader
from adapters.postgres.readmodels import PostgresReadModels
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.shards import PostgresShards
from adapters.postgres.snapshots import PostgresSnapshots
from adapters.postgres.store import PostgresEventStore
from adapters.postgres.uploads import PostgresDoomed, PostgresUploads
from adapters.postgres.verification import Verifier
from domain import figures
from domain.breaker import NO_BREAKER, Breaker
from domain.history import History
from domain.ports import Clock, Ids
from domain.registry import Registry
from domain.telemetry import NO_MEASURES, Measures
from projections.projection import LIVE


class PostgresDatabase:
    """What a node has of PostgreSQL. ``url`` may be the owner's: connections take lesser roles.

    Only to destroy a key, or to write history in bulk, one is opened with the URL's own rights,
    when it is asked for. ``history`` is what the connections find; that of the relay may not ask,
    and goes by marks.
    """

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        url: str,
        *,
        masters: MasterKeys,
        registry: Registry,
        clock: Clock,
        ids: Ids,
        settings: PostgresSettings | None = None,
        measures: Measures = NO_MEASURES,
        breaker: Breaker = NO_BREAKER,
    ) -> None:
        settings = settings or PostgresSettings()
        self._url, self._settings, self._registry = url, settings, registry
        self.history = history = History()
        appends = Use("appends", NODE, settings.append_connections, lookups_only=True)
        self._appends = Pool(url, appends, settings, breaker, history)
        reads = Use("reads", NODE, settings.read_connections, schema=LIVE)
        self._reads = Pool(url, reads, settings, breaker, history)
        self._owner = Pool(url, Use("erasures", None, 1), settings, breaker)
        writers = Use("projections", PROJECTOR, settings.projector_connections, schema=LIVE)
        self._projector = Pool(url, writers, settings, breaker, history)
        self._relay = Pool(url, Use("relay", RELAY, settings.relay_connections), settings, breaker)
        senders = Use("deliveries", PROJECTOR, settings.delivery_connections)
        self._deliveries = Pool(url, senders, settings, breaker, history)
        self.keys = SubjectKeys(masters, clock, ids, settings)
        self.store = PostgresEventStore(
            appends=self._appends,
            reads=self._reads,
            owner=self._owner,
            history=history,
            keys=self.keys,
            registry=registry,
            clock=clock,
            ids=ids,
            page_bytes=settings.page_bytes,
            lock_attempts=settings.lock_attempts,
        )
        self.sessions = PostgresSessions(self._reads)
        self.snapshots = PostgresSnapshots(self._reads, self.keys, ids)
        self.cipher = SubjectCipher(self._reads, self.keys, ids)
        self.read_models = PostgresReadModels(self._projector, self._reads)
        self.controls = PostgresControls(self._projector)
        self.outbox = PostgresOutbox(self._relay, settings.page_bytes)
        self.relay_shards = PostgresShards(self._relay, "relay")
        self.projector_shards = PostgresShards(self._projector, "projector")
        self.router_shards = PostgresShards(self._projector, "router")
        self.deliveries = PostgresDeliveries(self._deliveries)
        self.uploads = PostgresUploads(self._reads)
        self.doomed_files = PostgresDoomed(self._deliveries)
        self.verifier = Verifier(self._reads, registry, settings.page_bytes)
        self._pools = [
            *(self._appends, self._reads, self._projector, self._relay, self._deliveries),
            self._owner,
        ]
        self._clock = clock
        self._ids = ids
        self._be_seen(measures)

    @asynccontextmanager
    async def bulk(self, log: UUID, patience_s: float = TURN_S) -> AsyncIterator[BulkAppender]:
        """The bulk way into a log, from where it is. It has the owner's rights, and one goes it.

        Raises BatchRefused where another does for longer than ``patience_s``, StoreUnavailable.
        """
        async with turn(self._owner, log, self._clock, patience_s) as connection:
            heads = await self.store.heads([log])
            appender = BulkAppender(
                connection=connection,
                owner=self._owner,
                reads=self._reads,
                keys=self.keys,
                registry=self._registry,
                clock=self._clock,
                ids=self._ids,
                log=log,
                position=heads[0].position if heads else 0,
            )
            try:
                yield appender
            finally:
                appender.stop()

    def _be_seen(self, measures: Measures) -> None:
        pools = self._pools
        measures.read(
            figures.DATABASE_CONNECTIONS,
            lambda: {
                (pool.name, state): count
                for pool in pools
                for state, count in pool.connections.items()
            },
        )
        measures.read(
            figures.DATABASE_WAITING, lambda: {(pool.name,): pool.waiting for pool in pools}
        )
        measures.read(figures.DATABASE_WAITS, lambda: {(pool.name,): pool.waits for pool in pools})

    def generation(self, schema: str) -> PostgresReadModels:
        """The read models' tables in another schema: those that are built, or were live."""
        writers, readers = (
            Pool(
                self._url,
                Use(f"{use} {schema}", role, self._settings.projector_connections, schema=schema),
                self._settings,
                history=self.history,
            )
            for use, role in (("projections", PROJECTOR), ("reads", NODE))
        )
        self._pools += (writers, readers)
        return PostgresReadModels(writers, readers)

    def pages(self, page_bytes: int) -> PostgresPages:
        """Large pages of any log, of so many bytes of stored events at most."""
        reader = Reader(self.keys, self._registry)
        return PostgresPages(self._projector, self._reads, reader, self._registry, page_bytes)

    async def close(self) -> None:
        """End all connections."""
        shards = (self.relay_shards, self.projector_shards, self.router_shards)
        await asyncio.gather(*(each.close() for each in shards))
        await asyncio.gather(*(pool.close() for pool in self._pools))

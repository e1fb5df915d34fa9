"""Large pages of a log, for those who fold all of it: :class:`projections.building.Pages`.

What nobody wants is neither sent nor decrypted. Nothing here knows what is folded.
"""

from __future__ import annotations

from uuid import UUID

from adapters.postgres.pools import Pool
from adapters.postgres.reading import Reader, stored
from adapters.postgres.sql import statement
from domain.checkpoints import Checkpoint
from domain.envelope import MARK_BYTES, StoredEvent
from domain.errors import UnknownEvent
from domain.registry import Registry
from projections.building import Page


class PostgresPages:
    """Reads over ``logs``, whose role sees every tenant; ``keys_from`` is who may ask for keys."""

    def __init__(
        self, logs: Pool, keys_from: Pool, reader: Reader, registry: Registry, page_bytes: int
    ) -> None:
        self._logs = logs
        self._keys_from = keys_from
        self._reader = reader
        self._known = {each.name: each.schema_version for each in registry}
        self._page_bytes = page_bytes

    async def page(
        self, log: UUID, after: int, upto: int, types: frozenset[str] | None
    ) -> Page | None:
        async with self._logs.connection() as connection:
            rows = await connection.fetch(
                statement("build_page"),
                *(log, after, upto, self._page_bytes),
                None if types is None else sorted(types),
                [*self._known],
                [*self._known.values()],
            )
        if not rows:
            return None
        events = stored(row[:-1] for row in rows)
        last = events[-1]
        assert last.position - after == rows[-1]["whole"], "the store left a hole in the log"
        for event in events:
            self._demand_known(event)
        wanted = [event for event in events if types is None or event.type in types]
        async with self._keys_from.connection() as connection:
            keys = await self._reader.keys_of(connection, log, wanted)
        return Page(
            [self._reader.event(log, event, keys) for event in wanted],
            Checkpoint(last.position, last.hash[:MARK_BYTES]),
        )

    def _demand_known(self, event: StoredEvent) -> None:
        if event.schema_version > self._known.get(event.type, 0):
            what = f"{event.type} in version {event.schema_version}"
            raise UnknownEvent(
                f"position {event.position} has {what}, which this program does not know"
            )

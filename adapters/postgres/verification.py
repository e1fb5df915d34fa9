"""The proof that nobody changed the log: every hash computed anew, every number followed.

It reads what is stored, without keys, so it holds for erased events too. A log cut off at its end
is a shorter valid chain: only a hash kept elsewhere (a seal, an earlier head) shows that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from msgspec import Struct

from adapters.postgres.pools import NODE, Pool, Use
from adapters.postgres.reading import stored
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.sql import statement
from domain.chain import Link, genesis, next_hash
from domain.envelope import StoredEvent
from domain.errors import UnknownEvent
from domain.ports import LogHead
from domain.registry import Registry

PAGE_EVENTS = 1_000


class Kept(Struct, frozen=True):
    """A hash that was kept elsewhere: what the log must have at this position."""

    position: int
    hash: bytes


class Verdict(Struct, frozen=True):
    """What was found.

    ``head`` is the last position that is proven, ``hash`` its hash; ``broken_at`` the first
    position that is not as it was, or None; ``reason`` one sentence.
    """

    head: int
    hash: bytes
    broken_at: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether the whole log is as it was written."""
        return self.broken_at is None


class _Place(Struct, frozen=True):
    """The event of a stream before the next one: where it stands, and what was decided by then."""

    version: int
    position: int
    decided: int


_NOWHERE = _Place(0, 0, 0)
"""Before a stream's first event."""


class Verifier:
    """Walks logs as they are stored. Keys are not needed for it."""

    def __init__(self, pool: Pool, registry: Registry, page_bytes: int) -> None:
        self._pool = pool
        self._registry = registry
        self._page_bytes = page_bytes

    async def head(self, tenant: str) -> LogHead | None:
        """Where the log of the tenant of this name stands; None where there is none."""
        async with self._pool.connection() as connection:
            log = await connection.fetchval(statement("find_log"), tenant)
            rows = await connection.fetch(statement("heads"), [] if log is None else [log])
        return LogHead(*rows[0]) if rows else None

    async def walk(
        self, log: UUID, from_position: int = 1, page_events: int = PAGE_EVENTS
    ) -> AsyncIterator[Sequence[StoredEvent]]:
        """The stored rows in pages, from a position on.

        Each page is a read of its own: a walk that was cut off goes on from where it stood.
        """
        after = from_position - 1
        while True:
            async with self._pool.connection() as connection:
                rows = stored(
                    await connection.fetch(
                        statement("read_log"), log, after, page_events, self._page_bytes
                    )
                )
            if not rows:
                return
            yield rows
            after = rows[-1].position

    async def verify_chain(
        self,
        log: UUID,
        kept: Sequence[Kept] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Verdict:
        """Compute every hash of a log anew, and compare with those kept elsewhere.

        Each event must also be its stream's next, and name the right one as the last that decided,
        which no hash covers. ``progress`` is told the position that each page has brought the
        proof to.
        """
        expected = {one.position: one.hash for one in kept}
        head, current = 0, genesis(log)
        async for rows in self.walk(log):
            places = await self._places_before(log, rows)
            for row in rows:
                reason = _fault(log, row, head, current) or self._misplaced(row, places)
                if not reason and expected.get(head + 1, row.hash) != row.hash:
                    reason = "the hash is not the one that was kept elsewhere"
                if reason:
                    return Verdict(head, current, head + 1, reason)
                head, current = row.position, row.hash
            if progress is not None:
                progress(head)
        beyond = [position for position in expected if position > head]
        if beyond:
            reason = f"the log ends here, though it had an event {max(beyond)}"
            return Verdict(head, current, head + 1, reason)
        return Verdict(head, current)

    async def _places_before(self, log: UUID, rows: Sequence[StoredEvent]) -> dict[str, _Place]:
        """Where each stream of a page stood before it, by one query: no memory of all streams.

        An event before that stands earlier in the log has been proven by its own page.
        """
        firsts: dict[str, int] = {}
        for row in rows:
            firsts.setdefault(row.stream, row.version)
        streams, before = list(firsts), [version - 1 for version in firsts.values()]
        async with self._pool.connection() as connection:
            found = await connection.fetch(statement("places"), log, streams, before)
        return {
            stream: _Place(firsts[stream] - 1, position, decided)
            for stream, position, decided in found
        }

    def _misplaced(self, row: StoredEvent, places: dict[str, _Place]) -> str:
        """What is wrong with a row's place in its stream; empty when nothing is."""
        stream, version, decided = row.stream, row.version, row.decided
        before = places.get(stream, _NOWHERE)
        if version != before.version + 1 or before.position >= row.position:
            return f"version {version} of its stream does not follow the one before"
        if decided not in self._decided(row.type, version, before.decided):
            return f"{decided} is not the version of its stream's last deciding event"
        places[stream] = _Place(version, row.position, decided)
        return ""

    def _decided(self, type_: str, version: int, before: int) -> tuple[int, ...]:
        """What ``decided`` may be; of a type that this program does not know, either."""
        try:
            return (version,) if self._registry.named(type_).deciding else (before,)
        except UnknownEvent:
            return (version, before)


@asynccontextmanager
async def open_verifier(
    url: str, registry: Registry, settings: PostgresSettings | None = None
) -> AsyncIterator[Verifier]:
    """A verifier of the database at ``url``, which needs no master key and changes nothing."""
    settings = settings or PostgresSettings()
    pool = Pool(url, Use("verifier", NODE, 1), settings)
    try:
        yield Verifier(pool, registry, settings.page_bytes)
    finally:
        await pool.close()


def _fault(log: UUID, row: StoredEvent, head: int, previous: bytes) -> str:
    """What is wrong with the row that follows ``head``; empty when nothing is."""
    if row.position != head + 1:
        return "the event is missing"
    if next_hash(previous, _link(log, row)) != row.hash:
        return "the event is not the one that was hashed"
    return ""


def _link(log: UUID, row: StoredEvent) -> Link:
    return Link(
        log=log,
        position=row.position,
        stream=row.stream,
        version=row.version,
        type=row.type,
        schema_version=row.schema_version,
        event_id=row.event_id,
        actor_role=row.actor_role,
        actor_id=row.actor_id,
        recorded_at=row.recorded_at,
        key_id=row.key_id,
        metadata=row.metadata,
        data=row.data,
    )

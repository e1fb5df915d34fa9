"""The proof that nobody changed the log: every hash computed anew.

It reads what is stored, without keys, so it holds for erased events too. A log cut off at its end
is a shorter valid chain: only a hash kept elsewhere (a seal, an earlier head) shows that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from msgspec import Struct

from adapters.postgres.pools import Pool
from adapters.postgres.reading import Row
from adapters.postgres.sql import statement
from domain.chain import Link, genesis, next_hash

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


class Verifier:
    """Walks logs as they are stored."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def walk(
        self, log: UUID, from_position: int = 1, page_events: int = PAGE_EVENTS
    ) -> AsyncIterator[Sequence[Row]]:
        """The stored rows in pages, from a position on.

        Each page is a read of its own: a walk that was cut off goes on from where it stood.
        """
        after = from_position - 1
        while True:
            async with self._pool.connection() as connection:
                rows = await connection.fetch(statement("read_log"), log, after, page_events)
            if not rows:
                return
            yield rows
            after = rows[-1]["position"]

    async def verify_chain(
        self,
        log: UUID,
        kept: Sequence[Kept] = (),
        progress: Callable[[int], None] | None = None,
    ) -> Verdict:
        """Compute every hash of a log anew, and compare with those kept elsewhere.

        ``progress`` is told the position that each page has brought the proof to.
        """
        expected = {one.position: one.hash for one in kept}
        head, current = 0, genesis(log)
        async for rows in self.walk(log):
            for row in rows:
                reason = _fault(log, row, head, current)
                if not reason and expected.get(head + 1, row["hash"]) != row["hash"]:
                    reason = "the hash is not the one that was kept elsewhere"
                if reason:
                    return Verdict(head, current, head + 1, reason)
                head, current = row["position"], row["hash"]
            if progress is not None:
                progress(head)
        beyond = [position for position in expected if position > head]
        if beyond:
            reason = f"the log ends here, though it had an event {max(beyond)}"
            return Verdict(head, current, head + 1, reason)
        return Verdict(head, current)


def _fault(log: UUID, row: Row, head: int, previous: bytes) -> str:
    """What is wrong with the row that follows ``head``; empty when nothing is."""
    if row["position"] != head + 1:
        return "the event is missing"
    if next_hash(previous, _link(log, row)) != row["hash"]:
        return "the event is not the one that was hashed"
    return ""


def _link(log: UUID, row: Row) -> Link:
    return Link(
        log=log,
        position=row["position"],
        stream=row["stream"],
        version=row["version"],
        type=row["type"],
        schema_version=row["schema_version"],
        event_id=row["event_id"],
        actor_role=row["actor_role"],
        actor_id=row["actor_id"],
        recorded_at=row["recorded_at"],
        key_id=row["key_id"],
        metadata=row["metadata"],
        data=row["data"],
    )

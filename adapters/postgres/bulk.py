"""The bulk way into a log: history that is written with the times at which it happened.

For data sets and imports, with the owner's rights; nothing that serves may come this way, since
it says itself when things happened. What it writes is what the other ways would have written:
encrypted, chained, under keys made under the lock. There are no answers for single commands: what
cannot be appended ends the whole, and all calls before it stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

import asyncpg

from adapters.postgres.bulk_batch import BulkBatch, nonces
from adapters.postgres.failures import translated
from adapters.postgres.keys import Key, Offered, SubjectKeys
from adapters.postgres.pools import Pool, demand_durability
from adapters.postgres.sql import statement
from domain.append import Dated
from domain.errors import BatchRefused
from domain.ports import Clock, Ids
from domain.registry import Registry

COMMANDS_AT_ONCE = 100
"""Commands that are encrypted before the connection gets its turn, some milliseconds of them: what
is on its way is written out meanwhile."""

TURN_S = 10.0
"""How long to wait for whoever is at it already: one that was killed is gone from the server when
its last call has ended."""

LOOK_S = 0.05
"""Seconds between two looks whether it has gone."""

Owned: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@asynccontextmanager
async def turn(owner: Pool, log: UUID, clock: Clock, patience_s: float) -> AsyncIterator[Owned]:
    """A connection with the owner's rights; of those for one log there is one at a time.

    Raises BatchRefused where another has it for longer than we have patience.
    """
    connection = await owner.dedicated()
    try:
        await demand_durability(connection)
        name = int.from_bytes(sha256(b"parley.bulk.1" + log.bytes).digest()[:8], "big", signed=True)
        deadline = clock.monotonic() + patience_s
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", name):
            if clock.monotonic() > deadline:
                raise BatchRefused("another is writing history into this log")
            await clock.sleep(LOOK_S)
        yield connection
    finally:
        connection.terminate()


class BulkAppender:
    """Appends to one log, from ``position`` on. One batch is made while the last is on its way.

    ``connection`` and ``owner`` have the rights for it, ``reads`` finds keys. ``committed`` is the
    last position that is. Any failure of a batch is raised by the call after it, or by
    :meth:`flush`.
    """

    def __init__(  # noqa: PLR0913  # the parts that meet here, by name
        self,
        *,
        connection: Owned,
        owner: Pool,
        reads: Pool,
        keys: SubjectKeys,
        registry: Registry,
        clock: Clock,
        ids: Ids,
        log: UUID,
        position: int,
    ) -> None:
        self._connection = connection
        self._owner = owner
        self._reads = reads
        self._keys = keys
        self._registry = registry
        self._clock = clock
        self._log = log
        self._nonces = nonces(ids.random)
        self._position = position
        self._sending: asyncio.Task[None] | None = None
        self._offered: dict[str, Key] = {}
        self.committed = position

    async def append(self, batch: Sequence[Dated]) -> None:
        """Append commands in order; they are committed together, at the latest by the next call.

        Raises BatchRefused where they do not continue what is there, StoreUnavailable.
        """
        keys, fresh = await self._keys_of(batch)
        prepared = BulkBatch(self._log, self._registry, keys, self._nonces)
        for number, dated in enumerate(batch, 1):
            prepared.add(dated)
            if number % COMMANDS_AT_ONCE == 0:
                await self._clock.sleep(0)
        arguments = prepared.arguments(self._position, fresh, self._keys.current_master)
        await self.flush()
        self._position += prepared.count
        self._sending = asyncio.create_task(self._send(arguments, self._position, fresh))

    async def flush(self) -> None:
        """Wait until all is committed. Raises what the last batch failed by."""
        sending, self._sending = self._sending, None
        if sending is not None:
            await sending

    def stop(self) -> None:
        """Let go of a batch that is on its way: whether it is committed is not known."""
        if self._sending is not None:
            self._sending.cancel()

    async def destroy_key(self, subject: str) -> None:
        """Destroy a subject's key, after all that was appended is committed."""
        await self.flush()
        await self._keys.destroy(self._owner, self._log, subject)

    async def _keys_of(self, batch: Sequence[Dated]) -> tuple[dict[str, Key], list[Offered]]:
        """The keys of all subjects of a batch, and those of them that are offered with it.

        What an earlier batch offers counts as there: they come to the store in order. It is kept
        for others once it is.
        """
        subjects = dict.fromkeys(_subjects(batch))
        keys = {name: self._offered[name] for name in subjects if name in self._offered}
        keys |= await self._keys.find(self._reads, self._log, subjects.keys() - keys.keys())
        fresh = [self._keys.fresh(self._log, name) for name in subjects if name not in keys]
        for offered in fresh:
            keys[offered.key.subject] = self._offered[offered.key.subject] = offered.key
        return keys, fresh

    async def _send(
        self, arguments: tuple[object, ...], upto: int, fresh: Sequence[Offered]
    ) -> None:
        with translated():
            row = await self._connection.fetchrow(statement("append_bulk"), *arguments)
        assert row is not None
        if row["o_dead"]:
            raise BatchRefused("a key of the batch is not live, or another's by now")
        assert row["o_position"] == upto
        self.committed = upto
        for offered in fresh:
            self._keys.keep(self._log, offered.key)
            del self._offered[offered.key.subject]


def _subjects(batch: Sequence[Dated]) -> Iterator[str]:
    for dated in batch:
        for part in dated.append.parts:
            for event in part.events:
                yield event.subject

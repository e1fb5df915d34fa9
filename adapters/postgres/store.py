"""The event store on PostgreSQL: :class:`domain.ports.EventStore`.

The rules are in ``es.append`` (``sql/migrations``), where they hold under the log's lock; here
commands are encrypted, sent and their answers put together. Nothing is decided here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from adapters.postgres.batch import Batch, subjects_of
from adapters.postgres.cipher import NONCE_BYTES, DataKey
from adapters.postgres.failures import LockTaken
from adapters.postgres.keys import Key, SubjectKeys
from adapters.postgres.lone import Lone, lone_part
from adapters.postgres.pools import Connection, Pool
from adapters.postgres.reading import Reader, damaged, decrypted, stored
from adapters.postgres.sql import statement
from adapters.postgres.written import Writer
from domain.append import Answer, Append, Appended, Known, LookupFailed
from domain.envelope import Actor, RecordedEvent, StoredEvent
from domain.errors import (
    BatchRefused,
    EventDamaged,
    Refused,
    StoreError,
    StoreUnavailable,
    UnknownEvent,
)
from domain.history import ANOTHER_HISTORY, History
from domain.ids import event_ids
from domain.moments import Asked, Moment
from domain.ports import Clock, Ids, LogHead, Recheck, StreamHead
from domain.registry import Registry

KEY_ROUNDS = 5
"""How often a batch is encrypted anew because keys changed under it; each change happens once."""

CLOCK_ALARM_US = 60_000_000
"""How far the times in a log may be from this node's clock before the operator is told."""

_logger = logging.getLogger(__name__)


class PostgresEventStore:
    """The event store.

    ``appends`` and ``reads`` are pools of their own, so that neither waits for the other;
    ``owner`` has the rights that no serving connection has. ``page_bytes`` bounds what one read
    fetches, besides the number of events; ``lock_attempts`` how often an append waits for a lock.
    What was decided on one ``history`` is not appended to another.
    """

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        *,
        appends: Pool,
        reads: Pool,
        owner: Pool,
        history: History,
        keys: SubjectKeys,
        registry: Registry,
        clock: Clock,
        ids: Ids,
        page_bytes: int,
        lock_attempts: int,
    ) -> None:
        self._appends = appends
        self._reads = reads
        self._owner = owner
        self._history = history
        self._page_bytes = page_bytes
        self._lock_attempts = lock_attempts
        self._keys = keys
        self._registry = registry
        self._reader = Reader(keys, registry)
        self._clock = clock
        self._ids = ids
        self._clock_is_off = False

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        if not batch:
            return []
        subjects = subjects_of(batch)
        with _isolating():
            answers = await self._appended(log, batch, subjects)
        # What was written is committed: whatever fails from here on, it must be answered so.
        known = [command for command, answer in zip(batch, answers, strict=True) if not answer]
        if not known:
            return answers  # type: ignore[return-value]  # none of them is None
        first_answers = iter(await self._first_answers(log, known))
        return [answer or next(first_answers) for answer in answers]

    async def _appended(
        self, log: UUID, batch: Sequence[Append], subjects: Sequence[str]
    ) -> list[Answer | None]:
        """Send the batch; while the log's lock is not given, let other logs have the connection."""
        history = self._history.number
        for attempt in range(1, self._lock_attempts + 1):
            try:
                async with self._appends.connection() as connection:
                    if history != self._history.number:  # this connection has just found that out
                        raise StoreUnavailable(ANOTHER_HISTORY)
                    return await self._append(connection, log, batch, subjects)
            except LockTaken:
                if attempt == self._lock_attempts:
                    raise
        raise AssertionError("an append is tried once or more")

    async def _append(
        self, connection: Connection, log: UUID, batch: Sequence[Append], subjects: Sequence[str]
    ) -> list[Answer | None]:
        """Send the batch, encrypted anew as long as a key of it turns out not to be live."""
        for _ in range(KEY_ROUNDS):
            keys = await self._keys.of_subjects(connection, log, subjects)
            alone = await self._append_alone(connection, log, batch, keys)
            if alone is not None:
                return [alone]
            prepared = self._prepare(log, batch, keys, subjects)
            row = await connection.fetchrow(
                statement("append"), *prepared.arguments(self._keys.current_master)
            )
            assert row is not None
            if not row["o_dead"]:
                for key in prepared.fresh_keys_used:
                    self._keys.keep(log, key)
                written = [at for at in row["o_recorded_at"] if at is not None]
                self._watch_clock(row["o_now"], written[-1] if written else row["o_now"])
                return prepared.answers(row)
            for subject in subjects:
                self._keys.forget(log, subject)
        raise StoreUnavailable("the keys of a batch kept changing")

    async def _append_alone(
        self, connection: Connection, log: UUID, batch: Sequence[Append], keys: dict[str, Key]
    ) -> Appended | None:
        """Send a batch of one event the short way; None where it is none, or was not appended."""
        part = lone_part(batch)
        key = None if part is None else keys.get(part.events[0].subject)
        if part is None or not isinstance(key, DataKey):
            return None
        nonce = self._ids.random(NONCE_BYTES)
        lone = Lone(Writer(log, self._registry), batch[0], part, key, nonce)
        row = await connection.fetchrow(statement("append_one"), *lone.arguments())
        assert row is not None
        answer = lone.answer(row)
        if answer is not None:
            self._watch_clock(row["o_now"], row["o_recorded_at"])
        return answer

    def _prepare(
        self, log: UUID, batch: Sequence[Append], found: dict[str, Key], subjects: Sequence[str]
    ) -> Batch:
        fresh = [self._keys.fresh(log, subject) for subject in subjects if subject not in found]
        keys = found | {offered.key.subject: offered.key for offered in fresh}
        prepared = Batch(log, self._registry, keys, fresh, self._ids.random)
        prepared.add(batch)
        return prepared

    async def _first_answers(
        self, log: UUID, commands: Sequence[Append]
    ) -> Sequence[Known | LookupFailed]:
        """The first answers of commands that are in the log; tried on one pool, then the other."""
        for pool in (self._appends, self._reads):
            try:
                return await self._look_up(pool, log, commands)
            except StoreError as error:
                _logger.warning("first answers could not be looked up: %s", error)
        return [LookupFailed()] * len(commands)

    async def _look_up(self, pool: Pool, log: UUID, commands: Sequence[Append]) -> list[Known]:
        """In one query for all."""
        ids = [_ids_of(log, command.actor, command.command) for command in commands]
        every = [event_id for several in ids for event_id in several]
        async with pool.connection() as connection:
            rows = stored(await connection.fetch(statement("recheck"), log, every, []))
            keys = await self._reader.keys_of(connection, log, rows)
        by_id = {row.event_id: row for row in rows}
        return [
            self._known(log, [by_id[id_] for id_ in several if id_ in by_id], keys, command.content)
            for command, several in zip(commands, ids, strict=True)
        ]

    def _known(
        self, log: UUID, rows: Sequence[StoredEvent], keys: dict[UUID, Key], content: bytes
    ) -> Known:
        """The first answer of a command with these rows, in order."""
        first, last = rows[0], rows[-1]
        try:
            event = self._reader.event(log, last, keys)
        except UnknownEvent:  # of a newer program: where it stands is the answer all the same
            event = damaged(log, last)
        try:
            key, stored = keys.get(first.key_id), decrypted(log, first, keys)
        except EventDamaged:
            return Known(event, same=True)
        if not isinstance(key, DataKey) or stored is None:
            return Known(event, same=True)
        return Known(event, same=stored.digest == key.command_digest(content))

    def _watch_clock(self, server: int, latest: int) -> None:
        """Tell the operator, once, when the times of server or log and this node's drift apart."""
        now = int(self._clock.now() * 1_000_000)
        off = max(latest - now, now - server) > CLOCK_ALARM_US
        if off and not self._clock_is_off:
            _logger.error(
                "alarm: the log's time is %+.0f s, the database server's %+.0f s off this"
                " node's clock",
                (latest - now) / 1e6,
                (server - now) / 1e6,
            )
        self._clock_is_off = off

    async def recheck(
        self, log: UUID, actor: Actor, command: UUID, content: bytes, streams: Sequence[str]
    ) -> Recheck:
        ids = _ids_of(log, actor, command)
        async with self._reads.connection() as connection:
            rows = stored(await connection.fetch(statement("recheck"), log, ids, streams))
            versions = dict.fromkeys(streams, 0)
            for row in rows:
                if row.stream in versions:
                    versions[row.stream] = max(versions[row.stream], row.version)
            by_id = {row.event_id: row for row in rows}
            own = [by_id[id_] for id_ in ids if id_ in by_id]
            if not own:
                return Recheck(None, same=False, versions=versions)
            keys = await self._reader.keys_of(connection, log, own)
        known = self._known(log, own, keys, content)
        return Recheck(known.last, known.same, versions)

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        return await self._read("read_log", log, after, limit)

    async def read_stream(
        self, log: UUID, stream: str, after: int, limit: int
    ) -> list[RecordedEvent]:
        return await self._read("read_stream", log, stream, after, limit)

    async def read_positions(self, log: UUID, positions: Sequence[int]) -> list[RecordedEvent]:
        return await self._read("read_positions", log, positions)

    async def _read(
        self, query: str, log: UUID, *place: str | int | Sequence[int]
    ) -> list[RecordedEvent]:
        async with self._reads.connection() as connection:
            rows = stored(await connection.fetch(statement(query), log, *place, self._page_bytes))
            keys = await self._reader.keys_of(connection, log, rows)
        return self._reader.decode(log, rows, keys, self._page_bytes)

    async def open(self, log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        keys = self._reader.kept_keys(log, events)
        if keys is None:
            async with self._reads.connection() as connection:
                keys = await self._reader.keys_of(connection, log, events)
        return [self._reader.event(log, event, keys) for event in events]

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        async with self._reads.connection() as connection:
            return [LogHead(*row) for row in await connection.fetch(statement("heads"), logs)]

    async def stream_heads(
        self, log: UUID, asked: Sequence[tuple[str | None, int]]
    ) -> list[StreamHead]:
        streams, offsets = [stream for stream, _ in asked], [offset for _, offset in asked]
        async with self._reads.connection() as connection:
            rows = await connection.fetch(statement("stream_heads"), log, streams, offsets)
        return [StreamHead(*row) for row in rows]

    async def moment(self, log: UUID, asked: Asked, stream: str | None = None) -> Moment:
        async with self._reads.connection() as connection:
            row = await connection.fetchrow(
                statement("moment"), log, asked.position, asked.recorded_at, stream
            )
        assert row is not None
        return Moment(*row)

    async def find_log(self, tenant: str) -> UUID | None:
        async with self._reads.connection() as connection:
            found: UUID | None = await connection.fetchval(statement("find_log"), tenant)
        return found

    async def create_log(self, log: UUID, tenant: str) -> None:
        async with self._appends.connection() as connection:
            if not await connection.fetchval(statement("create_log"), log, tenant):
                raise Refused("exists", "A tenant of this name exists already.")

    async def epoch(self) -> str:
        async with self._reads.connection() as connection:
            name: str = await connection.fetchval(statement("epoch"))
        return name

    async def destroy_key(self, log: UUID, subject: str) -> None:
        """Destroy a subject's key: what is under it cannot be read again, nor anything added.

        The erasure's events are appended by the caller, under the tenant's own key.
        """
        await self._keys.destroy(self._owner, log, subject)


@contextmanager
def _isolating() -> Iterator[None]:
    """Let what is wrong with one subject be found by halving, so that it fails its own only."""
    try:
        yield
    except (EventDamaged, UnknownEvent) as error:
        raise BatchRefused(str(error)) from None


def _ids_of(log: UUID, actor: Actor, command: UUID) -> list[UUID]:
    return event_ids(log, actor.role, actor.id, command)

"""The subjects' data keys: fetched, made, destroyed, and kept in memory for a while.

A key in memory is good for writing at any age, because the append checks its row under the lock;
for reading it is asked for anew after a while, so that an erasure elsewhere is felt. That a key
was destroyed is true for ever.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg
from msgspec import Struct

from adapters.postgres.cipher import DataKey
from adapters.postgres.failures import CannotStart
from adapters.postgres.masterkeys import KEY_BYTES, KeyName, MasterKeys
from adapters.postgres.pools import Connection, Pool
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.sql import statement
from domain.errors import EventDamaged, StoreUnavailable
from domain.ports import Clock, Ids


class Destroyed(Struct, frozen=True):
    """What is left of a key: whose it was."""

    key_id: UUID
    subject: str


class Damaged(Struct, frozen=True):
    """A key that does not open under its master key: no erasure, and not to be taken for one."""

    key_id: UUID
    subject: str


class Offered(Struct, frozen=True):
    """A fresh key that becomes its subject's if the subject still has none under the lock."""

    key: DataKey
    wrapped: bytes


Key = DataKey | Destroyed | Damaged


class KeyCache:
    """The keys of many subjects by id and by subject, the least recently used dropped first."""

    def __init__(self, clock: Clock, *, size: int, age_s: float) -> None:
        self._clock = clock
        self._size = size
        self._age_s = age_s
        self._kept: OrderedDict[tuple[UUID, UUID], tuple[Key, float]] = OrderedDict()
        self._ids: dict[tuple[UUID, str], UUID] = {}

    def of_subject(self, log: UUID, subject: str) -> Key | None:
        """The subject's key, unless it is too old."""
        key_id = self._ids.get((log, subject))
        return None if key_id is None else self.of_id(log, key_id)

    def of_id(self, log: UUID, key_id: UUID) -> Key | None:
        """The key of this id, unless it is too old."""
        found = self._kept.get((log, key_id))
        if found is None:
            return None
        key, since = found
        if isinstance(key, DataKey) and self._clock.monotonic() - since > self._age_s:
            return None
        self._kept.move_to_end((log, key_id))
        return key

    def put(self, log: UUID, key: Key) -> None:
        """Keep a key that was just seen in the store."""
        self._kept[log, key.key_id] = (key, self._clock.monotonic())
        self._kept.move_to_end((log, key.key_id))
        self._ids[log, key.subject] = key.key_id
        while len(self._kept) > self._size:
            (old_log, _), (old, _) = self._kept.popitem(last=False)
            del self._ids[old_log, old.subject]

    def forget(self, log: UUID, subject: str) -> None:
        """Drop a subject's key, and what is known of it."""
        key_id = self._ids.pop((log, subject), None)
        if key_id is not None:
            del self._kept[log, key_id]


class SubjectKeys:
    """The keys as the store has them. Methods take the connection of whoever asks."""

    def __init__(
        self, masters: MasterKeys, clock: Clock, ids: Ids, settings: PostgresSettings
    ) -> None:
        self._masters = masters
        self._ids = ids
        self._cache = KeyCache(clock, size=settings.key_cache_size, age_s=settings.key_cache_age_s)

    @property
    def current_master(self) -> str:
        """The fingerprint of the master key that fresh keys are wrapped under."""
        return self._masters.current

    def forget(self, log: UUID, subject: str) -> None:
        """Drop what is kept of a subject's key: call it where an erasure is seen."""
        self._cache.forget(log, subject)

    def keep(self, log: UUID, key: DataKey) -> None:
        """Keep a key of which the store has just said that it is live."""
        self._cache.put(log, key)

    async def of_subjects(
        self, connection: Connection, log: UUID, subjects: Iterable[str]
    ) -> dict[str, Key]:
        """The keys of those of the subjects that have one, destroyed ones too."""
        wanted = set(subjects)
        found = self._kept_of(log, wanted)
        missing = [name for name in wanted if name not in found]
        for key in await self._fetch(connection, log, [], missing):
            found[key.subject] = key
        return found

    def _kept_of(self, log: UUID, subjects: Iterable[str]) -> dict[str, Key]:
        return {name: key for name in subjects if (key := self._cache.of_subject(log, name))}

    def kept(self, log: UUID, ids: Iterable[UUID]) -> dict[UUID, Key]:
        """Those of the keys that are in memory."""
        return {key_id: key for key_id in ids if (key := self._cache.of_id(log, key_id))}

    async def of_ids(
        self, connection: Connection, log: UUID, ids: Sequence[UUID]
    ) -> dict[UUID, Key]:
        """The keys of these ids, destroyed ones too; what no row has is missing."""
        return {key.key_id: key for key in await self._fetch(connection, log, ids, [])}

    async def find(self, pool: Pool, log: UUID, subjects: Iterable[str]) -> dict[str, Key]:
        """The keys of those of the subjects that have one; none is made."""
        wanted = set(subjects)
        found = self._kept_of(log, wanted)
        if len(found) < len(wanted):
            async with pool.connection() as connection:
                found |= await self.of_subjects(connection, log, wanted - found.keys())
        return found

    async def _fetch(
        self, connection: Connection, log: UUID, ids: Sequence[UUID], subjects: Sequence[str]
    ) -> list[Key]:
        if not ids and not subjects:
            return []
        rows = await connection.fetch(statement("keys"), log, ids, subjects)
        keys = [self._opened(log, row) for row in rows]
        for key in keys:
            if not isinstance(key, Damaged):  # it may be mended meanwhile
                self._cache.put(log, key)
        return keys

    def _opened(self, log: UUID, row: asyncpg.Record) -> Key:
        key_id, subject, wrapped, master_key = row
        if wrapped is None:
            return Destroyed(key_id, subject)
        name = KeyName(log, subject, key_id)
        try:
            return DataKey(key_id, subject, self._masters.unwrap(name, wrapped, master_key))
        except EventDamaged:
            return Damaged(key_id, subject)
        except CannotStart as error:  # this node's fault: another, or a restart, can
            raise StoreUnavailable(str(error)) from error

    def fresh(self, log: UUID, subject: str) -> Offered:
        """A new key for a subject that seems to have none."""
        key_id, secret = self._ids.uuid(), self._ids.random(KEY_BYTES)
        wrapped = self._masters.wrap(KeyName(log, subject, key_id), secret, self._ids.random)
        return Offered(DataKey(key_id, subject, secret), wrapped)

    async def ensure(self, pool: Pool, log: UUID, subjects: Iterable[str]) -> dict[str, Key]:
        """The keys of all these subjects, made where there were none."""
        wanted = set(subjects)
        found = await self.find(pool, log, wanted)
        new = [self.fresh(log, subject) for subject in wanted if subject not in found]
        if new:
            ids = [offered.key.key_id for offered in new]
            names = [offered.key.subject for offered in new]
            wrapped = [offered.wrapped for offered in new]
            async with pool.connection() as connection:
                await connection.execute(
                    statement("add_keys"), log, ids, names, wrapped, self.current_master
                )
                found |= await self.of_subjects(connection, log, names)
        return found

    async def destroy(self, pool: Pool, log: UUID, subject: str) -> None:
        """Destroy a subject's key, for ever: what is under it can never be read again.

        ``pool`` is the owner's: no serving role may do this.
        """
        async with pool.connection() as connection:
            await connection.execute(statement("destroy_key"), log, subject, self._ids.uuid())
        self.forget(log, subject)

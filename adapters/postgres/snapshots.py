"""Snapshots on PostgreSQL: :class:`domain.ports.Snapshots`, each under its subject's key.

What it was made of is part of what the ciphertext is bound to, so that a row which somebody moved
or relabelled does not open. What does not open is as good as not there.
"""

from __future__ import annotations

from uuid import UUID

from adapters.postgres.cipher import NONCE_BYTES, DataKey, decrypt_label, encrypt_label
from adapters.postgres.keys import SubjectKeys
from adapters.postgres.pools import Pool
from adapters.postgres.sql import statement
from domain.errors import EventDamaged
from domain.ports import Ids, Snapshot


class PostgresSnapshots:
    """Snapshots in ``es.snapshot``. Nothing here waits for the pool that appends."""

    def __init__(self, pool: Pool, keys: SubjectKeys, ids: Ids) -> None:
        self._pool = pool
        self._keys = keys
        self._ids = ids

    async def find_snapshot(self, log: UUID, stream: str, form: int) -> Snapshot | None:
        async with self._pool.connection() as connection:
            row = await connection.fetchrow(statement("find_snapshot"), log, stream, form)
            if row is None:
                return None
            version, chain_hash, key_id, stored = row
            keys = self._keys.kept(log, [key_id])
            if not keys:
                keys = await self._keys.of_ids(connection, log, [key_id])
        key = keys.get(key_id)
        if not isinstance(key, DataKey):
            return None
        purpose = _purpose(stream, version, chain_hash, form)
        try:
            state = decrypt_label(key, log, purpose, stored)
        except EventDamaged:
            return None
        return Snapshot(stream, version, chain_hash, form, key.subject, state)

    async def keep_snapshot(self, log: UUID, snapshot: Snapshot) -> None:
        stream, version, chain_hash, form, subject, state = (
            snapshot.stream,
            snapshot.version,
            snapshot.hash,
            snapshot.form,
            snapshot.subject,
            snapshot.state,
        )
        key = (await self._keys.find(self._pool, log, [subject])).get(subject)
        if not isinstance(key, DataKey):
            return
        purpose = _purpose(stream, version, chain_hash, form)
        stored = encrypt_label(key, log, purpose, state, self._ids.random(NONCE_BYTES))
        async with self._pool.connection() as connection:
            await connection.execute(
                statement("keep_snapshot"),
                log,
                stream,
                version,
                chain_hash,
                form,
                key.key_id,
                stored,
            )


def _purpose(stream: str, version: int, chain_hash: bytes, form: int) -> str:
    return f"es.snapshot {stream} {version} {chain_hash.hex()} {form}"

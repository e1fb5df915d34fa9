"""What read models keep of people: labels under their subject's key, and blind digests.

A label of an erased subject cannot be opened any more, in a live table as in a backup. A blind
digest finds a value again without telling it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import digest as hmac_digest
from uuid import UUID

from adapters.postgres.cipher import NONCE_BYTES, DataKey, decrypt_label, encrypt_label
from adapters.postgres.keys import Key, SubjectKeys
from adapters.postgres.pools import Pool
from domain import streams
from domain.errors import EventDamaged
from domain.ports import Ids
from projections.ports import Labels


class SubjectCipher:
    """:class:`projections.ports.LabelCipher`. Keys that are not in memory cost one query a call.

    Encrypting makes the key of a subject that has none; opening makes nothing.
    """

    def __init__(self, pool: Pool, keys: SubjectKeys, ids: Ids) -> None:
        self._pool = pool
        self._keys = keys
        self._ids = ids

    async def encrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        keys = await self._of(log, [subject for subject, _ in labels])
        return [
            encrypt_label(key, log, purpose, plain, self._ids.random(NONCE_BYTES))
            if isinstance(key := keys[subject], DataKey)
            else None
            for subject, plain in labels
        ]

    async def decrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        keys = await self._keys.find(self._pool, log, [subject for subject, _ in labels])
        return [_opened(keys.get(subject), log, purpose, stored) for subject, stored in labels]

    async def digests(self, log: UUID, purpose: str, texts: Sequence[str]) -> list[bytes]:
        """HMAC-SHA256 of each text under a key of this tenant and this purpose, 32 bytes each."""
        key = (await self._of(log, [streams.TENANT]))[streams.TENANT]
        if not isinstance(key, DataKey):
            raise EventDamaged(f"the key {key.key_id}, which is the tenant's own, does not open")
        derived = key.derive(f"parley.blind.1 {purpose}")
        return [hmac_digest(derived, text.encode(), "sha256") for text in texts]

    async def _of(self, log: UUID, subjects: Sequence[str]) -> dict[str, Key]:
        return await self._keys.ensure(self._pool, log, subjects)


def _opened(key: Key | None, log: UUID, purpose: str, stored: bytes) -> bytes | None:
    if not isinstance(key, DataKey):
        return None
    try:
        return decrypt_label(key, log, purpose, stored)
    except EventDamaged:
        return None

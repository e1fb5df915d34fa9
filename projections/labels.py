"""Labels of read models: structures on their way to and from their subject's key.

One that cannot be read, because its subject was erased or because it is damaged, is None; a view
shows it as erased and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from projections.ports import LabelCipher

_T = TypeVar("_T")


class LabelCodec(Generic[_T]):
    """Labels of one type for one column, which ``purpose`` names."""

    def __init__(self, cipher: LabelCipher, purpose: str, kind: type[_T]) -> None:
        self._cipher = cipher
        self._purpose = purpose
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    async def encrypt(self, log: UUID, labels: Sequence[tuple[str, _T]]) -> list[bytes | None]:
        """The bytes to store of each (subject, label); None where the subject was erased."""
        plain = [(subject, self._encoder.encode(label)) for subject, label in labels]
        return await self._cipher.encrypt(log, self._purpose, plain) if plain else []

    async def decrypt(
        self, log: UUID, stored: Sequence[tuple[str, bytes | None]]
    ) -> list[_T | None]:
        """The label of each (subject, bytes as stored), or None."""
        encrypted = [(subject, raw) for subject, raw in stored if raw is not None]
        if not encrypted:
            return [None] * len(stored)
        opened = iter(await self._cipher.decrypt(log, self._purpose, encrypted))
        return [None if raw is None else self._decode(next(opened)) for _, raw in stored]

    def _decode(self, plain: bytes | None) -> _T | None:
        return None if plain is None else self._decoder.decode(plain)

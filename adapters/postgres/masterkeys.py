"""The master keys: what every subject's data key is wrapped under.

They come from a file or a variable that ``ops`` reads, never from the database nor its backups.
Rotation puts a new key in front and wraps the data keys anew; events are never touched.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Sequence
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from adapters.postgres.failures import CannotStart
from domain.bytecode import fields
from domain.errors import EventDamaged

KEY_BYTES = 32
NONCE_BYTES = 12
_FORMAT = b"\x01"
_PURPOSE = "parley.subject_key.1"


class KeyName(Struct, frozen=True):
    """Which data key it is: a wrapped one that was moved to another row does not open."""

    log: UUID
    subject: str
    key_id: UUID


class MasterKeys:
    """A ring of keys: the first wraps, all of them open.

    A fingerprint, which is kept beside each wrapped key, is the first 8 bytes of the key's SHA-256
    in hex: it tells keys apart and nothing about them.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise CannotStart(f"a master key has {KEY_BYTES} bytes; at least one is needed")
        self._ring = {fingerprint(key): AESGCM(key) for key in keys}
        self.current = fingerprint(keys[0])

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self._ring)})"

    @classmethod
    def parse(cls, text: str) -> MasterKeys:
        """Keys in base64, one a line, the current one first. Empty lines and # are skipped."""
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        try:
            return cls([b64decode(line, validate=True) for line in lines if line])
        except binascii.Error:
            raise CannotStart("a master key is not in base64") from None

    @property
    def fingerprints(self) -> frozenset[str]:
        """Those of all keys of the ring."""
        return frozenset(self._ring)

    def wrap(self, name: KeyName, key: bytes, random: Callable[[int], bytes]) -> bytes:
        """A data key under the current master key: format byte, nonce, AES-256-GCM ciphertext.

        GCM and not AES key wrap (RFC 3394), because that binds no name to the key.
        """
        nonce = random(NONCE_BYTES)
        return _FORMAT + nonce + self._ring[self.current].encrypt(nonce, key, _bound(name))

    def unwrap(self, name: KeyName, wrapped: bytes, master_key: str) -> bytes:
        """The data key again. Raises CannotStart without that master key, EventDamaged."""
        cipher = self._ring.get(master_key)
        if cipher is None:
            raise CannotStart(f"the master key {master_key} is not among those given")
        nonce, encrypted = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        try:
            if wrapped[:1] == _FORMAT:
                return cipher.decrypt(nonce, encrypted, _bound(name))
        except (InvalidTag, ValueError):
            pass
        raise EventDamaged(f"the wrapped key {name.key_id} of log {name.log} does not open")


def fingerprint(key: bytes) -> str:
    """What a master key is called."""
    return sha256(key).digest()[:8].hex()


def _bound(name: KeyName) -> bytes:
    return fields(_PURPOSE, name.log, name.subject, name.key_id)

"""What is done with a subject's data key: event data, labels of read models, keyed digests.

Pure: keys, nonces and bytes come in, bytes go out. The layouts here are stored and may never
change; the format byte in front makes room for others.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from hmac import digest as hmac_digest
from hmac import new as new_hmac
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from domain.bytecode import UUID_FIELD, field, fields
from domain.errors import EventDamaged

NONCE_BYTES: Final = 12
DIGEST_BYTES: Final = 16
COMPRESS_ABOVE_BYTES: Final = 1024
_FORMAT: Final = 1
_PLAIN: Final = 0
_ZLIB: Final = 1
_HEADERS = {way: bytes((_FORMAT, way)) for way in (_PLAIN, _ZLIB)}
_HEADER_BYTES = 2


class Content(Struct, frozen=True, array_like=True):
    """The plaintext of an event's ``data``: all of the event that may be personal.

    ``digest`` is the keyed digest of the command's content, on its first event; ``name`` the
    actor's; ``payload`` the event's own bytes.
    """

    digest: bytes | None
    name: str | None
    payload: bytes


class Place(Struct, frozen=True):
    """What of an event its ciphertext is bound to: all that is known before the lock."""

    log: UUID
    event_id: UUID
    type: str
    schema_version: int
    key_id: UUID


class DataKey:
    """A subject's key, ready for use. Its bytes do not leave the object."""

    __slots__ = ("_cipher", "_digests", "_secret", "key_id", "subject")

    def __init__(self, key_id: UUID, subject: str, secret: bytes) -> None:
        self.key_id = key_id
        self.subject = subject
        self._secret = secret
        self._cipher = AESGCM(secret)
        self._digests = new_hmac(self.derive("parley.command.1"), digestmod="sha256")

    def derive(self, purpose: str) -> bytes:
        """A key for one other purpose, which tells nothing about this one."""
        return hmac_digest(self._secret, purpose.encode(), "sha256")

    def command_digest(self, content: bytes) -> bytes:
        """What tells two contents of one command id apart, and nothing else about them."""
        keyed = self._digests.copy()  # half the price of keying anew
        keyed.update(content)
        return keyed.digest()[:DIGEST_BYTES]

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Nonce and ciphertext."""
        return nonce + self._cipher.encrypt(nonce, plain, bound)

    def decrypt(self, encrypted: bytes, bound: bytes) -> bytes:
        """The plaintext. Raises :class:`cryptography.exceptions.InvalidTag`, ValueError."""
        return self._cipher.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], bound)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Content)


def encrypt_event(key: DataKey, place: Place, content: Content, nonce: bytes) -> bytes:
    """An event's ``data``: format byte, compression byte, nonce, AES-256-GCM ciphertext and tag."""
    plain, way = _encoder.encode(content), _PLAIN
    if len(plain) > COMPRESS_ABOVE_BYTES:
        smaller = zlib.compress(plain)
        if len(smaller) < len(plain):
            plain, way = smaller, _ZLIB
    return _HEADERS[way] + key.encrypt(nonce, plain, _bound(place))


def decrypt_event(key: DataKey, place: Place, data: bytes) -> Content:
    """What was encrypted. Raises EventDamaged where that is not what is in the row."""
    try:
        if data[0] != _FORMAT:
            raise EventDamaged(f"data of event {place.event_id} has the unknown format {data[0]}")
        plain = key.decrypt(data[_HEADER_BYTES:], _bound(place))
        if data[1] == _ZLIB:
            plain = zlib.decompress(plain)
        return _decoder.decode(plain)
    except (InvalidTag, ValueError, IndexError, zlib.error):
        raise EventDamaged(f"data of event {place.event_id} does not open") from None


def _bound(place: Place) -> bytes:
    """``fields`` of the place, in order; what recurs is made once."""
    return b"".join(
        (
            UUID_FIELD,
            place.log.bytes,
            UUID_FIELD,
            place.event_id.bytes,
            _type_fields(place.type, place.schema_version),
            UUID_FIELD,
            place.key_id.bytes,
        )
    )


@lru_cache(maxsize=1_000)
def _type_fields(type_: str, schema_version: int) -> bytes:
    return fields(type_, schema_version)


def encrypt_label(key: DataKey, log: UUID, purpose: str, plain: bytes, nonce: bytes) -> bytes:
    """A read model's label under its subject's key: format byte, nonce, ciphertext and tag."""
    return bytes((_FORMAT,)) + key.encrypt(nonce, plain, _label(key, log, purpose))


def decrypt_label(key: DataKey, log: UUID, purpose: str, encrypted: bytes) -> bytes:
    """The label again. Raises EventDamaged."""
    try:
        if encrypted[0] == _FORMAT:
            return key.decrypt(encrypted[1:], _label(key, log, purpose))
    except (InvalidTag, ValueError, IndexError):
        pass
    raise EventDamaged(f"a label ({purpose}) under key {key.key_id} does not open")


def _label(key: DataKey, log: UUID, purpose: str) -> bytes:
    """``fields`` of the format, the log, the subject and the purpose."""
    return _label_of_log(log) + field(key.subject) + _purpose(purpose)


@lru_cache(maxsize=1_000)
def _label_of_log(log: UUID) -> bytes:
    return fields("parley.label.1", log)


@lru_cache(maxsize=1_000)
def _purpose(purpose: str) -> bytes:
    return field(purpose)

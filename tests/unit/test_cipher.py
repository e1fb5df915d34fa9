"""The cipher of event data and of labels: what is stored, what it is bound to, what breaks it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from hmac import digest as hmac_digest
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.structs import replace

from adapters.postgres.cipher import (
    DIGEST_BYTES,
    Content,
    DataKey,
    Place,
    decrypt_event,
    decrypt_label,
    encrypt_event,
    encrypt_label,
)
from adapters.postgres.failures import CannotStart
from adapters.postgres.masterkeys import KeyName, MasterKeys, fingerprint
from domain.bytecode import fields
from domain.errors import EventDamaged

LOG = UUID("018c0000-0000-7000-8000-000000000001")
SECRET = bytes(range(32))
NONCE = b"twelve bytes"
KEY = DataKey(UUID(int=7), "visitor-1", SECRET)
PLACE = Place(LOG, UUID(int=5), "message.posted", 1, KEY.key_id)
CONTENT = Content(b"d" * DIGEST_BYTES, "Ada", b"payload")
OLD, NEW = b"o" * 32, b"n" * 32
NAME = KeyName(LOG, "visitor-1", KEY.key_id)


def _nonce(count: int) -> bytes:
    return NONCE[:count]


def test_what_was_sealed_opens() -> None:
    """Digest, name and payload come back."""
    assert decrypt_event(KEY, PLACE, encrypt_event(KEY, PLACE, CONTENT, NONCE)) == CONTENT


def test_the_layout_is_as_written_down() -> None:
    """Format byte, compression byte, nonce, ciphertext of a msgpack array, bound to its place."""
    data = encrypt_event(KEY, PLACE, CONTENT, NONCE)
    assert data[:14] == b"\x01\x00" + NONCE
    bound = fields(LOG, PLACE.event_id, "message.posted", 1, KEY.key_id)
    plain = AESGCM(SECRET).decrypt(NONCE, data[14:], bound)
    assert msgspec.msgpack.decode(plain) == [b"d" * DIGEST_BYTES, "Ada", b"payload"]


@pytest.mark.parametrize(
    ("payload", "way"),
    [
        pytest.param(b"a" * 900, 0, id="small"),
        pytest.param(b"a" * 5_000, 1, id="large"),
        pytest.param(b"".join(sha256(bytes([n])).digest() for n in range(100)), 0, id="random"),
    ],
)
def test_only_large_texts_are_compressed(payload: bytes, way: int) -> None:
    """Above 1 KiB, and only where that makes it smaller; either way it comes back."""
    content = Content(None, None, payload)
    data = encrypt_event(KEY, PLACE, content, NONCE)
    assert data[1] == way
    assert decrypt_event(KEY, PLACE, data) == content


@pytest.mark.parametrize(
    "moved",
    [
        replace(PLACE, log=UUID(int=1)),
        replace(PLACE, event_id=UUID(int=1)),
        replace(PLACE, type="note.added"),
        replace(PLACE, schema_version=2),
        replace(PLACE, key_id=UUID(int=1)),
    ],
)
def test_data_opens_only_in_its_place(moved: Place) -> None:
    """Ciphertext that was put into another event does not open."""
    with pytest.raises(EventDamaged):
        decrypt_event(KEY, moved, encrypt_event(KEY, PLACE, CONTENT, NONCE))


@pytest.mark.parametrize("at", range(0, 60, 3))
def test_every_byte_counts(at: int) -> None:
    """A changed byte anywhere is seen."""
    data = bytearray(encrypt_event(KEY, PLACE, CONTENT, NONCE))
    data[at] ^= 1
    with pytest.raises(EventDamaged):
        decrypt_event(KEY, PLACE, bytes(data))


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x00", b"\x02\x00" + bytes(40)])
def test_what_is_no_ciphertext_is_damaged(data: bytes) -> None:
    """Too short, or of an unknown format: damaged, not a crash."""
    with pytest.raises(EventDamaged):
        decrypt_event(KEY, PLACE, data)


def test_a_command_digest_is_keyed_and_short() -> None:
    """It is HMAC-SHA256 under a key derived from the data key, cut to 16 bytes."""
    derived = hmac_digest(SECRET, b"parley.command.1", "sha256")
    assert KEY.command_digest(b"content") == hmac_digest(derived, b"content", "sha256")[:16]
    assert KEY.command_digest(b"content") != KEY.command_digest(b"other")
    assert KEY.command_digest(b"content") == KEY.command_digest(b"content")


def test_a_label_opens_only_for_its_purpose() -> None:
    """A label of one column, put into another, of another log, or of another key is damaged."""
    label = encrypt_label(KEY, LOG, "sessions.name", b"Ada", NONCE)
    assert decrypt_label(KEY, LOG, "sessions.name", label) == b"Ada"
    bound = fields("parley.label.1", LOG, KEY.subject, "sessions.name")
    assert KEY.decrypt(label[1:], bound) == b"Ada"
    other_key = DataKey(UUID(int=8), "visitor-1", NEW)
    for key, log, purpose in (
        (KEY, LOG, "sessions.mail"),
        (KEY, UUID(int=1), "sessions.name"),
        (other_key, LOG, "sessions.name"),
    ):
        with pytest.raises(EventDamaged):
            decrypt_label(key, log, purpose, label)


def test_a_wrapped_key_opens_under_its_master_key() -> None:
    """The first key of the ring wraps, and any of them opens what it once wrapped."""
    wrapped = MasterKeys([OLD]).wrap(NAME, SECRET, _nonce)
    both = MasterKeys([NEW, OLD])
    assert both.unwrap(NAME, wrapped, fingerprint(OLD)) == SECRET
    assert both.current == fingerprint(NEW)
    with pytest.raises(CannotStart, match=fingerprint(OLD)):
        MasterKeys([NEW]).unwrap(NAME, wrapped, fingerprint(OLD))


@pytest.mark.parametrize(
    "name",
    [
        replace(NAME, log=UUID(int=1)),
        replace(NAME, subject="visitor-2"),
        replace(NAME, key_id=UUID(int=1)),
    ],
)
def test_a_wrapped_key_opens_only_in_its_row(name: KeyName) -> None:
    """A wrapped key that was copied to another row does not open."""
    masters = MasterKeys([OLD])
    wrapped = masters.wrap(NAME, SECRET, _nonce)
    with pytest.raises(EventDamaged):
        masters.unwrap(name, wrapped, masters.current)


def test_master_keys_are_read_from_lines() -> None:
    """One in base64 a line, the current one first; what is no key is refused, without its text."""
    first, second = b64encode(NEW).decode(), b64encode(OLD).decode()
    text = f"# current\n{first}\n\n  {second} # old\n"
    keys = MasterKeys.parse(text)
    assert (keys.current, keys.fingerprints) == (
        fingerprint(NEW),
        frozenset({fingerprint(NEW), fingerprint(OLD)}),
    )
    for bad in ("", "c2hvcnQ=", "not base64!"):
        with pytest.raises(CannotStart) as refused:
            MasterKeys.parse(bad)
        assert "short" not in str(refused.value)


def test_secrets_do_not_show() -> None:
    """Neither a ring nor a data key tells its bytes when printed."""
    assert OLD.hex() not in repr(MasterKeys([OLD]))
    assert SECRET.hex() not in repr(KEY)

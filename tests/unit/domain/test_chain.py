"""The hash chain: its layout, and that every field counts."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

import pytest
from msgspec.structs import asdict, replace

from domain.chain import Link, genesis, next_hash

LOG = UUID("018c0000-0000-7000-8000-000000000001")
LINK = Link(
    log=LOG,
    position=7,
    stream="conversation-1",
    version=3,
    type="message.posted",
    schema_version=1,
    event_id=UUID("018cc251-f400-8abc-9def-0123456789ab"),
    actor_role="visitor",
    actor_id="ada",
    recorded_at=1_700_000_000_123_456,
    key_id=UUID("018cc251-f400-7abc-9def-0123456789ab"),
    metadata=b"\x81\xa1a\x01",
    data=b"\x01\x00ciphertext",
)


def test_golden_chain() -> None:
    """These hashes stand in logs and in seals kept elsewhere."""
    assert genesis(LOG).hex() == "9b278cef87755a06a455c3bf301419bfc72a6820a841bdec2195bc145a334b52"
    assert (
        next_hash(genesis(LOG), LINK).hex()
        == "b3d744610cb17b43a9c47f5fff50efad0c9c235a5d07b776021322330abfc7ee"
    )


def test_the_layout_by_hand() -> None:
    """Previous hash, format byte, then each field as length and bytes in the documented order."""
    parts = [
        LOG.bytes,
        (7).to_bytes(8, "big"),
        b"conversation-1",
        (3).to_bytes(8, "big"),
        b"message.posted",
        (1).to_bytes(8, "big"),
        LINK.event_id.bytes,
        b"visitor",
        b"ada",
        (1_700_000_000_123_456).to_bytes(8, "big"),
        LINK.key_id.bytes,
        LINK.metadata,
        LINK.data,
    ]
    written = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    expected = sha256(b"p" * 32 + b"\x01" + written).digest()
    assert next_hash(b"p" * 32, LINK) == expected


def test_the_first_hash_by_hand() -> None:
    """Before the first event stands the hash of a fixed word and the log's id."""
    assert genesis(LOG) == sha256(b"parley.log.1" + LOG.bytes).digest()


@pytest.mark.parametrize("name", Link.__struct_fields__)
def test_every_field_counts(name: str) -> None:
    """A change of any one field, or of the hash before, changes the hash."""
    value = asdict(LINK)[name]
    changed = UUID(int=1) if isinstance(value, UUID) else value + type(value)(1)
    if isinstance(value, str):
        changed = value + "x"
    before = next_hash(genesis(LOG), LINK)
    assert next_hash(genesis(LOG), replace(LINK, **{name: changed})) != before
    assert next_hash(b"p" * 32, LINK) != before

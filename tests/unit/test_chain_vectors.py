"""The hash chain against vectors that were computed apart from it, and against the plain layout."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from domain.chain import Link, genesis, next_hash
from tests.unit.golden.chain import LOG, VECTORS, link_of


def _plain_hash(previous: bytes, fields: dict[str, Any]) -> bytes:
    """The layout of docs/architecture.md in the plainest words: no code of the product's."""
    hashed = sha256(previous + b"\x01")
    order = (
        "log position stream version type schema_version event_id actor_role actor_id recorded_at"
        " key_id metadata data"
    )
    for name in order.split():
        value = fields[name]
        if name in {"log", "event_id", "key_id"}:
            raw = bytes.fromhex(value.replace("-", ""))
        elif name in {"metadata", "data"}:
            raw = bytes.fromhex(value)
        elif isinstance(value, int):
            raw = value.to_bytes(8, "big")
        else:
            raw = value.encode("utf-8")
        hashed.update(len(raw).to_bytes(4, "big") + raw)
    return hashed.digest()


def test_genesis_is_the_vectors() -> None:
    """The hash before the first event is SHA-256 of the label and the log's id."""
    assert genesis(LOG).hex() == VECTORS["genesis"]
    assert sha256(b"parley.log.1" + LOG.bytes).hexdigest() == VECTORS["genesis"]


def test_the_chain_is_the_vectors() -> None:
    """Each event's hash follows from the one before, to the byte."""
    previous = bytes.fromhex(VECTORS["genesis"])
    for event in VECTORS["events"]:
        computed = next_hash(previous, link_of(event))
        assert computed.hex() == event["hash"] == _plain_hash(previous, event).hex()
        previous = computed


@pytest.mark.parametrize("name", Link.__struct_fields__)
def test_every_field_is_hashed(name: str) -> None:
    """A change of any one field gives another hash."""
    link = link_of(VECTORS["events"][0])
    changed: dict[type, Any] = {
        UUID: UUID(int=1),
        int: 999,
        str: "another",
        bytes: b"another",
    }
    values = {field: getattr(link, field) for field in Link.__struct_fields__}
    values[name] = changed[type(values[name])]
    assert next_hash(b"p" * 32, Link(**values)) != next_hash(b"p" * 32, link)


def test_fields_do_not_run_into_each_other() -> None:
    """Text moved from one field to the next is another event."""
    event = VECTORS["events"][0]
    shifted = event | {"actor_role": event["actor_role"] + "x", "actor_id": "y"}
    other = event | {"actor_role": event["actor_role"], "actor_id": "xy"}
    assert next_hash(b"p" * 32, link_of(shifted)) != next_hash(b"p" * 32, link_of(other))

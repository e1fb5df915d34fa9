"""The byte layout of everything that is hashed."""

from __future__ import annotations

import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bytecode import Field, field, fields

ID = UUID("00112233-4455-6677-8899-aabbccddeeff")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", "00000000"),
        (b"\x00\xff", "0000000200ff"),
        ("", "00000000"),
        ("é", "00000002c3a9"),
        (0, "000000080000000000000000"),
        (1, "000000080000000000000001"),
        (-1, "00000008ffffffffffffffff"),
        (2**63 - 1, "000000087fffffffffffffff"),
        (ID, "0000001000112233445566778899aabbccddeeff"),
    ],
    ids=repr,
)
def test_golden_fields(value: Field, expected: str) -> None:
    """Four bytes of length, then the value: text as UTF-8, integers in 8 bytes, ids in 16."""
    assert field(value).hex() == expected


def test_fields_are_one_after_the_other() -> None:
    """Several fields are their bytes in order, and none are nothing."""
    assert fields("a", 1) == field("a") + field(1)
    assert fields() == b""


def test_what_has_no_bytes_is_not_written() -> None:
    """An integer beyond 8 bytes is a mistake of ours, never cut short."""
    with pytest.raises(struct.error):
        field(2**63)


_texts = st.lists(st.text(max_size=5), max_size=5)


@given(_texts, _texts)
def test_different_texts_have_different_bytes(one: list[str], other: list[str]) -> None:
    """No two lists of texts share their bytes."""
    assert (fields(*one) == fields(*other)) == (one == other)

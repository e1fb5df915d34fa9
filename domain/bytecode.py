"""The one byte layout of everything that Parley hashes: ids, chain, associated data.

A hash is only as stable as the bytes it is taken over, so every field is written the same way: its
length in 4 bytes, then its bytes. Integers are 8 bytes, big-endian. Nothing here may ever change;
the golden vectors in ``tests/unit/golden`` hold it.
"""

from __future__ import annotations

from struct import Struct
from typing import Final
from uuid import UUID

_LENGTH = Struct(">I")
_INTEGER = Struct(">q")

Field = bytes | str | int | UUID


def field(value: Field) -> bytes:
    """One field: 4-byte length and bytes. Text is UTF-8, integers 8 bytes, UUIDs 16."""
    if isinstance(value, bytes):
        raw = value
    elif isinstance(value, str):
        raw = value.encode()
    elif isinstance(value, int):
        raw = _INTEGER.pack(value)
    else:
        raw = value.bytes
    return _LENGTH.pack(len(raw)) + raw


UUID_FIELD: Final = _LENGTH.pack(16)
"""What stands before the bytes of a UUID, for those who put many layouts together."""


def fields(*values: Field) -> bytes:
    """Several fields, one after the other."""
    return b"".join(map(field, values))

"""What goes over a broker, as bytes: msgpack, events as they are stored.

The shapes are public (``docs/protocol.md``): a field may be added, none changed.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import msgspec

from domain.broker import Heads
from domain.envelope import StoredSlice
from domain.passing import Passing

CONTENT_TYPE = "application/msgpack"


class BadMessage(Exception):
    """Bytes that are no such message."""


_Message = TypeVar("_Message")

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_slice = msgspec.msgpack.Decoder(StoredSlice)
_heads = msgspec.msgpack.Decoder(list[tuple[UUID, int]])
_passing: msgspec.msgpack.Decoder[Passing] = msgspec.msgpack.Decoder(Passing)


def encode(message: StoredSlice | Heads | Passing) -> bytes:
    """A message's body."""
    return _encoder.encode(message)


def decode_slice(body: bytes) -> StoredSlice:
    """A slice again; its events are those of its range. Raises BadMessage."""
    committed = _decode(_slice, body)
    positions = [event.position for event in committed.events]
    if positions != list(range(committed.after + 1, committed.upto + 1)):
        raise BadMessage("a slice whose events are not those of its range")
    return committed


def decode_heads(body: bytes) -> Heads:
    """Heads again. Raises BadMessage."""
    return _decode(_heads, body)


def decode_passing(body: bytes) -> Passing:
    """Something passing again. Raises BadMessage."""
    return _decode(_passing, body)


def _decode(decoder: msgspec.msgpack.Decoder[_Message], body: bytes) -> _Message:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadMessage(type(error).__name__) from None

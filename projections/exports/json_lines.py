"""JSON Lines: one conversation a line, with its messages, and with what else happened in it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from projections.exports.records import SCHEMA, Chunk, Stand, Totals


class _Heading(Struct, frozen=True):
    """What every line begins with."""

    schema: int
    as_of: int
    mark: str


class JsonLines:
    """A :class:`~projections.exports.formats.Writer`."""

    tables = ("",)

    def __init__(self, stand: Stand) -> None:
        self._encode = msgspec.json.Encoder().encode
        heading = self._encode(_Heading(SCHEMA, stand.position, stand.mark))
        self._opening = heading[:-1] + b","
        self._messages = self._events = False

    def begin(self) -> Sequence[bytes]:
        return [b""]

    def write(self, chunks: Sequence[Chunk]) -> Sequence[bytes]:
        return [b"".join(part for chunk in chunks for part in self._parts(chunk))]

    def end(self, totals: Totals) -> Sequence[bytes]:  # noqa: ARG002  # a line says nothing of others
        return [b""]

    def _parts(self, chunk: Chunk) -> list[bytes]:
        parts: list[bytes] = []
        if chunk.conversation is not None:
            parts += (self._opening, self._encode(chunk.conversation)[1:-1], b',"messages":[')
            self._messages = self._events = False
        if chunk.messages:
            parts += (b"," if self._messages else b"", self._encode(chunk.messages)[1:-1])
            self._messages = True
        if chunk.events:
            parts += (b"," if self._events else b'],"events":[', self._encode(chunk.events)[1:-1])
            self._events = True
        if chunk.ends:
            parts.append(b"]}\n" if self._events else b'],"events":[]}\n')
        return parts

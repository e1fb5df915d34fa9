"""CSV (UTF-8): a table of conversations and one of what was written in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain import spreadsheets
from domain.moments import utc_text
from projections.exports.records import (
    MESSAGE_COLUMNS,
    Chunk,
    Conversation,
    Stand,
    Totals,
    message_row,
)

CONVERSATIONS = "conversations"
MESSAGES = "messages"
TABLES = (CONVERSATIONS, MESSAGES)

COLUMNS: dict[str, tuple[str, ...]] = {
    CONVERSATIONS: Conversation.__struct_fields__,
    MESSAGES: MESSAGE_COLUMNS,
}

BOM = b"\xef\xbb\xbf"
"""Says to spreadsheets that it is UTF-8; without it they take it for something older."""


class CsvTables:
    """A :class:`~projections.exports.formats.Writer`, of these tables."""

    def __init__(self, stand: Stand, tables: tuple[str, ...] = TABLES) -> None:  # noqa: ARG002  # no row says it
        self.tables = tables
        self._conversation = ""

    def begin(self) -> Sequence[bytes]:
        return [BOM + _lines([COLUMNS[table]]) for table in self.tables]

    def write(self, chunks: Sequence[Chunk]) -> Sequence[bytes]:
        rows: dict[str, list[Sequence[str]]] = {table: [] for table in TABLES}
        for chunk in chunks:
            if chunk.conversation is not None:
                self._conversation = chunk.conversation.id
                rows[CONVERSATIONS].append(_cells(_conversation(chunk.conversation)))
            for message in chunk.messages:
                rows[MESSAGES].append(_cells(message_row(self._conversation, message)))
        return [_lines(rows[table]) for table in self.tables]

    def end(self, totals: Totals) -> Sequence[bytes]:  # noqa: ARG002  # a table has rows only
        return [b""] * len(self.tables)


def _conversation(each: Conversation) -> Iterable[Any]:
    return (getattr(each, name) for name in COLUMNS[CONVERSATIONS])


def _cells(values: Iterable[Any]) -> list[str]:
    return [cell(value) for value in values]


def cell(value: Any) -> str:
    """A value as a text; its cell may have an apostrophe before it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return utc_text(value)
        case dict() | tuple():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    return spreadsheets.lines(rows).encode()

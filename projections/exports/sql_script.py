"""SQL: one script that makes tables and fills them, in SQLite and in PostgreSQL alike.

So only what both understand the same is used: standard quoting, inserts of several rows, ``BEGIN``
and ``COMMIT``, types that SQLite takes any name for. What one of them, or the shell that feeds it,
would not keep is escaped with ``ESCAPE``: U+0000, which PostgreSQL has no room for, and carriage
returns, which SQLite's shell drops at the end of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from domain.moments import utc_text
from projections.exports.records import (
    SCHEMA,
    Chunk,
    Conversation,
    Event,
    Stand,
    Totals,
    message_row,
)

ESCAPE = "␛"
ESCAPES = str.maketrans({"\0": ESCAPE + "0", "\r": ESCAPE + "r", ESCAPE: ESCAPE * 2, "'": "''"})
"""What a text is written with; whatever else it holds stays as it is."""

JSON_ESCAPES = str.maketrans({ESCAPE: "\\u241b", "'": "''"})
"""What JSON is written with: it has escapes of its own, which any reader of it knows."""

ROWS = 100
"""Rows of one statement at most."""

CHARACTERS = 100_000
"""Characters after which a statement ends: SQLite may be built to take a million, and no more."""

_TIME = "TIMESTAMP WITH TIME ZONE"

TABLES = {
    "export": (
        '"schema" INTEGER NOT NULL',
        '"tenant" TEXT NOT NULL',
        '"position" BIGINT NOT NULL',
        '"mark" TEXT NOT NULL',
        f'"at" {_TIME} NOT NULL',
        '"conversations" BIGINT',
        '"messages" BIGINT',
        '"erased" BIGINT',
        '"unreadable" BIGINT',
    ),
    "conversations": (
        '"id" TEXT PRIMARY KEY',
        '"visitor" TEXT NOT NULL',
        '"visitor_name" TEXT',
        '"status" TEXT NOT NULL',
        '"assignee" TEXT',
        '"assignee_name" TEXT',
        '"department" TEXT',
        '"site" TEXT',
        '"page" TEXT',
        f'"started_at" {_TIME} NOT NULL',
        f'"last_at" {_TIME} NOT NULL',
        '"rating" INTEGER',
        '"comment" TEXT',
        '"version" BIGINT NOT NULL',
        '"version_mark" TEXT NOT NULL',
        '"reads" TEXT NOT NULL',
        '"visitor_read" BIGINT NOT NULL',
    ),
    "tags": (
        '"conversation" TEXT NOT NULL',
        '"number" INTEGER NOT NULL',
        '"tag" TEXT NOT NULL',
        'PRIMARY KEY ("conversation", "number")',
    ),
    "messages": (
        '"conversation" TEXT NOT NULL',
        '"version" BIGINT NOT NULL',
        '"position" BIGINT NOT NULL',
        '"id" TEXT NOT NULL',
        f'"at" {_TIME} NOT NULL',
        '"kind" TEXT NOT NULL',
        '"sender_role" TEXT NOT NULL',
        '"sender_id" TEXT NOT NULL',
        '"sender_name" TEXT',
        '"text" TEXT',
        '"file" TEXT',
        '"erased" BOOLEAN NOT NULL',
        '"damaged" BOOLEAN NOT NULL',
        'PRIMARY KEY ("conversation", "version")',
    ),
    "events": (
        '"conversation" TEXT NOT NULL',
        '"version" BIGINT NOT NULL',
        '"position" BIGINT NOT NULL',
        '"id" TEXT NOT NULL',
        '"type" TEXT NOT NULL',
        f'"at" {_TIME} NOT NULL',
        '"actor_role" TEXT NOT NULL',
        '"actor_id" TEXT NOT NULL',
        '"actor_name" TEXT',
        '"data" TEXT',
        '"erased" BOOLEAN NOT NULL',
        '"damaged" BOOLEAN NOT NULL',
        'PRIMARY KEY ("conversation", "version")',
    ),
}
"""The tables with their columns; ``export`` has one row, with its totals once all is there."""

_Rows = dict[str, list[Sequence[Any]]]


class SqlScript:
    """A :class:`~projections.exports.formats.Writer`. Each piece is a transaction."""

    tables = ("",)

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._conversation = ""

    def begin(self) -> Sequence[bytes]:
        stand = self._stand
        tables = [
            f'CREATE TABLE "{name}" (\n  ' + ",\n  ".join(columns) + "\n);\n"
            for name, columns in TABLES.items()
        ]
        row = (SCHEMA, stand.tenant, stand.position, stand.mark, stand.at, *[None] * 4)
        return [("BEGIN;\n" + "".join(tables) + _inserts("export", [row]) + "COMMIT;\n").encode()]

    def write(self, chunks: Sequence[Chunk]) -> Sequence[bytes]:
        rows: _Rows = {name: [] for name in ("conversations", "tags", "messages", "events")}
        for chunk in chunks:
            self._add(rows, chunk)
        inserts = "".join(_inserts(table, each) for table, each in rows.items())
        return [f"BEGIN;\n{inserts}COMMIT;\n".encode() if inserts else b""]

    def end(self, totals: Totals) -> Sequence[bytes]:
        set_ = ", ".join(f'"{name}" = {getattr(totals, name)}' for name in totals.__struct_fields__)
        return [f'BEGIN;\nUPDATE "export" SET {set_};\nCOMMIT;\n'.encode()]

    def _add(self, rows: _Rows, chunk: Chunk) -> None:
        if chunk.conversation is not None:
            self._conversation = chunk.conversation.id
            rows["conversations"].append(_conversation(chunk.conversation))
            rows["tags"] += [
                (self._conversation, number, tag)
                for number, tag in enumerate(chunk.conversation.tags, 1)
            ]
        rows["messages"] += [message_row(self._conversation, each) for each in chunk.messages]
        rows["events"] += [_event(self._conversation, each) for each in chunk.events]


def _conversation(each: Conversation) -> Sequence[Any]:
    names = (name for name in each.__struct_fields__ if name != "tags")
    return [getattr(each, name) for name in names]


def _event(conversation: str, each: Event) -> Sequence[Any]:
    actor = each.actor
    data = None if each.data is None else _Json(each.data)
    return (
        *(conversation, each.version, each.position, each.id, each.type, each.at),
        *(actor.role, actor.id, actor.name, data, each.erased, each.damaged),
    )


class _Json:
    """A value whose column holds JSON."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _inserts(table: str, rows: Iterable[Sequence[Any]]) -> str:
    """Statements that insert the rows, none of them too long."""
    return "".join(
        f'INSERT INTO "{table}" VALUES\n' + ",\n".join(few) + ";\n"
        for few in _few(f"({', '.join(map(_literal, row))})" for row in rows)
    )


def _few(texts: Iterable[str]) -> Iterator[list[str]]:
    few: list[str] = []
    size = 0
    for text in texts:
        few.append(text)
        size += len(text)
        if len(few) == ROWS or size > CHARACTERS:
            yield few
            few, size = [], 0
    if few:
        yield few


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return f"'{value.translate(ESCAPES)}'"
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return f"'{utc_text(value)}'"
        case dict():
            return _json(value)
        case _Json():
            return _json(value.value)
        case _:
            return str(value)


def _json(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return "'" + text.translate(JSON_ESCAPES) + "'"

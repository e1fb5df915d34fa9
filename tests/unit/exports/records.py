"""Records of conversations as Hypothesis draws them, and readers of what was written of them.

The readers know only what ``docs/export-format.md`` says.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from domain.envelope import Actor
from projections.exports.records import Chunk, Conversation, Event, Message, Stand

STAND = Stand("demo", 4711, "0123456789abcdef", datetime(2026, 11, 22, 10, 0, 0, 123456, UTC))

AWKWARD = (
    "",
    "\0",
    "a\0b\0",
    "it's 'quoted' \"twice\"",
    "back\\slash \\' \\0 \\u0000",
    "line\nand\r\nand\rend\r",
    "=1+1",
    "@SUM(A1)",
    "-2",
    "\t=1",
    "'already",
    "''",
    "＝1+1",  # noqa: RUF001  # wide on purpose
    "commas, semicolons; tabs\t",
    "\N{SYMBOL FOR ESCAPE}0 \N{SYMBOL FOR ESCAPE}",
    "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe שלום",
    "你好，世界",  # noqa: RUF001  # as people write it
    "\u2028\u2029\x85\x1a\x1b\x7f\ufeff\ufffe\U0010ffff",
    "); DROP TABLE conversations; --",
    "/\ngo\n.quit\n",
    "/* -- */ $$ $1 :name ?1 %s",
)
"""Texts that some form, reader or shell is known to stumble over."""

texts = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=20))
ids = st.uuids().map(str)
numbers = st.integers(1, 2**53)
times = st.integers(0, 2**40).map(lambda second: datetime.fromtimestamp(second / 16, UTC))
actors = st.builds(Actor, st.sampled_from(["visitor", "agent", "bot"]), ids, st.none() | texts)

conversations = st.builds(
    Conversation,
    id=ids,
    visitor=ids,
    visitor_name=st.none() | texts,
    status=st.sampled_from(["open", "closed", "erased"]),
    assignee=st.none() | ids,
    assignee_name=st.none() | texts,
    department=st.sampled_from([None, "sales"]),
    tags=st.lists(texts, max_size=3).map(tuple),
    site=st.none() | texts,
    page=st.none() | texts,
    started_at=times,
    last_at=times,
    rating=st.none() | st.integers(1, 5),
    comment=st.none() | texts,
    version=numbers,
    version_mark=st.just("0123456789abcdef"),
    reads=st.dictionaries(ids, numbers, max_size=2),
    visitor_read=numbers,
)
messages = st.builds(
    Message,
    version=numbers,
    position=numbers,
    id=ids,
    at=times,
    kind=st.sampled_from(["message", "note"]),
    sender=actors,
    text=st.none() | texts,
    file=st.none() | ids,
    erased=st.booleans(),
    damaged=st.booleans(),
)
events = st.builds(
    Event,
    version=numbers,
    position=numbers,
    id=ids,
    type=st.sampled_from(["conversation.tagged", "conversation.closed"]),
    at=times,
    actor=actors,
    data=st.none() | st.dictionaries(texts, texts, max_size=2),
    erased=st.booleans(),
    damaged=st.booleans(),
)


@st.composite
def whole(draw: st.DrawFn) -> list[Chunk]:
    """One conversation, in one chunk or in several."""
    conversation = draw(conversations)
    said = draw(st.lists(messages, max_size=4, unique_by=lambda each: each.version))
    rest = draw(st.lists(events, max_size=4, unique_by=lambda each: each.version))
    if draw(st.booleans()):
        return [Chunk(conversation, said, rest)]
    cut = draw(st.integers(0, 4))
    return [
        Chunk(conversation, ends=False),
        Chunk(None, said[:cut], ends=False),
        Chunk(None, said[cut:], ends=False),
        Chunk(None, (), rest[:cut], ends=False),
        Chunk(None, (), rest[cut:], ends=False),
        Chunk(None),
    ]


exports = st.lists(whole(), max_size=3, unique_by=lambda chunks: begun(chunks).id)
"""Some conversations, each as its chunks."""


def begun(chunks: list[Chunk]) -> Conversation:
    """The conversation of chunks."""
    conversation = chunks[0].conversation
    assert conversation is not None
    return conversation


def json_lines(raw: bytes) -> list[dict[str, Any]]:
    """The objects of an export in JSON Lines."""
    return [json.loads(line) for line in raw.split(b"\n") if line]


def csv_rows(raw: bytes) -> list[dict[str, str]]:
    """The rows of a table in CSV, as the texts were."""
    text = io.StringIO(raw.decode("utf-8-sig"), newline="")
    return [
        {name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(text)
    ]


def unescaped(value: Any) -> Any:
    """A text of the SQL form as it was."""
    if not isinstance(value, str):
        return value
    parts = value.split("␛␛")
    return "␛".join(part.replace("␛0", "\0").replace("␛r", "\r") for part in parts)


def sqlite_rows(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table that a script makes in SQLite."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(raw.decode())
    tables = ("export", "conversations", "tags", "messages", "events")
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    return {table: [plain(dict(row)) for row in rows] for table, rows in found.items()}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the SQL form with its texts as they were."""
    return {name: unescaped(value) for name, value in row.items()}


def flat(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A record of the JSON form with its actor spread over three columns, as tables have it."""
    row: dict[str, Any] = {}
    for name, value in values:
        if name in {"sender", "actor"}:
            row |= {f"{name}_{part}": value[part] for part in ("role", "id", "name")}
        else:
            row[name] = value
    return row

"""The forms of an export: whatever people wrote comes out of each as it went in."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from domain.conversation.events import Body, MessagePosted
from domain.event_types import REGISTRY
from domain.spreadsheets import FORMULAS, safe
from projections.exports.formats import FORMATS
from projections.exports.records import SCHEMA, Chunk, Totals, counted
from tests.unit.exports.made import chunks_of
from tests.unit.exports.records import (
    AWKWARD,
    STAND,
    begun,
    csv_rows,
    exports,
    json_lines,
    sqlite_rows,
    unescaped,
)
from tests.unit.exports.tables import assert_tables, flat_of

Export = list[list[Chunk]]

slowly = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The first text that is drawn at all makes tables of all characters, which takes a second."""


def written(form: str, export: Export) -> list[bytes]:
    """What a form's tables say of an export, written in as many pieces as it has chunks."""
    writer = FORMATS[form].writer(STAND)
    chunks = [chunk for each in export for chunk in each]
    parts = [writer.begin(), *(writer.write([chunk]) for chunk in chunks)]
    parts.append(writer.end(counted(Totals(), chunks)))
    return [b"".join(part[n] for part in parts) for n in range(len(FORMATS[form].tables))]


def expected(export: Export) -> list[dict[str, Any]]:
    """The lines that JSON Lines must have, put together by Python's own JSON."""
    lines = []
    for chunks in export:
        line = {"schema": SCHEMA, "as_of": STAND.position, "mark": STAND.mark}
        line |= msgspec.to_builtins(begun(chunks))
        for name in ("messages", "events"):
            found = [each for chunk in chunks for each in getattr(chunk, name)]
            line[name] = msgspec.to_builtins(found)
        lines.append(json.loads(json.dumps(line)))
    return lines


def texted(value: Any) -> str:
    """A value as a cell has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


@given(exports)
@slowly
def test_json_lines_say_everything(export: Export) -> None:
    """One line a conversation, which every JSON reader reads back."""
    (raw,) = written("jsonl", export)
    assert json_lines(raw) == expected(export)
    assert raw.count(b"\n") == len(export)


@given(exports)
@slowly
def test_tables_in_csv_say_the_same(export: Export) -> None:
    """Every cell is what JSON Lines say; only none and an empty text cannot be told apart."""
    conversations, messages = map(csv_rows, written("csv", export))
    lines = expected(export)
    for row, line in zip(conversations, lines, strict=True):
        shown = {name: line[name] for name in row}
        for name in ("tags", "reads"):
            assert json.loads(row.pop(name)) == shown.pop(name)
        assert row == {name: texted(value) for name, value in shown.items()}
    said = [flat_of(line, each) for line in lines for each in line["messages"]]
    assert messages == [{n: texted(v) for n, v in each.items()} for each in said]


@given(exports)
@slowly
def test_a_script_in_sqlite_says_the_same(export: Export) -> None:
    """The tables that the script makes hold what JSON Lines say."""
    (raw,) = written("sql", export)
    tables, lines = sqlite_rows(raw), expected(export)
    assert_tables(tables, lines, STAND)


@pytest.mark.parametrize("text", AWKWARD)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    """What a visitor writes is text in a spreadsheet too, and comes back whole."""
    shown = safe(text)
    assert not shown or shown[0] == "'" or shown[0] not in FORMULAS
    assert shown.removeprefix("'") == text


def test_what_cannot_be_in_a_text_is_not_in_the_log() -> None:
    """Half of a surrogate pair is no text: the log refuses it, so no export ever meets it."""
    event = MessagePosted("id", Body("\ud800"))
    with pytest.raises(UnicodeEncodeError):
        REGISTRY.encode(event)


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the shell is not installed")
def test_sqlites_own_shell_loses_nothing(tmp_path: Path) -> None:
    """It drops carriage returns, takes some lines for commands and ends at U+0000: not of ours."""
    (made,) = chunks_of(1)
    said = [
        msgspec.structs.replace(made.messages[0], version=n, text=text)
        for n, text in enumerate(AWKWARD, 1)
    ]
    (raw,) = written("sql", [[Chunk(made.conversation, said)]])
    path = tmp_path / "a.db"
    done = subprocess.run(["sqlite3", "-bail", str(path)], input=raw, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    database = sqlite3.connect(path)
    rows = database.execute("SELECT text FROM messages ORDER BY version").fetchall()
    database.close()
    assert [unescaped(text) for (text,) in rows] == list(AWKWARD)

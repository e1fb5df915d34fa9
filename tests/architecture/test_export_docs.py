"""What readers of exports are told: the tables are the code's, and the examples give texts back."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from domain.tenant.state import Tenant
from ops.configuration.plan import planned
from ops.configuration.present import Present
from ops.configuration.toml_file import parse
from projections.exports.csv_tables import COLUMNS
from projections.exports.records import SCHEMA, Conversation, Event, Message
from projections.exports.sql_script import ESCAPES, TABLES
from tests.unit.exports.records import AWKWARD

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "export-format.md").read_text(encoding="utf-8")

FORMS = {"conversation": Conversation, "message": Message, "event": Event}


@pytest.mark.parametrize("name", FORMS)
def test_fields_are_those_of_the_records(name: str) -> None:
    """Each with its name, in the order in which it is written."""
    found = re.search(rf"<!-- table:export-{name} -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found
    fields = re.findall(r"^\| `(\w+)` \|", found[1], re.MULTILINE)
    assert tuple(fields) == FORMS[name].__struct_fields__
    assert f"**schema {SCHEMA}**" in PAGE


def columns(table: str) -> list[str]:
    """The columns of a table that the script makes."""
    return [each.split('"')[1] for each in TABLES[table] if each.startswith('"')]


def test_tables_have_what_the_page_says() -> None:
    """A record's fields, an actor in three columns, tags in a table of their own."""
    spread = {
        "messages": ("sender", Message.__struct_fields__),
        "events": ("actor", Event.__struct_fields__),
    }
    for table, (actor, fields) in spread.items():
        flat = [
            part
            for name in fields
            for part in (
                [f"{name}_{p}" for p in ("role", "id", "name")] if name == actor else [name]
            )
        ]
        assert columns(table) == ["conversation", *flat]
    assert columns("messages") == list(COLUMNS["messages"])
    kept = [name for name in Conversation.__struct_fields__ if name != "tags"]
    assert columns("conversations") == kept
    _, _, script = PAGE.partition("## SQL")
    for table in TABLES:
        (told,) = re.findall(rf"^\| `{table}` \| (.*) \|$", script, re.MULTILINE)
        named = set(re.findall(r"`(\w+)`", told))
        assert named <= {*columns(table), "tags", "number"} | set(COLUMNS["messages"])


def test_the_sql_example_gives_texts_back() -> None:
    """All but U+0000, in whose place is a sign that something was there."""
    (query,) = re.findall(r"^SELECT (.*) FROM messages;", PAGE, re.MULTILINE)
    database = sqlite3.connect(":memory:")
    for text in AWKWARD:
        written = text.translate({key: to for key, to in ESCAPES.items() if chr(key) != "'"})
        query_here = query.replace("chr(", "char(").replace("(text,", "(?1,")
        (back,) = database.execute(f"SELECT {query_here}", (written,)).fetchone()
        assert back == text.replace("\0", "\ufffd")
    database.close()


def test_the_configuration_in_the_manual_is_one() -> None:
    """Whoever begins with the example begins with something that works."""
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```toml\n(format = 1\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    wanted = parse(Path("example.toml"), text)
    steps = planned(wanted, Present(Tenant(name="acme", secret=b"s"), {}, ()), prune=False)
    assert {step.action for step in steps} == {"add"}
    assert wanted.departments == wanted.agents[0].departments == ("sales",)

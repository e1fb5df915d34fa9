"""Comparing the tables that the SQL form makes, in whatever database, with JSON Lines."""

from __future__ import annotations

import json
from typing import Any

from projections.exports.records import Stand
from tests.unit.exports.records import flat


def flat_of(line: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
    """A message or an event of a line as a table's row."""
    return flat([("conversation", line["id"]), *each.items()])


def assert_tables(
    tables: dict[str, list[dict[str, Any]]], lines: list[dict[str, Any]], stand: Stand
) -> None:
    """Compare tables that a script has made with lines."""
    (row,) = tables["export"]
    assert (row["tenant"], row["position"]) == (stand.tenant, stand.position)
    assert row["conversations"] == len(lines)
    assert row["messages"] == sum(len(line["messages"]) for line in lines)
    by_id = {row["id"]: row for row in tables["conversations"]}
    assert len(by_id) == len(lines) == len(tables["conversations"])
    for line in lines:
        row = by_id[line["id"]]
        assert json.loads(row.pop("reads")) == line["reads"]
        assert row == {name: line[name] for name in row}
        tags = [each for each in tables["tags"] if each["conversation"] == line["id"]]
        assert [t["tag"] for t in sorted(tags, key=lambda t: t["number"])] == line["tags"]
        for table in ("messages", "events"):
            rows = [each for each in tables[table] if each["conversation"] == line["id"]]
            shown = [flat_of(line, each) for each in line[table]]
            for each in rows:
                if each.get("data") is not None:
                    each["data"] = json.loads(each["data"])
            assert sorted(rows, key=lambda r: r["version"]) == sorted(
                shown, key=lambda r: r["version"]
            )

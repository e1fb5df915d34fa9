"""The forms of an export, by name. Each is written piece by piece, and knows no file.

A piece is written to a border: what was written up to one can be kept, and the rest begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from projections.exports.csv_tables import TABLES, CsvTables
from projections.exports.json_lines import JsonLines
from projections.exports.records import Chunk, Stand, Totals
from projections.exports.sql_script import SqlScript


class Writer(Protocol):
    """Writes one export: of each of its format's tables some bytes a call.

    A format that puts all together has one table without a name.
    """

    def begin(self) -> Sequence[bytes]:
        """What comes before everything."""

    def write(self, chunks: Sequence[Chunk]) -> Sequence[bytes]:
        """The chunks, which follow those before."""

    def end(self, totals: Totals) -> Sequence[bytes]:
        """What comes after everything."""


class Format(Struct, frozen=True):
    """A form: what its files are called, their media type, its tables, and who writes them."""

    suffix: str
    media: str
    tables: tuple[str, ...]
    writer: Callable[[Stand], Writer]


FORMATS = {
    "jsonl": Format(".jsonl", "application/jsonl", JsonLines.tables, JsonLines),
    "csv": Format(".csv", "text/csv; charset=utf-8", TABLES, CsvTables),
    "sql": Format(".sql", "application/sql", SqlScript.tables, SqlScript),
}

"""Tables that a spreadsheet opens and does not obey: CSV (RFC 4180) in which nothing is a formula.

Strangers wrote some of the texts in them, and a cell that begins as a formula does would be run.
Such a text gets an apostrophe in front, and so does one that begins with an apostrophe: whoever
takes one away from every cell that begins with it has the texts as they were. None and an empty
text are both an empty cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

APOSTROPHE = "'"
FORMULAS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n" + APOSTROPHE)
"""How a text begins that gets an apostrophe: as a formula does, in narrow and wide characters."""


def safe(text: str) -> str:
    """A text as its cell has it."""
    return APOSTROPHE + text if text[:1] in FORMULAS else text


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as lines of CSV; their texts are made safe, numbers stay as they are."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return safe(value)
    return "" if value is None else value

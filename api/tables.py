"""Answers as tables: CSV that a spreadsheet opens and does not obey."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

CSV = "text/csv; charset=utf-8"

_OBEYED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def text_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV (RFC 4180). None is an empty cell.

    A text that a spreadsheet would run gets an apostrophe before it: strangers wrote some of them.
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_OBEYED):
        return f"'{value}"
    return "" if value is None else value


def respond(name: str, text: str, headers: dict[str, str]) -> Response:
    """A table as a file to keep, which nobody else does."""
    kept = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(text, headers={**kept, **headers}, media_type=CSV)

"""Answers as tables: CSV as a file to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from starlette.responses import Response

from domain import spreadsheets

CSV = "text/csv; charset=utf-8"

BOM = "\ufeff"
"""Before CSV: without it Excel takes UTF-8 for something else, and names come out as nonsense."""


def text_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV; None is an empty cell."""
    return spreadsheets.lines(chain([header], rows))


def respond(name: str, text: str, headers: dict[str, str]) -> Response:
    """A table as a file to keep, which nobody else does."""
    kept = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(BOM + text, headers={**kept, **headers}, media_type=CSV)

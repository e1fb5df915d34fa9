"""What a list of hits shows of a text: a little of it around the first hit. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from projections.search.query import Stretch

LENGTH = 160
"""Characters of a snippet, about: two lines of a list."""

BEFORE = 50
"""Characters of it that come before the first hit: what leads to it."""

_BORDER = 20
"""Within so many characters of a cut the space between two words is looked for."""

_CUT = "…"


class Snippet(Struct, frozen=True):
    """A part of a text. ``marks``: [start, end) of the hits in it, in code points of ``text``."""

    text: str
    marks: list[Stretch]


def snippet(text: str, hits: Sequence[Stretch]) -> Snippet:
    """The part of a text around its first hit, with all hits in it marked."""
    start = _begin(text, hits[0][0])
    end = _end(text, max(start + LENGTH, min(hits[0][1], start + 2 * LENGTH)))
    head = _CUT if start else ""
    tail = _CUT if end < len(text) else ""
    moved = len(head) - start
    marks = [
        (max(first, start) + moved, min(last, end) + moved)
        for first, last in hits
        if first < end and last > start
    ]
    shown = "".join(" " if c.isspace() else c for c in text[start:end])
    return Snippet(head + shown + tail, marks)


def _begin(text: str, hit: int) -> int:
    """Where a snippet begins: after a space, where one is near."""
    start = hit - BEFORE
    if start <= 0:
        return 0
    near = next((n for n in range(start, min(start + _BORDER, hit)) if text[n].isspace()), None)
    return start if near is None else near + 1


def _end(text: str, end: int) -> int:
    """Where a snippet ends: before a space, where one is near."""
    if end >= len(text):
        return len(text)
    return next((n for n in range(end, end - _BORDER, -1) if text[n].isspace()), end)

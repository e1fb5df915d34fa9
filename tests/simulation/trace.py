"""A history as people read it: virtual time, who, what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.simulation.history import Frame, History

SHOWN = 160
"""Characters of what is said beside a line."""


def lines(history: History) -> Iterator[str]:
    """A line for each thing that happened."""
    for note in history.notes:
        yield f"{note.at:9.4f}  {note.who:<12} {note.what:<10} {_short(note.more)}".rstrip()


def _short(more: Any) -> str:
    if more is None:
        return ""
    if isinstance(more, dict):
        return _frame(more)
    return str(more)[:SHOWN]


def _frame(frame: Frame) -> str:
    """A frame in few words; of events, type and number."""
    rest = {name: value for name, value in frame.items() if name not in {"op", "events"}}
    said = " ".join(f"{name}={_value(value)}" for name, value in rest.items())
    events = [f"{each['type']}/{each['version']}" for each in frame.get("events", ())]
    return f"{frame['op']} {said} {' '.join(events)}".rstrip()


def _value(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

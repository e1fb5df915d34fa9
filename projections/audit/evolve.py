"""How events become lines of the audit. Pure.

A line is an event that is worth one: what its envelope tells stands in clear, what its data tells
is a label under the key of whom the event is of, and cannot be read once that is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.envelope import RecordedEvent
from projections.audit.shown import SHOWN, Kind, fields_of, kind_of

TYPES = frozenset(SHOWN)


class Label(Struct, frozen=True):
    """What is personal of a line: what its actor was called, and what the table shows."""

    name: str | None
    data: dict[str, Any]


class AuditRow(Struct, frozen=True):
    """One line. ``stream`` says what it is about; ``cause`` is the id of what brought it about.

    ``label`` is None where it cannot be read any more.
    """

    position: int
    at: datetime
    kind: Kind
    type: str
    role: str
    actor: str
    stream: str
    cause: UUID | None
    label: Label | None

    @property
    def subject(self) -> str:
        """Under whose key the label is."""
        return self.stream if streams.kind(self.stream) == "agent" else streams.TENANT


Lines = dict[int, AuditRow]
"""Lines by position."""


def evolve(lines: Lines, events: Iterable[RecordedEvent]) -> Lines:
    """The lines with those of the events."""
    return lines | {event.position: _line(event) for event in events}


def _line(event: RecordedEvent) -> AuditRow:
    label = None if event.data is None else Label(event.actor.name, fields_of(event))
    return AuditRow(
        position=event.position,
        at=event.at,
        kind=kind_of(event.type),
        type=event.type,
        role=event.actor.role,
        actor=event.actor.id,
        stream=event.stream,
        cause=event.metadata.cause,
        label=label,
    )

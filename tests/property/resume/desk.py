"""The list of a desk, as its client keeps it: a view, moved on by what the inbox shows.

Nothing here asks whether what came was right.
"""

from __future__ import annotations

from domain.access import Rights
from domain.envelope import Access, RecordedEvent
from projections.sessions import evolve as sessions
from projections.sessions.rows import SessionRow, Sessions
from tests.property.resume.world import View, World


class Desk:
    """The list of a desk: rows of the session view, moved on by the inbox."""

    def __init__(self, world: World, rights: Rights) -> None:
        self._world = world
        self._rights = rights
        self.rows: dict[str, SessionRow] = {}

    def load(self, view: View) -> None:
        """Begin anew from a view."""
        self.rows = self.readable(view.rows)

    def readable(self, rows: Sessions) -> dict[str, SessionRow]:
        """Those rows that this agent may read."""
        return {name: row for name, row in rows.rows.items() if self._may_read(row)}

    def move(self, event: RecordedEvent) -> None:
        """What the desk makes of an event. One of a row unknown is loaded as of that event."""
        if event.type not in sessions.TYPES or not event.stream.startswith("conversation-"):
            return
        name = event.stream.removeprefix("conversation-")
        row = self.rows.get(name) or View().after(self._world.log).rows.rows[name]
        if event.version > row.version:
            row = sessions.evolve(Sessions({name: row}), [event]).rows[name]
        self.rows[name] = row
        if not self._may_read(row):
            del self.rows[name]

    def _may_read(self, row: SessionRow) -> bool:
        return self._rights.may_read(Access(row.department, row.assignee))

"""The rows while a page of events is folded into them: found by visitor too, and put in place.

Lives as long as one call of ``evolve``; the rows that it was given stay as they are.
"""

from __future__ import annotations

from datetime import datetime

from domain.tenant.calendar import calendar_of
from projections.analytics.rows import Analytics, Fact, GoalReached, Took, Visit

_MS = 1_000


class Folding:
    """Copies of the rows, and the last visit and conversation of each visitor among them."""

    def __init__(self, rows: Analytics) -> None:
        self.settings = rows.settings
        self.facts = dict(rows.facts)
        self._visits = dict(rows.visits)
        self._goals = dict(rows.goals)
        self._last_visits: dict[str, Visit] = {}
        self._last_facts: dict[str, str] = {}
        for visit in sorted(rows.visits.values(), key=_begun):
            self._last_visits[visit.visitor] = visit
        for fact in sorted(rows.facts.values(), key=_begun):
            self._last_facts[fact.visitor] = fact.conversation

    @property
    def rows(self) -> Analytics:
        """The rows as they are now."""
        return Analytics(self.settings, self.facts, self._visits, self._goals)

    def begin(self, fact: Fact) -> None:
        """Add a visitor's newest conversation."""
        self.facts[fact.conversation] = fact
        self._last_facts[fact.visitor] = fact.conversation

    def last_fact(self, visitor: str) -> Fact | None:
        """The conversation that a visitor began last."""
        name = self._last_facts.get(visitor)
        return None if name is None else self.facts[name]

    def last_visit(self, visitor: str) -> Visit | None:
        """The visit that a visitor began last."""
        return self._last_visits.get(visitor)

    def put_visit(self, visit: Visit) -> None:
        """Have this visit, the visitor's last."""
        self._visits[visit.key] = self._last_visits[visit.visitor] = visit

    def put_goal(self, goal: GoalReached) -> None:
        """Have this goal."""
        self._goals[goal.key] = goal

    def all_visits(self, visitor: str) -> list[Visit]:
        """Every visit of a visitor, in their order."""
        found = [visit for visit in self._visits.values() if visit.visitor == visitor]
        return sorted(found, key=_begun)

    def drop_goals(self, visitor: str) -> None:
        """Have none of a visitor's goals any more."""
        self._goals = {key: goal for key, goal in self._goals.items() if goal.visitor != visitor}

    def took(self, start: datetime, end: datetime) -> Took:
        """The time between two moments, by the hours that are in force now."""
        ms = max(0, round((end - start).total_seconds() * _MS))
        hours = self.settings.hours
        if hours is None:
            return Took(ms, ms)
        return Took(ms, round(calendar_of(hours).seconds(start, end) * _MS))


def _begun(row: Fact | Visit) -> int:
    return row.begun

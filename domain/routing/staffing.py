"""Whether somebody is there for those who wait, and what they are told of their place. Pure."""

from __future__ import annotations

from collections import Counter
from statistics import mean

from domain.passing import Place
from domain.routing.office import Office
from domain.routing.waiting import in_order


class Staff:
    """The agents of an office who are there and take conversations, at one moment."""

    def __init__(self, office: Office) -> None:
        self._there = [each for each in office.agents.values() if office.is_available(each)]
        self._worked_in = office.worked_in()
        self._known: dict[str | None, bool] = {}

    def of(self, department: str | None) -> bool:
        """Whether one of them takes those of this department (None: of none)."""
        if department not in self._known:
            takes = (each.is_of(department, self._worked_in) for each in self._there)
            self._known[department] = any(takes)
        return self._known[department]


def places(office: Office, now: float) -> list[Place]:
    """The places of all who wait."""
    waiting = in_order(office)
    staff, is_open = Staff(office), office.policy.is_open(now)
    pace_s = mean(office.paces) if office.paces else None
    whole = Counter(talk.department for talk in waiting)
    before: Counter[str | None] = Counter()
    found = []
    for talk in waiting:
        group = talk.department
        before[group] += 1
        staffed = staff.of(group)
        told = staffed and is_open
        wait_s = None if pace_s is None or not told else round(pace_s * before[group])
        found.append(Place(talk.id, before[group], whole[group], staffed, is_open, wait_s))
    return found

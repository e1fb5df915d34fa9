"""The agents of a tenant: who they are, what they may do, and who is there at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ops.dataset.drawing import Dice
from ops.dataset.people import Agent
from ops.dataset.plan import FIRST_DAY, TenantPlan
from ops.dataset.rhythm import SECOND, Day, days, moment
from ops.dataset.tenants import DEPARTMENTS
from ops.dataset.words.names import CHINESE_AGENTS, FAMILY, GIVEN

HOUR = 3600 * SECOND

DAILY_CONVERSATIONS = 16
"""What an agent does on a day: so many conversations a day need one agent more."""

FEWEST, MOST = 4, 60
"""Agents of a tenant, the administrator included."""

SHIFT_HOURS = 8
"""Whoever is open longer has two shifts, which overlap."""

DAYS_OFF = 2
"""Of seven; whose they are when, goes round."""

LIMITED_EVERY = 5
"""Every fifth agent may read only what is its departments' or its own."""

USUAL = (9, 18)
"""The hours of whoever works on a day on which it is closed."""

LUNCH = 0.5
"""How often somebody is seen to be away at noon."""


class Staff:
    """The agents, the administrator first."""

    def __init__(self, plan: TenantPlan, dice: Dice) -> None:
        self._plan = plan
        self._dice = dice
        busy = plan.conversations / len(days()) / DAILY_CONVERSATIONS
        count = min(MOST, max(FEWEST, round(busy * 7 / (7 - DAYS_OFF))))
        self.agents = [self._agent(number) for number in range(count)]
        self._numbers = {agent.id: number for number, agent in enumerate(self.agents)}
        self._at_hours: dict[tuple[int, int, str | None], list[Agent]] = {}
        self._expected: dict[date, set[int]] = {}
        self._days: dict[date, Day] = {}

    def _agent(self, number: int) -> Agent:
        dice, chinese = self._dice, self._plan.profile.chinese > 0.5  # noqa: PLR2004  # half
        if chinese:
            name = CHINESE_AGENTS[number % len(CHINESE_AGENTS)]
        else:
            name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number * 7 % len(FAMILY)]}"
        role = "admin" if number == 0 else "agent"
        if number and number % LIMITED_EVERY == 0:
            role = "limited"
        local = "admin" if number == 0 else f"agent{number}"
        id_ = dice.uuid(moment(FIRST_DAY, 0, self._plan.profile))
        agent = Agent(id_, name, f"{local}@{self._plan.name}.example", role, number % 2)
        first = DEPARTMENTS[number % len(DEPARTMENTS)]
        second = DEPARTMENTS[(number // len(DEPARTMENTS) + number) % len(DEPARTMENTS)]
        agent.departments = tuple(dict.fromkeys((first, second)))
        return agent

    def day(self, day: date) -> Day:
        """A day of this tenant; the last ones are kept."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) > 2 * 7:
                self._days.clear()
            found = self._days[day] = Day(self._plan.profile, day)
        return found

    def somebody(
        self, day: Day, at: int, department: str | None, other: Agent | None = None
    ) -> Agent:
        """An agent for a conversation of a department, but not this one; there if anybody is.

        It is expected on that day from then on, and comes and goes.
        """
        choice = self._there(day, (at - day.begin) // HOUR, department)
        if other is not None:
            choice = [agent for agent in choice if agent is not other] or [self.agents[0]]
        chosen = self._dice.one_of(choice)
        self._expected.setdefault(day.day, set()).add(self._numbers[chosen.id])
        return chosen

    def next_opening(self, at: int, day: Day) -> Day:
        """The next day, from this one on, that opens after a time."""
        while day.open is None or day.opening <= at:
            day = self.day(date.fromordinal(day.day.toordinal() + 1))
        return day

    def coming_and_going(self, day: Day) -> Iterator[tuple[int, Agent, str]]:
        """When those who are expected on a day say that they are there, and that they leave."""
        dice = self._dice
        for number in sorted(self._expected.pop(day.day, ())):
            agent = self.agents[number]
            first, last = _shift(agent, day)
            begin = day.at(first)
            end = begin + (last - first) * HOUR
            yield begin - int(dice.between(0, 600) * SECOND), agent, "online"
            if dice.chance(LUNCH):
                noon = (begin + end) // 2 + int(dice.between(-2400, 2400) * SECOND)
                yield noon, agent, "away"
                yield noon + int(dice.between(1200, 3000) * SECOND), agent, "online"
            yield end + int(dice.between(0, 1200) * SECOND), agent, "offline"

    def _there(self, day: Day, hour: int, department: str | None) -> list[Agent]:
        """Who is there at an hour of such a day; all who serve the department, where nobody is."""
        key = (day.weekday, hour, department)
        found = self._at_hours.get(key)
        if found is None:
            able = [agent for agent in self.agents if _may(agent, department)]
            there = [agent for agent in able if self._works(agent, day, hour)]
            found = self._at_hours[key] = there or able
        return found

    def _works(self, agent: Agent, day: Day, hour: int) -> bool:
        if day.open is None or (self._numbers[agent.id] + day.weekday) % 7 < DAYS_OFF:
            return False
        first, last = _shift(agent, day)
        return first <= hour < last


def _may(agent: Agent, department: str | None) -> bool:
    """Whether it serves this department and may read it; most may where there is none."""
    if department is None:
        return agent.role != "limited"
    return department in agent.departments


def _shift(agent: Agent, day: Day) -> tuple[int, int]:
    """From which hour of a day to which an agent works."""
    first, last = day.open or USUAL
    begin = first if agent.shift == 0 else max(first, last - SHIFT_HOURS)
    return begin, min(begin + SHIFT_HOURS, last)

"""The pen that writes the sample's week: who does what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.agent.commands import SetStatus
from domain.conversation import commands as c
from domain.envelope import Actor
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.permissions import AGENT, VISITOR
from ops.dataset.drawing import Dice
from ops.sample.chronicle import Happening
from ops.sample.company import SHIFTS, ZONE
from ops.sample.guests import Guest
from ops.sample.stories import Story

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
"""In microseconds, as all times here, since 1970."""

_ZONE: Final = ZoneInfo(ZONE)
_ROUTER: Final = Actor("system", "router")


class Stage(Struct, frozen=True):
    """Where it is played: the log, its site, and who answers there, by name."""

    log: UUID
    site: str
    agents: dict[str, UUID]


class Script:
    """What was written down so far, in ``done``. The same dice write the same."""

    def __init__(self, stage: Stage, dice: Dice) -> None:
        self.stage = stage
        self.dice = dice
        self.done: list[Happening] = []

    # --- who ------------------------------------------------------------------------------------

    @property
    def router(self) -> Sender:
        """What gives conversations to agents."""
        return Sender(self.stage.log, _ROUTER)

    def visitor(self, who: Guest) -> Sender:
        """A visitor at the site."""
        return Sender(self.stage.log, Actor(VISITOR, who.id), site=self.stage.site)

    def agent(self, name: str) -> Sender:
        """An agent, by name."""
        return Sender(self.stage.log, Actor(AGENT, str(self.stage.agents[name]), name))

    def answerer(self, at: int, story: Story) -> str:
        """Who answers: of the department, there at that hour if anybody is, with the language."""
        hour = self.local(at).hour
        known = {"zh": "chinese", "de": "german"}.get(story.language)
        able = [
            name
            for name, each in SHIFTS.items()
            if (known in each.skills if known else story.department in each.departments)
        ]
        there = [name for name in able if SHIFTS[name].shift[0] <= hour < SHIFTS[name].shift[1]]
        return self.dice.one_of(there or able)

    # --- what -----------------------------------------------------------------------------------

    def do(self, at: int, sender: Sender, command: Command) -> None:
        """Somebody does something at a time."""
        self.done.append(Happening(at, sender, command))

    def says(self, at: int, name: str, status: str) -> None:
        """An agent says how it is."""
        self.do(at, self.agent(name), SetStatus(self.id(at), status))

    def reads(self, at: int, who: Sender, conversation: UUID) -> None:
        """Somebody has read all that there is by then."""
        self.do(at, who, c.Read(self.id(at), conversation, 1))

    def given(self, at: int, conversation: UUID, agent: str, how: str) -> None:
        """The router gives a conversation to an agent, and why."""
        route = c.Route(self.id(at), conversation, self.stage.agents[agent], how)
        self.do(at, self.router, route)

    # --- when -----------------------------------------------------------------------------------

    def id(self, at: int) -> UUID:
        """An id of that time."""
        return self.dice.uuid(at)

    def within(self, most_s: int, least_s: int = 0) -> int:
        """Some time between so many seconds."""
        return self.dice.number(least_s * SECOND, most_s * SECOND)

    @staticmethod
    def local(at: int) -> datetime:
        """The shop's clock."""
        return datetime.fromtimestamp(at / SECOND, UTC).astimezone(_ZONE)

    @staticmethod
    def moment(date: datetime, hour: int) -> int:
        """An hour of a day by the shop's clock; 24 is the next midnight."""
        midnight = date.replace(hour=0, minute=0, second=0, microsecond=0)
        return int((midnight + timedelta(hours=hour)).timestamp()) * SECOND

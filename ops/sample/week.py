"""What happened in the sample's week, as commands in order of time, up to the present moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain import ids
from domain.agent.commands import SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body, Greeting
from domain.envelope import Actor
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.permissions import AGENT, VISITOR
from domain.visitor.commands import Greet, Introduce, SeeDevice, ViewPage
from ops.dataset.drawing import Dice
from ops.sample import stories
from ops.sample.chronicle import Happening
from ops.sample.company import SHIFTS, WELCOMES, ZONE
from ops.sample.guests import BROWSED, Guest, guest
from ops.sample.stories import Story

DAYS: Final = 7
"""Whole days before today."""

_BUSY: Final = (34, 31, 29, 30, 33, 15, 12)
"""Conversations from Monday to Sunday."""

_VISITS_FOR_EACH: Final = 3
"""Visits without a conversation, for each that has one."""

_BUSY_HOURS: Final = (8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 17, 18, 19, 20, 21)
_NIGHT_HOURS: Final = (0, 1, 5, 6, 22, 23)
_AT_NIGHT: Final = 0.08
_MISSED: Final = 0.05
_ZONE: Final = ZoneInfo(ZONE)
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND

ROUTER: Final = Actor("system", "router")


class Stage(Struct, frozen=True):
    """Where it is played: the log, its site, and who answers there, by name."""

    log: UUID
    site: str
    agents: dict[str, UUID]


class Week:
    """A week until ``now`` (microseconds since 1970). The same dice give the same week."""

    def __init__(self, stage: Stage, now: int, dice: Dice) -> None:
        self._stage = stage
        self._now = now
        self._dice = dice
        self._done: list[Happening] = []

    def happenings(self) -> list[Happening]:
        """All of it, in order of time; nothing of it is later than now."""
        for day in range(-DAYS, 1):
            self._day(day)
        for number, waiting in enumerate(stories.WAITING):
            self._waits(self._now - (4 - number) * _MINUTE, *waiting)
        for number, story in enumerate(stories.OPEN):
            self._goes_on(self._now - (11 - 3 * number) * _MINUTE, story)
        past = [each for each in self._done if each.at <= self._now]
        return sorted(past, key=lambda each: each.at)

    # --- days -----------------------------------------------------------------------------------

    def _day(self, day: int) -> None:
        date = self._local(self._now) + timedelta(days=day)
        for name, colleague in SHIFTS.items():
            begins, ends = (self._moment(date, hour) for hour in colleague.shift)
            self._says(begins - self._dice.number(0, 9) * _MINUTE, name, "online")
            self._says(self._moment(date, 13), name, "lunch")
            self._says(self._moment(date, 13) + 40 * _MINUTE, name, "online")
            self._says(ends + self._dice.number(0, 9) * _MINUTE, name, "offline")
        last = self._now - 30 * _MINUTE  # what is younger is told by itself
        for at in self._arrivals(date):
            if at < last:
                self._comes(at)

    def _arrivals(self, date: datetime) -> Iterator[int]:
        for _ in range(_BUSY[date.weekday()] * (1 + _VISITS_FOR_EACH)):
            hours = _NIGHT_HOURS if self._dice.chance(_AT_NIGHT) else _BUSY_HOURS
            yield self._moment(date, self._dice.one_of(hours)) + self._within(3600)

    def _comes(self, at: int) -> None:
        if not self._dice.chance(1 / (1 + _VISITS_FOR_EACH)):
            self._only_looks(at)
        elif self._local(at).hour in _NIGHT_HOURS:
            self._misses(at, "closed")
        elif self._dice.chance(_MISSED):
            self._misses(at, "unanswered")
        else:
            self._talks(at, self._dice.one_of(stories.STORIES))

    # --- visitors -------------------------------------------------------------------------------

    def _arrives(self, at: int, language: str, path: str, title: str) -> tuple[Guest, int]:
        """Somebody finds the shop, and after some pages this one; when it is there."""
        who = guest(self._dice, at, language)
        sender = self._visitor(who)
        self._do(at, sender, SeeDevice(self._id(at), who.device))
        first = True
        for page in self._dice_pages():
            self._do(at, sender, ViewPage(self._id(at), who.page(*page, first=first)))
            at, first = at + self._within(70, 8), False
        self._do(at, sender, ViewPage(self._id(at), who.page(path, title, first=first)))
        return who, at + self._within(50, 10)

    def _dice_pages(self) -> Sequence[tuple[str, str]]:
        return [self._dice.one_of(BROWSED) for _ in range(self._dice.number(0, 3))]

    def _only_looks(self, at: int) -> None:
        language = self._dice.one_of(("en", "en", "en", "en", "de", "zh"))
        who, at = self._arrives(at, language, *self._dice.one_of(BROWSED))
        if self._dice.chance(0.06):
            self._buys(at, who)

    def _buys(self, at: int, who: Guest) -> None:
        for page in (("/checkout", "Checkout"), ("/thank-you", "Thank you")):
            self._do(at, self._visitor(who), ViewPage(self._id(at), who.page(*page, first=False)))
            at += self._within(90, 30)

    def _begins(self, at: int, who: Guest, story: Story, text: str) -> tuple[UUID, int]:
        """Its first message; the conversation, and when it has begun."""
        sender = self._visitor(who)
        if who.name is not None:
            introduce = Introduce(self._id(at), name=who.name, email=who.email)
            self._do(at, sender, introduce)
        greeting = None
        if story.greeted:
            greeting = Greeting("inks", WELCOMES["inks"].text["en"])
            self._do(at, sender, Greet(self._id(at), greeting.rule, greeting.text))
            at += self._within(30, 10)
        start = c.Start(
            self._id(at),
            Body(text),
            who.page(story.page, story.title, first=False),
            story.department,
            "widget" if self._dice.chance(0.9) else "link",
            story.language,
            greeting,
        )
        self._do(at, sender, start)
        log = self._stage.log
        return ids.derived_id("conversation", log, VISITOR, who.id, start.id), at

    # --- conversations --------------------------------------------------------------------------

    def _talks(self, at: int, story: Story) -> None:
        """One from beginning to end."""
        who, at = self._arrives(at, story.language, story.page, story.title)
        conversation, at = self._begins(at, who, story, story.lines[0][1])
        agent, at = self._is_given(at, conversation, story)
        at = self._lines(at, who, agent, conversation, story)
        if story.tags:
            tags = c.SetTags(self._id(at), conversation, list(story.tags))
            self._do(at, self._agent(agent), tags)
        at += self._within(200, 40)
        self._do(at, self._agent(agent), c.Close(self._id(at), conversation))
        if story.stars is not None and self._dice.chance(0.6):
            at += self._within(60, 5)
            rate = c.Rate(self._id(at), conversation, story.stars, story.comment)
            self._do(at, self._visitor(who), rate)
        if story.department == "shop" and self._dice.chance(0.3):
            self._buys(at + _MINUTE, who)

    def _is_given(self, at: int, conversation: UUID, story: Story) -> tuple[str, int]:
        """To somebody of its department who is there, and knows the language."""
        agent = self._who(at, story)
        at += self._within(25, 1)
        how = "round_robin" if story.department == "orders" else "least_busy"
        route = c.Route(self._id(at), conversation, self._stage.agents[agent], how)
        self._do(at, Sender(self._stage.log, ROUTER), route)
        return agent, at

    def _lines(self, at: int, who: Guest, agent: str, conversation: UUID, story: Story) -> int:
        for number, (side, text) in enumerate(story.lines[1:], start=1):
            if story.to is not None and number == story.to[1]:
                agent, at = self._hands_over(at, agent, conversation, story.to[0])
            at += self._within(45 if side == "v" else 70, 12)
            sender = self._visitor(who) if side == "v" else self._agent(agent)
            self._do(at, sender, c.Post(self._id(at), conversation, Body(text), side == "n"))
            self._reads(at + 2 * _SECOND, self._visitor(who), conversation)
            self._reads(at + 2 * _SECOND, self._agent(agent), conversation)
        return at

    def _hands_over(
        self, at: int, agent: str, conversation: UUID, department: str
    ) -> tuple[str, int]:
        at += self._within(40, 10)
        transfer = c.Transfer(self._id(at), conversation, department=department)
        self._do(at, self._agent(agent), transfer)
        nxt = next(name for name, each in SHIFTS.items() if department in each.departments)
        at += self._within(20, 2)
        route = c.Route(self._id(at), conversation, self._stage.agents[nxt], "least_busy")
        self._do(at, Sender(self._stage.log, ROUTER), route)
        return nxt, at

    def _misses(self, at: int, reason: str) -> None:
        """Nobody answers in time; somebody does in the end, when there is still time for that."""
        department, path, text = self._dice.one_of(stories.UNANSWERED)
        story = Story(department, path, "Halden & Rye", (), (("v", text),))
        who, at = self._arrives(at, "en", path, story.title)
        conversation, at = self._begins(at, who, story, text)
        at += _SECOND if reason == "closed" else 300 * _SECOND
        version = 2
        miss = c.Miss(self._id(at), conversation, version, reason)
        self._do(at, Sender(self._stage.log, ROUTER), miss)
        morning = self._local(at) + timedelta(hours=10 if reason == "closed" else 1)
        at = max(at + 20 * _MINUTE, self._moment(morning, morning.hour)) + self._within(1800)
        agent = self._agent(self._who(at, story))
        answer = Body(self._dice.one_of(stories.LATE_ANSWER))
        self._do(at, agent, c.Post(self._id(at), conversation, answer))
        self._reads(at, agent, conversation)
        at += self._within(600, 60)
        self._do(at, agent, c.Close(self._id(at), conversation))

    def _waits(self, at: int, department: str, path: str, text: str) -> None:
        story = Story(department, path, "Halden & Rye", (), (("v", text),))
        who = guest(self._dice, at, "en")
        sender = self._visitor(who)
        self._do(at, sender, SeeDevice(self._id(at), who.device))
        page = who.page(path, story.title, first=True)
        self._do(at, sender, ViewPage(self._id(at), page))
        self._begins(at + _SECOND, who, story, text)

    def _goes_on(self, at: int, story: Story) -> None:
        """One that is open, with the first of the demonstration's agents."""
        who = guest(self._dice, at, story.language)
        page = who.page(story.page, story.title, first=True)
        self._do(at, self._visitor(who), SeeDevice(self._id(at), who.device))
        self._do(at, self._visitor(who), ViewPage(self._id(at), page))
        conversation, at = self._begins(at + _SECOND, who, story, story.lines[0][1])
        mia = self._stage.agents["Mia"]
        route = c.Route(self._id(at), conversation, mia, "least_busy")
        self._do(at + _SECOND, Sender(self._stage.log, ROUTER), route)
        for number, (side, text) in enumerate(story.lines[1:]):
            at += (20 + 15 * number) * _SECOND
            sender = self._visitor(who) if side == "v" else self._agent("Mia")
            self._do(at, sender, c.Post(self._id(at), conversation, Body(text), side == "n"))
        if story.tags:
            tags = c.SetTags(self._id(at), conversation, list(story.tags))
            self._do(at + _SECOND, self._agent("Mia"), tags)

    # --------------------------------------------------------------------------------------------

    def _who(self, at: int, story: Story) -> str:
        """Who answers: of the department, there at that hour if anybody is, with the language."""
        hour = self._local(at).hour
        known = {"zh": "chinese", "de": "german"}.get(story.language)
        able = [
            name
            for name, each in SHIFTS.items()
            if (known in each.skills if known else story.department in each.departments)
        ]
        there = [name for name in able if SHIFTS[name].shift[0] <= hour < SHIFTS[name].shift[1]]
        return self._dice.one_of(there or able)

    def _reads(self, at: int, who: Sender, conversation: UUID) -> None:
        """Somebody has read all that there is by then."""
        self._do(at, who, c.Read(self._id(at), conversation, 1))

    def _says(self, at: int, name: str, status: str) -> None:
        self._do(at, self._agent(name), SetStatus(self._id(at), status))

    def _visitor(self, who: Guest) -> Sender:
        return Sender(self._stage.log, Actor(VISITOR, who.id), site=self._stage.site)

    def _agent(self, name: str) -> Sender:
        return Sender(self._stage.log, Actor(AGENT, str(self._stage.agents[name]), name))

    def _do(self, at: int, sender: Sender, command: Command) -> None:
        self._done.append(Happening(at, sender, command))

    def _id(self, at: int) -> UUID:
        return self._dice.uuid(at)

    def _within(self, most_s: int, least_s: int = 0) -> int:
        return self._dice.number(least_s * _SECOND, most_s * _SECOND)

    @staticmethod
    def _local(at: int) -> datetime:
        return datetime.fromtimestamp(at / _SECOND, UTC).astimezone(_ZONE)

    @staticmethod
    def _moment(date: datetime, hour: int) -> int:
        """An hour of a day by the shop's clock; 24 is the next midnight."""
        midnight = date.replace(hour=0, minute=0, second=0, microsecond=0)
        return int((midnight + timedelta(hours=hour)).timestamp()) * _SECOND

"""Conversations of the sample's week: answered, handed on, missed, waiting, under way."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domain.conversation import commands as c
from domain.conversation.events import Body
from domain.visitor.commands import SeeDevice, ViewPage
from ops.sample import stories
from ops.sample.company import SHIFTS
from ops.sample.guests import Guest, guest
from ops.sample.script import MINUTE, SECOND, Script
from ops.sample.stories import Story
from ops.sample.visits import Visits


class Talks:
    """Writes conversations down."""

    def __init__(self, pen: Script, visits: Visits) -> None:
        self._pen = pen
        self._visits = visits

    def answered(self, at: int, story: Story) -> None:
        """One from beginning to end."""
        who, at = self._visits.arrives(at, story.language, story.page, story.title)
        conversation, at = self._visits.begins(at, who, story, story.lines[0][1])
        agent, at = self._is_given(at, conversation, story)
        at = self._lines(at, who, agent, conversation, story)
        if story.tags:
            tags = c.SetTags(self._pen.id(at), conversation, list(story.tags))
            self._pen.do(at, self._pen.agent(agent), tags)
        at += self._pen.within(200, 40)
        self._pen.do(at, self._pen.agent(agent), c.Close(self._pen.id(at), conversation))
        if story.stars is not None and self._pen.dice.chance(0.6):
            at += self._pen.within(60, 5)
            rate = c.Rate(self._pen.id(at), conversation, story.stars, story.comment)
            self._pen.do(at, self._pen.visitor(who), rate)
        if story.department == "shop" and self._pen.dice.chance(0.3):
            self._visits.buys(at + MINUTE, who)

    def _is_given(self, at: int, conversation: UUID, story: Story) -> tuple[str, int]:
        """To somebody of its department who is there, and knows the language."""
        agent = self._pen.answerer(at, story)
        at += self._pen.within(25, 1)
        how = "round_robin" if story.department == "orders" else "least_busy"
        self._pen.given(at, conversation, agent, how)
        return agent, at

    def _lines(self, at: int, who: Guest, agent: str, conversation: UUID, story: Story) -> int:
        for number, (side, text) in enumerate(story.lines[1:], start=1):
            if story.to is not None and number == story.to[1]:
                agent, at = self._hands_over(at, agent, conversation, story.to[0])
            at += self._pen.within(45 if side == "v" else 70, 12)
            sender = self._pen.visitor(who) if side == "v" else self._pen.agent(agent)
            self._pen.do(
                at, sender, c.Post(self._pen.id(at), conversation, Body(text), side == "n")
            )
            self._pen.reads(at + 2 * SECOND, self._pen.visitor(who), conversation)
            self._pen.reads(at + 2 * SECOND, self._pen.agent(agent), conversation)
        return at

    def _hands_over(
        self, at: int, agent: str, conversation: UUID, department: str
    ) -> tuple[str, int]:
        at += self._pen.within(40, 10)
        transfer = c.Transfer(self._pen.id(at), conversation, department=department)
        self._pen.do(at, self._pen.agent(agent), transfer)
        nxt = next(name for name, each in SHIFTS.items() if department in each.departments)
        at += self._pen.within(20, 2)
        self._pen.given(at, conversation, nxt, "least_busy")
        return nxt, at

    def misses(self, at: int, reason: str) -> None:
        """Nobody answers in time; somebody does in the end, when there is still time for that."""
        department, path, text = self._pen.dice.one_of(stories.UNANSWERED)
        story = Story(department, path, "Halden & Rye", (), (("v", text),))
        who, at = self._visits.arrives(at, "en", path, story.title)
        conversation, at = self._visits.begins(at, who, story, text)
        at += SECOND if reason == "closed" else 300 * SECOND
        version = 2
        miss = c.Miss(self._pen.id(at), conversation, version, reason)
        self._pen.do(at, self._pen.router, miss)
        morning = self._pen.local(at) + timedelta(hours=10 if reason == "closed" else 1)
        at = max(at + 20 * MINUTE, self._pen.moment(morning, morning.hour)) + self._pen.within(1800)
        agent = self._pen.agent(self._pen.answerer(at, story))
        answer = Body(self._pen.dice.one_of(stories.LATE_ANSWER))
        self._pen.do(at, agent, c.Post(self._pen.id(at), conversation, answer))
        self._pen.reads(at, agent, conversation)
        at += self._pen.within(600, 60)
        self._pen.do(at, agent, c.Close(self._pen.id(at), conversation))

    def waits(self, at: int, department: str, path: str, text: str) -> None:
        """One that nobody has taken yet."""
        story = Story(department, path, "Halden & Rye", (), (("v", text),))
        who = guest(self._pen.dice, at, "en")
        sender = self._pen.visitor(who)
        self._pen.do(at, sender, SeeDevice(self._pen.id(at), who.device))
        page = who.page(path, story.title, first=True)
        self._pen.do(at, sender, ViewPage(self._pen.id(at), page))
        self._visits.begins(at + SECOND, who, story, text)

    def goes_on(self, at: int, story: Story) -> None:
        """One that is open, with the first of the demonstration's agents."""
        who = guest(self._pen.dice, at, story.language)
        page = who.page(story.page, story.title, first=True)
        self._pen.do(at, self._pen.visitor(who), SeeDevice(self._pen.id(at), who.device))
        self._pen.do(at, self._pen.visitor(who), ViewPage(self._pen.id(at), page))
        conversation, at = self._visits.begins(at + SECOND, who, story, story.lines[0][1])
        self._pen.given(at + SECOND, conversation, "Mia", "least_busy")
        for number, (side, text) in enumerate(story.lines[1:]):
            at += (20 + 15 * number) * SECOND
            sender = self._pen.visitor(who) if side == "v" else self._pen.agent("Mia")
            self._pen.do(
                at, sender, c.Post(self._pen.id(at), conversation, Body(text), side == "n")
            )
        if story.tags:
            tags = c.SetTags(self._pen.id(at), conversation, list(story.tags))
            self._pen.do(at + SECOND, self._pen.agent("Mia"), tags)

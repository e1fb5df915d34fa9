"""How conversations go: who says what when, who takes them, passes them on, closes and rates them.

A script is made when its conversation begins, as steps in time; what a step comes to is said when
its time has come (``ops.dataset.teller``).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from domain.conversation.events import Page
from ops.dataset import pages
from ops.dataset.crowd import Crowd
from ops.dataset.drawing import Dice, Weighted
from ops.dataset.people import BOT, Agent, Conversation, Visitor, Who
from ops.dataset.rhythm import SECOND, Day
from ops.dataset.staff import Staff
from ops.dataset.teller import Teller, Told
from ops.dataset.tenants import DEPARTMENTS, Profile
from ops.dataset.texts import Texts, order_number

HOUR = 3600 * SECOND

Step = tuple[int, int, Callable[..., Told | None], tuple[Any, ...]]
"""When, a number that keeps equal times in order, what, and with what."""

Planted = tuple[bool, bool]
"""Whether the rare sentence is said, and whether the two common words that are rare together."""

MISSED_OPEN, MISSED_CLOSED = 0.09, 0.6
"""How often nobody answers a short conversation, by whether it is open."""

SHORT = 4
"""Whoever has written more than so much gets an answer."""

BOT_ALONE = 0.3
"""How often a bot that comes first answers everything."""

BOT_MOST = 8
"""Messages of the longest conversation that a bot holds alone."""

NAMED_DEPARTMENT = 0.6
"""How often it is known from the start which department is asked."""

TRANSFERRED, NOTED, TAGGED, RATED, COMMENTED, REOPENED = 0.07, 0.09, 0.42, 0.24, 0.3, 0.035
AGENT_REOPENS = 0.01
READ_BY_VISITOR, READ_BY_AGENT = 0.16, 0.35
IMPATIENT = 0.2
"""How often a visitor goes on writing before anybody is there."""

LANDED, PAGES_BEFORE, PAGES_WITHIN, REACHED = 0.85, 0.15, 0.05, 0.05
"""Chances of a page before one begins to talk, of one more, of one while talking, of a goal's page
after."""

RATINGS = Weighted([7, 5, 11, 24, 53])


class Talk:
    """A script that is being written. ``at`` is how far it is, ``left`` the messages to come."""

    conversation: Conversation

    def __init__(self, day: Day, at: int, visitor: Visitor, left: int) -> None:
        self.day = day
        self.begin = at
        self.at = at
        self.visitor = visitor
        self.left = left
        self.topic = visitor.language.topics[0]
        self.order = ""
        self.department: str | None = None
        self.agent: Agent | None = None
        self.last_message = at
        self.steps: list[Step] = []


class Scripts:
    """Writes the scripts of one tenant."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts that meet here
        self,
        dice: Dice,
        texts: Texts,
        teller: Teller,
        profile: Profile,
        staff: Staff,
        crowd: Crowd,
        end: int,
    ) -> None:
        self._dice = dice
        self._texts = texts
        self._teller = teller
        self._profile = profile
        self._staff = staff
        self._crowd = crowd
        self._end = end
        self._numbers = count()

    # --- whole scripts ----------------------------------------------------------------------------

    def visit(self, day: Day, at: int) -> list[Step]:
        """Somebody looks around and goes."""
        visitor = self._crowd.come(at)
        talk = Talk(day, at, visitor, 0)
        self._step(talk, self._teller.view, visitor, self._arrive(talk))
        if self._dice.chance(REACHED):
            self._wait(talk, 240)
            self._step(talk, self._teller.view, visitor, pages.goal(self._dice, visitor.origin))
        visitor.free_at = talk.at + 600 * SECOND
        return talk.steps

    def conversation(self, day: Day, at: int, messages: int, planted: Planted) -> list[Step]:
        """A conversation with so many messages, that begins about now."""
        visitor = self._crowd.come(at)
        talk = Talk(day, at, visitor, messages)
        talk.topic = self._dice.often(visitor.language.topics)
        talk.order = order_number(self._dice)
        self._begin(talk, planted)
        answer = self._answerer(talk)
        answer(talk)
        if self._dice.chance(REACHED):
            self._wait(talk, 500)
            self._step(talk, self._teller.view, visitor, pages.goal(self._dice, visitor.origin))
        visitor.free_at = talk.at + 600 * SECOND
        return self._within(talk)

    def _answerer(self, talk: Talk) -> Callable[[Talk], None]:
        """Who answers: nobody, the bot alone, or an agent, after the bot or at once."""
        dice, is_open = self._dice, talk.day.is_open(talk.at)
        if talk.left == 0 or (
            talk.left < SHORT and dice.chance(MISSED_OPEN if is_open else MISSED_CLOSED)
        ):
            return self._missed
        if dice.chance(self._profile.bot):
            if talk.left < BOT_MOST and dice.chance(BOT_ALONE):
                return self._bot_alone
            if talk.left > 1:
                self._bot_says(talk, talk.visitor.language.bot)
        return self._answered

    # --- how it begins ----------------------------------------------------------------------------

    def _arrive(self, talk: Talk) -> Page:
        """The pages before, and who it is; the last page, which may have been seen or not."""
        visitor, dice = talk.visitor, self._dice
        page = self._crowd.arrival(visitor)
        if dice.chance(LANDED):
            self._step(talk, self._teller.view, visitor, page)
        if visitor.user is not None and not visitor.identified:
            self._wait(talk, 5)
            self._step(talk, self._teller.identify, visitor)
        while dice.chance(PAGES_BEFORE):
            self._wait(talk, 40)
            page = pages.further(dice, visitor.origin, page)
            self._step(talk, self._teller.view, visitor, page)
        return page

    def _begin(self, talk: Talk, planted: Planted) -> None:
        dice, visitor = self._dice, talk.visitor
        language = visitor.language
        page = self._arrive(talk)
        if dice.chance(NAMED_DEPARTMENT):
            talk.department = talk.topic.department
        text = self._texts.opening(language, talk.topic, talk.order)
        for said, sentence in zip(planted, (language.rare, language.apart), strict=True):
            text = f"{text}{language.join}{sentence}" if said else text
        self._wait(talk, 30)
        talk.conversation = Conversation(visitor)
        self._step(talk, self._teller.start, talk.conversation, text, page, talk.department)
        self._said(talk)

    # --- who answers ------------------------------------------------------------------------------

    def _missed(self, talk: Talk) -> None:
        """Nobody answers; somebody closes it when they come, or the visitor does."""
        if talk.left and self._dice.chance(self._profile.bot):
            self._bot_says(talk, talk.visitor.language.bot)
        while talk.left:
            self._wait(talk, 45)
            self._visitor_says(talk)
        if self._dice.chance(0.5):
            self._wait(talk, 400)
            self._step(talk, self._teller.close, talk.conversation, talk.visitor)
            return
        self._until_open(talk, 1800)
        agent = self._somebody(talk)
        self._step(talk, self._teller.close, talk.conversation, agent)

    def _bot_alone(self, talk: Talk) -> None:
        """The bot answers everything, and closes."""
        language = talk.visitor.language
        while talk.left:
            self._bot_says(talk, language.bot_answers)
            if talk.left > 1:
                self._wait(talk, 25)
                self._visitor_says(talk)
        self._wait(talk, 300)
        closer = talk.visitor if self._dice.chance(0.3) else BOT
        self._step(talk, self._teller.close, talk.conversation, closer)
        self._rate(talk)

    def _answered(self, talk: Talk) -> None:
        """An agent comes, takes it, and sees it through."""
        dice = self._dice
        later = 0
        if talk.left > 2 and dice.chance(REOPENED):  # noqa: PLR2004  # one answer first, then these
            later = dice.number(1, 2)
            talk.left -= later
        if talk.left > 1 and dice.chance(IMPATIENT):
            self._wait(talk, 30)
            self._visitor_says(talk)
        self._taken(talk)
        self._talk(talk)
        self._finish(talk)
        self._rate(talk)
        if later:
            self._again(talk, later)
        elif dice.chance(AGENT_REOPENS):
            self._reopened(talk)

    def _taken(self, talk: Talk) -> None:
        """An agent comes: takes it, or just answers; the first answer is said in any case."""
        dice, conversation = self._dice, talk.conversation
        if talk.day.is_open(talk.at):
            self._wait(talk, 40, 3)
        else:
            self._until_open(talk, 600)
        agent = talk.agent = self._somebody(talk)
        if dice.chance(0.4):
            self._step(talk, self._teller.assign, conversation, agent)
            self._wait(talk, 12)
        if dice.chance(READ_BY_AGENT):
            self._step(talk, self._teller.read, conversation, agent)
            self._wait(talk, 12)
        language = talk.visitor.language
        if talk.left > 1 and dice.chance(0.5):
            self._agent_says(talk, self._texts.sentence(language, language.greetings, talk.order))
        else:
            self._agent_says(talk)

    def _talk(self, talk: Talk) -> None:
        """Back and forth, until all but the last message are said, and that."""
        dice, agents_turn = self._dice, False
        while talk.left > 1:
            if talk.left > 2 and dice.chance(TRANSFERRED / 2):  # noqa: PLR2004  # somebody has to go on
                self._pass_on(talk)
                agents_turn = True
            if agents_turn:
                self._agent_says(talk)
            else:
                self._visitor_says(talk)
            agents_turn = agents_turn if dice.chance(0.25) else not agents_turn
        if talk.left:
            language = talk.visitor.language
            if dice.chance(0.6):
                words = self._texts.sentence(language, language.farewells, talk.order)
                self._agent_says(talk, words)
            else:
                self._visitor_says(talk)

    def _pass_on(self, talk: Talk) -> None:
        """To another agent, or to another department, of which somebody takes it."""
        dice, teller, conversation = self._dice, self._teller, talk.conversation
        giver = talk.agent
        assert giver is not None
        self._wait(talk, 40)
        if dice.chance(0.5):
            others = [name for name in DEPARTMENTS if name != talk.department]
            talk.department = dice.one_of(others)
            self._step(talk, teller.hand_over, conversation, giver, talk.department)
            self._wait(talk, 60, 3)
            talk.agent = self._somebody(talk, giver)
            self._step(talk, teller.assign, conversation, talk.agent)
        else:
            taker = self._somebody(talk, giver)
            if taker is giver:
                return
            talk.agent = taker
            self._step(talk, teller.transfer, conversation, giver, taker)

    # --- how it ends ------------------------------------------------------------------------------

    def _finish(self, talk: Talk) -> None:
        """What the agent does at last, and the close."""
        dice, teller, conversation, agent = self._dice, self._teller, talk.conversation, talk.agent
        assert agent is not None
        language = talk.visitor.language
        if dice.chance(NOTED):
            self._wait(talk, 30)
            note = self._texts.sentence(language, language.notes, talk.order)
            self._step(talk, teller.note, conversation, agent, note)
        if dice.chance(TAGGED):
            self._wait(talk, 20)
            self._step(talk, teller.tag, conversation, agent, self._tags(talk))
        self._wait(talk, 90, 4)
        closer = talk.visitor if dice.chance(0.1) else agent
        self._step(talk, teller.close, conversation, closer)

    def _tags(self, talk: Talk) -> tuple[str, ...]:
        tags = [self._dice.often(talk.topic.tags)]
        if self._dice.chance(0.25):
            tags.append(self._dice.one_of(talk.topic.tags))
        return tuple(dict.fromkeys(tags))

    def _rate(self, talk: Talk) -> None:
        dice, language = self._dice, talk.visitor.language
        if not dice.chance(RATED):
            return
        comment = None
        if dice.chance(COMMENTED):
            comment = self._texts.sentence(language, language.comments, talk.order)
        self._wait(talk, 40)
        rating = 1 + dice.of(RATINGS)
        self._step(talk, self._teller.rate, talk.conversation, rating, comment)

    def _again(self, talk: Talk, messages: int) -> None:
        """The visitor writes once more, hours later, and so it goes on."""
        talk.left = messages
        talk.at += int(self._dice.between(1, 30) * HOUR)
        self._visitor_says(talk)
        if talk.left:
            self._wait(talk, 300)
            self._agent_says(talk)
        self._wait(talk, 600)
        assert talk.agent is not None
        self._step(talk, self._teller.close, talk.conversation, talk.agent)

    def _reopened(self, talk: Talk) -> None:
        """An agent goes on with it, for a note."""
        teller, conversation, agent = self._teller, talk.conversation, talk.agent
        assert agent is not None
        language = talk.visitor.language
        self._wait(talk, 1200)
        self._step(talk, teller.reopen, conversation, agent)
        self._wait(talk, 20)
        note = self._texts.sentence(language, language.notes, talk.order)
        self._step(talk, teller.note, conversation, agent, note)
        self._wait(talk, 20)
        self._step(talk, teller.close, conversation, agent)

    # --- words ------------------------------------------------------------------------------------

    def _visitor_says(self, talk: Talk) -> None:
        visitor, dice = talk.visitor, self._dice
        text = self._texts.further(visitor.language, talk.topic, talk.order)
        self._wait(talk, 25)
        if talk.agent is not None and dice.chance(READ_BY_VISITOR):
            self._step(talk, self._teller.read, talk.conversation, visitor)
            self._wait(talk, 8)
        if dice.chance(PAGES_WITHIN):
            page = pages.further(dice, visitor.origin, Page(f"{visitor.origin}/"))
            self._step(talk, self._teller.view, visitor, page)
            self._wait(talk, 8)
        self._says(talk, visitor, text)

    def _agent_says(self, talk: Talk, text: str = "") -> None:
        agent = talk.agent
        assert agent is not None
        self._wait(talk, 35)
        words = text or self._texts.answer(talk.visitor.language, talk.topic, talk.order)
        self._says(talk, agent, words)

    def _bot_says(self, talk: Talk, sentences: tuple[str, ...]) -> None:
        self._wait(talk, 2)
        text = self._texts.sentence(talk.visitor.language, sentences, talk.order)
        self._says(talk, BOT, text)

    def _says(self, talk: Talk, who: Who, text: str) -> None:
        self._step(talk, self._teller.post, talk.conversation, who, text)
        self._said(talk)

    def _said(self, talk: Talk) -> None:
        talk.left -= 1
        talk.last_message = talk.at

    # --- time -------------------------------------------------------------------------------------

    def _wait(self, talk: Talk, median_s: float, factor: float = 2) -> None:
        talk.at += int(self._dice.spread(median_s, factor) * SECOND) + 1

    def _until_open(self, talk: Talk, median_s: float) -> None:
        """Go on now if it is open, else after the next opening."""
        if not talk.day.is_open(talk.at):
            talk.day = self._staff.next_opening(talk.at, talk.day)
            talk.at = max(talk.at, talk.day.opening)
        self._wait(talk, median_s)

    def _somebody(self, talk: Talk, other: Agent | None = None) -> Agent:
        return self._staff.somebody(talk.day, talk.at, talk.department, other)

    def step(self, at: int, what: Callable[..., Told | None], *arguments: Any) -> Step:
        """A step of this tenant, behind those of the same time that were made before."""
        return at, next(self._numbers), what, arguments

    def _step(self, talk: Talk, what: Callable[..., Told | None], *arguments: Any) -> None:
        talk.steps.append(self.step(talk.at, what, *arguments))

    def _within(self, talk: Talk) -> list[Step]:
        """The script, in less time where not all its messages come before the set's end."""
        over = talk.last_message - self._end
        if over < 0:
            return talk.steps
        whole = talk.last_message - talk.begin
        scale = (self._end - 1 - talk.begin) / (whole + 1)
        return [
            (talk.begin + int((at - talk.begin) * scale), n, what, arguments)
            for at, n, what, arguments in talk.steps
        ]

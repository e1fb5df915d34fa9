"""One tenant's history, in order of time: what the log gets, event by event.

It streams: in mind are one day's steps, those of conversations that go on beyond it, and a bounded
crowd. So memory does not grow with the fraction, and the same plan gives the same again.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain import base64url, credentials
from ops.dataset.crowd import Crowd
from ops.dataset.drawing import Dice
from ops.dataset.lengths import lengths
from ops.dataset.pages import GOALS
from ops.dataset.plan import END_DAY, FIRST_DAY, TenantPlan
from ops.dataset.rhythm import SECOND, Day, conversations_by_day, moment
from ops.dataset.scripts import Planted, Scripts, Step
from ops.dataset.staff import Staff
from ops.dataset.teller import Teller, Told
from ops.dataset.texts import Texts

VISITS = 0.15
"""For each conversation so many visits without one."""

PLANTED = 7
"""A rare sentence is said in so many of a tenant's conversations, where there are as many."""

ERASED_OF = 5_000
MOST_ERASED = 25
"""One visitor in the end is erased for so many conversations; at least one, at most so many."""


class History:
    """What happened to one tenant. ``conversations`` counts those that have begun so far."""

    def __init__(self, plan: TenantPlan) -> None:
        dice = Dice(plan.seed)
        secret = dice.bits(8 * credentials.SECRET_BYTES).to_bytes(credentials.SECRET_BYTES, "big")
        self.conversations = 0
        self._plan = plan
        self._dice = dice
        self._teller = Teller(plan.log, dice, secret)
        self._end = moment(END_DAY, 0, plan.profile)
        self._staff = Staff(plan, dice)
        self._sites = [self._site() for _ in plan.profile.sites]
        named = zip(self._sites, plan.profile.sites, strict=True)
        self._crowd = Crowd(dice, plan.profile, [(id_, site.origin) for id_, site in named])
        self._scripts = Scripts(
            dice,
            Texts(dice),
            self._teller,
            plan.profile,
            self._staff,
            self._crowd,
            self._end,
        )
        self._lengths = lengths(plan.conversations, plan.messages, dice)

    def _site(self) -> str:
        unique = self._dice.bits(8 * credentials.SITE_BYTES).to_bytes(credentials.SITE_BYTES, "big")
        return credentials.site_id(self._plan.log, unique)

    def __iter__(self) -> Iterator[Told]:
        """Everything, once."""
        yield from self._beginning()
        days = conversations_by_day(self._plan.profile, self._plan.conversations, self._dice)
        going_on: list[Step] = []
        for date, count in days:
            day = self._staff.day(date)
            steps = [*going_on, *self._steps(day, count)]
            steps.sort()
            cut = _first_from(steps, day.end)
            going_on = steps[cut:]
            for at, _, what, arguments in steps[:cut]:
                told = what(at, *arguments)
                if told is not None:
                    yield told
        yield from self._erasures()

    def _beginning(self) -> Iterator[Told]:
        """The tenant, its sites, its hours, its goals and its agents."""
        at = moment(FIRST_DAY, 0, self._plan.profile)
        yield self._teller.tenant(at, self._plan.name)
        for id_, site in zip(self._sites, self._plan.profile.sites, strict=True):
            secret = self._dice.bits(8 * credentials.SECRET_BYTES)
            text = base64url.encode(secret.to_bytes(credentials.SECRET_BYTES, "big"))
            yield self._teller.site(at, id_, site.name, text)
        yield self._teller.hours(at, self._plan.profile.zone, self._plan.profile.week)
        for name, url in GOALS.items():
            yield self._teller.goal(at, name, url)
        for agent in self._staff.agents:
            yield self._teller.agent(at, agent)

    def _steps(self, day: Day, count: int) -> Iterator[Step]:
        """What begins on a day."""
        for at in day.moments(count, self._dice):
            self.conversations += 1
            messages, planted = next(self._lengths), self._planted()
            yield from self._scripts.conversation(day, at, messages, planted)
            if self._dice.chance(VISITS):
                yield from self._scripts.visit(day, at)
        for at, agent, status in self._staff.coming_and_going(day):
            yield self._scripts.step(at, self._teller.status, agent, status)

    def _planted(self) -> Planted:
        """Whether this conversation has the rare sentence, and whether that of two common words."""
        every = max(1, self._plan.conversations // PLANTED)
        return self.conversations % every == every // 2, self.conversations % every == every // 3

    def _erasures(self) -> Iterator[Told]:
        """Some visitors are forgotten in the end, each with all its conversations."""
        at = self._end
        count = min(MOST_ERASED, max(1, self._plan.conversations // ERASED_OF))
        for visitor, _ in zip(self._crowd.settled(self._end), range(count), strict=False):
            yield self._teller.erase(at, visitor, None)
            for conversation in visitor.conversations:
                yield self._teller.erase(at + SECOND, visitor, conversation)


def _first_from(steps: list[Step], moment: int) -> int:
    """The first of the ordered steps that is not before a moment."""
    at = len(steps)
    while at and steps[at - 1][0] >= moment:
        at -= 1
    return at

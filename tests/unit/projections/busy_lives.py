"""Histories in which time passes, people come by pages, bots answer, and hours and goals are set.

They are what analytics rest on. Every step is small numbers, so that Hypothesis can draw it; the
deciders say what comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct

from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent
from domain.errors import Refused
from domain.handling.sender import Sender
from domain.tenant.commands import AddGoal, ChangeGoal, RemoveGoal, SetHours
from domain.tenant.events import Holiday
from domain.visitor.commands import ViewPage
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.projections.histories import KINDS, LOG, SENTINEL, VISITORS, Action, History

BOT = Actor("bot", "bot", f"Bot {SENTINEL}")
SYSTEM = Actor("system", "system")
GOALS = [str(uuid(40 + n)) for n in range(2)]
SITES = ("site-1", "site-2", None)
GAPS = (0.0, 2.0, 95.0, 1_799.0, 1_801.0, 9_000.0, 70_000.0, 8 * 86_400.0)
"""Seconds that pass: in a visit, just under and over its gap, nights, beyond a goal's credit."""

ZONES = ("Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "UTC")
PAGES = (
    Page(f"https://shop.example/{SENTINEL}?utm_source=news{SENTINEL}&utm_medium=mail"),
    Page(f"https://shop.example/{SENTINEL}/a", referrer="https://www.google.com/"),
    Page("https://shop.example/done", referrer="https://shop.example/cart"),
    Page(f"https://shop.example/done/{SENTINEL}"),
    Page("https://user:secret@shop.example/", referrer="https://t.co/x"),
)
BUSY = (*KINDS, "bot", "bot", "page", "page", "page", "hours", "goal", "post", "answer", "close")


class Step(Struct, frozen=True):
    """What is tried after so much time."""

    action: Action
    gap: float = 0.0


steps = st.builds(
    Step,
    st.builds(
        Action,
        kind=st.sampled_from(BUSY),
        visitor=st.integers(0, len(VISITORS) - 1),
        agent=st.integers(0, 1),
        number=st.integers(0, 4),
    ),
    st.sampled_from(GAPS),
)
lives = st.lists(steps, min_size=1, max_size=40)


def drawn(seed: int, count: int) -> list[Step]:
    """A life by its seed. What ends things for good is rare, so that much is left to see."""
    random = Random(seed)
    found = [Step(Action("goal", number=1))]
    for n in range(count):
        kind = random.choice((*BUSY, "start", "start", "close", "assign", "rate"))
        if kind in {"erase", "deactivate"} and (n < count * 2 // 3 or random.random() < 0.8):
            kind = "post"
        action = Action(kind, random.randrange(3), random.randrange(2), random.randrange(5))
        gap = random.choice((*GAPS[:4] * 3, *GAPS[4:6] * 2, *GAPS[6:]))
        if kind == "start" and random.random() < 0.7:  # most come by a page first
            page = Action("page", action.visitor, number=random.randrange(5))
            found.append(Step(page, gap))
            gap = GAPS[1]
        found.append(Step(action, gap))
    return found


class Life(History):
    """A tenant's life in which time passes."""

    clock: ManualClock

    @classmethod
    async def start(cls, at: float = 1_700_000_000.0) -> Life:
        """A life over the simulated store, with a goal."""
        clock = ManualClock(at)
        ids = SeededIds(clock)
        life = await cls.begin(MemoryEventStore(clock, ids), clock, ids)
        assert isinstance(life, Life)
        await life.ask(SYSTEM, AddGoal(life.id(), GOALS[0], "bought", "/done*"))
        return life

    async def step(self, step: Step) -> None:
        """Let the time pass, then try."""
        self.clock.set_wall(self.clock.now() + step.gap)
        action = step.action
        match action.kind:
            case "bot":
                known = self.conversations[VISITORS[action.visitor]]
                if known:
                    which = UUID(known[action.number % len(known)])
                    await self.ask(BOT, c.Post(self.id(), which, Body(f"{SENTINEL} bot")))
            case "page":
                await self._come(action, ViewPage(self.id(), PAGES[action.number]))
            case "hours":
                await self.ask(SYSTEM, self._hours(action.number))
            case "goal":
                await self.ask(SYSTEM, self._goal(action))
            case "start" if action.number == 4:
                page = Page("https://shop.example/x", referrer="https://example.org/")
                ack = await self._come(action, c.Start(self.id(), None, page=page))
                known = self.conversations[VISITORS[action.visitor]]
                if ack is not None and ack.conversation not in known:
                    known.append(ack.conversation)
            case _:
                await self.play(action)

    async def _come(self, action: Action, command: ViewPage | c.Start) -> Any:
        """A visitor of one of two sites, or of none, does this; None when it was refused."""
        site = SITES[(action.visitor + action.number) % len(SITES)]
        visitor = Actor("visitor", VISITORS[action.visitor])
        try:
            return await self.handler.submit(Sender(LOG, visitor, None, site), command)
        except Refused:
            return None

    def _hours(self, number: int) -> SetHours:
        day = ((9 * 60, 12 * 60 + 30), (13 * 60, 17 * 60 + 45))
        night = ((22 * 60, 30 * 60),)
        week = (day, day, night, (), day, ((0, 1440),), ())
        return SetHours(self.id(), ZONES[number], week, (Holiday("2023-11-20", ((600, 660),)),))

    def _goal(self, action: Action) -> AddGoal | ChangeGoal | RemoveGoal:
        goal = GOALS[action.number % 2]
        match action.agent, action.number:
            case 1, 4:
                return RemoveGoal(self.id(), goal)
            case 1, number:
                return ChangeGoal(self.id(), goal, f"goal {number}", ("/done", "/do*")[number % 2])
            case _:
                return AddGoal(self.id(), goal, "goal", ("/done", "/done*")[action.number % 2])


async def lived(steps: Sequence[Step]) -> list[RecordedEvent]:
    """The log of a life."""
    life = await Life.start()
    for step in steps:
        await life.step(step)
    return await life.events()

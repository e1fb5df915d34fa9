"""Visitors of the sample's shop: how they come, what they look at, how they begin to talk."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain import ids
from domain.conversation import commands as c
from domain.conversation.events import Body, Greeting
from domain.permissions import VISITOR
from domain.visitor.commands import Greet, Introduce, SeeDevice, ViewPage
from ops.sample.company import WELCOMES
from ops.sample.guests import BROWSED, Guest, guest
from ops.sample.script import Script
from ops.sample.stories import Story


class Visits:
    """Writes visits down."""

    def __init__(self, pen: Script) -> None:
        self._pen = pen

    def arrives(self, at: int, language: str, path: str, title: str) -> tuple[Guest, int]:
        """Somebody finds the shop, and after some pages this one; when it is there."""
        who = guest(self._pen.dice, at, language)
        sender = self._pen.visitor(who)
        self._pen.do(at, sender, SeeDevice(self._pen.id(at), who.device))
        first = True
        for page in self._pages():
            self._pen.do(at, sender, ViewPage(self._pen.id(at), who.page(*page, first=first)))
            at, first = at + self._pen.within(70, 8), False
        self._pen.do(at, sender, ViewPage(self._pen.id(at), who.page(path, title, first=first)))
        return who, at + self._pen.within(50, 10)

    def _pages(self) -> Sequence[tuple[str, str]]:
        return [self._pen.dice.one_of(BROWSED) for _ in range(self._pen.dice.number(0, 3))]

    def only_looks(self, at: int) -> None:
        """Somebody who says nothing, and now and then buys."""
        language = self._pen.dice.one_of(("en", "en", "en", "en", "de", "zh"))
        who, at = self.arrives(at, language, *self._pen.dice.one_of(BROWSED))
        if self._pen.dice.chance(0.06):
            self.buys(at, who)

    def buys(self, at: int, who: Guest) -> None:
        """To the page of thanks."""
        for page in (("/checkout", "Checkout"), ("/thank-you", "Thank you")):
            self._pen.do(
                at,
                self._pen.visitor(who),
                ViewPage(self._pen.id(at), who.page(*page, first=False)),
            )
            at += self._pen.within(90, 30)

    def begins(self, at: int, who: Guest, story: Story, text: str) -> tuple[UUID, int]:
        """Its first message; the conversation, and when it has begun."""
        sender = self._pen.visitor(who)
        if who.name is not None:
            introduce = Introduce(self._pen.id(at), name=who.name, email=who.email)
            self._pen.do(at, sender, introduce)
        greeting = None
        if story.greeted:
            greeting = Greeting("inks", WELCOMES["inks"].text["en"])
            self._pen.do(at, sender, Greet(self._pen.id(at), greeting.rule, greeting.text))
            at += self._pen.within(30, 10)
        start = c.Start(
            self._pen.id(at),
            Body(text),
            who.page(story.page, story.title, first=False),
            story.department,
            "widget" if self._pen.dice.chance(0.9) else "link",
            story.language,
            greeting,
        )
        self._pen.do(at, sender, start)
        log = self._pen.stage.log
        return ids.derived_id("conversation", log, VISITOR, who.id, start.id), at

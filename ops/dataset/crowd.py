"""The visitors of a tenant: new ones, and those who come again.

Only so many are kept in mind, whatever the size of the set: who has been forgotten never returns.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.conversation.events import Page
from ops.dataset import pages
from ops.dataset.drawing import Dice
from ops.dataset.people import Visitor
from ops.dataset.tenants import Profile
from ops.dataset.words.names import FAMILY, GIVEN, PINYIN_FAMILY, PINYIN_GIVEN

KEPT = 3_000
"""Visitors that may return, some MB of them; at full size those of the last days, mostly."""

RETURNING = 0.34
"""How often it is somebody who was here before, if anybody is free."""

IDENTIFIED = 0.18
"""The share of visitors that their site vouches for."""


class Crowd:
    """Everybody who may come. ``sites``: ids and origins, the busiest first."""

    def __init__(self, dice: Dice, profile: Profile, sites: list[tuple[str, str]]) -> None:
        self._dice = dice
        self._profile = profile
        self._sites = sites
        self._kept: list[Visitor] = []
        self._count = 0

    def come(self, at: int) -> Visitor:
        """Somebody who has nothing else planned at this time."""
        if self._kept and self._dice.chance(RETURNING):
            known = self._dice.one_of(self._kept)
            if known.free_at < at:
                return known
        return self._new(at)

    def arrival(self, visitor: Visitor) -> Page:
        """The page on which a visit begins."""
        chinese = visitor.language.name == "zh"
        return pages.landing(
            self._dice, visitor.origin, pages.source_for(self._dice, chinese=chinese)
        )

    def settled(self, at: int) -> Iterator[Visitor]:
        """Those who have talked, and have nothing planned any more."""
        for visitor in self._kept:
            if visitor.last and not visitor.last.open and visitor.free_at < at:
                yield visitor

    def _new(self, at: int) -> Visitor:
        dice = self._dice
        main, other = self._profile.languages
        chinese = dice.chance(self._profile.chinese)
        language = main if chinese == (main.name == "zh") else other
        site, origin = dice.often(self._sites)
        visitor = Visitor(dice.uuid(at), site, origin, language)
        self._count += 1
        if dice.chance(IDENTIFIED):
            visitor.user = self._user(chinese=chinese)
        if len(self._kept) < KEPT:
            self._kept.append(visitor)
        else:
            self._forget(dice.number(0, KEPT - 1), visitor, at)
        return visitor

    def _forget(self, place: int, successor: Visitor, at: int) -> None:
        """Keep another in the place of one, who is let go of at once if nothing is planned."""
        gone, self._kept[place] = self._kept[place], successor
        if gone.free_at < at:
            gone.last = None  # else the two would hold each other until somebody looks
            gone.conversations.clear()

    def _user(self, *, chinese: bool) -> str:
        """What a site calls one of its users: an address, of which there is one."""
        dice = self._dice
        if chinese:
            name = f"{dice.often(PINYIN_FAMILY)}{dice.often(PINYIN_GIVEN)}"
        else:
            name = f"{dice.often(GIVEN)}.{dice.often(FAMILY)}".lower()
        return f"{name}{self._count}@mail.example"

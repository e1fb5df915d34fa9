"""All tabs of all people, and one thing after the other that happens to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.streams import INBOX
from tests.property.resume.tab import Copy, Tab
from tests.property.resume.world import ADA, BOB, Person, World, turns

TABS = 6

ROUNDS = 300
"""Half seconds after which everybody must be live again, many times over."""

Step = tuple[str, Any]


class Crowd:
    """All tabs of all people, and what happens to them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tabs: list[Tab] = []

    async def step(self, what: str, how: Any) -> None:
        """One thing happens; then every tab does what it does by itself."""
        match what:
            case "come" if len(self.tabs) < TABS:
                self._come(*how)
            case "leave" | "back" | "slow" if self.tabs:
                self._of_a_tab(what, how)
            case "do":
                self.world.do(*how)
            case "relay":
                await self.world.relay(*how)
            case "time":
                await self.world.clock.advance(how)
            case "store":
                self.world.store.away = how
            case "restore":
                await self._restore(*how)
            case "project":
                self.world.project(how)
            case "rebuild":
                self.world.rebuild()
        self.go_on()

    def _come(self, person: Person, node: int, place: str, mark: str) -> None:
        feeds = self.world.feeds(person)
        tab = Tab(self.world, person, {feed: self._copy(feed, place, mark) for feed in feeds})
        if place == "view" and INBOX in feeds:
            tab.load()
        self.tabs.append(tab)
        tab.come(self.world.nodes[node])

    async def _restore(self, node: int, back: int, bursts: int) -> None:
        """Another history; it may grow beyond the old one before a node knows of it."""
        await self.world.restore(back)
        for number in range(bursts):
            self.world.do(node, "burst", (ADA, BOB)[number % 2], 0)
            await turns(60)

    def _copy(self, feed: str, place: str, mark: str) -> Copy:
        head = len(self.world.source(feed))
        offset = {"zero": 0, "middle": head // 2, "beyond": head + 2}.get(place, head)
        right = self.world.mark(feed, offset)
        return Copy(offset, {"right": right, "none": None, "other": "0" * 16}[mark])

    def _of_a_tab(self, what: str, how: Any) -> None:
        which, *rest = how if isinstance(how, tuple) else (how,)
        tab = self.tabs[which % len(self.tabs)]
        match what, rest:
            case "leave", _:
                tab.leave()
            case "back", (int(node), bool(epoch)):
                tab.come(self.world.nodes[node], epoch=epoch)
            case "slow", (takes,):
                tab.takes = takes

    def go_on(self) -> None:
        """Whatever a tab asks for by itself; what was found wrong so far is raised."""
        for tab in self.tabs:
            tab.go_on()
        self.check_bounds()
        if self.world.wrong:
            raise self.world.wrong[0]

    def check_bounds(self) -> None:
        """What the nodes keep for all these tabs is within the limits."""
        for tab in self.tabs:
            if tab.socket is not None:
                tab.socket.check_bounds()

    async def finish(self) -> None:
        """The store is there, everybody comes back and takes what comes: all must have it all.

        So once more, with what is committed when all are there.
        """
        self.world.store.away = False
        for tab in self.tabs:
            tab.takes = None
        await self._settle()
        assert all(tab.is_up_to_date for tab in self.tabs), "left behind until something happens"
        for node, visitor in enumerate((ADA, BOB)):
            self.world.do(node, "post", visitor, 0)
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(ROUNDS):
            self._all_follow()
            await self.step("time", 0.5)
            await turns(60)
            nodes = self.world.nodes
            known = all(node.history == self.world.history and node.handler.idle for node in nodes)
            if known and all(tab.is_up_to_date for tab in self.tabs):
                return

    def _all_follow(self) -> None:
        world = self.world
        world.project(len(world.log))
        for tab in self.tabs:
            tab.take_up()
            tab.come(world.nodes[world.chance.randrange(2)])


async def in_a_world(
    before: Sequence[Step], seed: int, work: Callable[[Crowd], Awaitable[None]]
) -> None:
    """Let something happen, then this work, and hold everybody to the log in the end."""
    world = World(seed)
    await world.open()
    crowd = Crowd(world)
    try:
        for each in before:
            await crowd.step(*each)
            await turns(60)
        await work(crowd)
        await crowd.finish()
        world.check_places()
        for tab in crowd.tabs:
            tab.check()
    finally:
        await world.close()

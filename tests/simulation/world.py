"""A scenario: nodes, people and faults of one seed, from the first socket until all is at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from math import inf
from typing import Any

from domain.envelope import RecordedEvent
from tests.doubles.clock import SeededIds
from tests.simulation import limits, rest
from tests.simulation.broker import CALM, Exchange
from tests.simulation.client import Client
from tests.simulation.clock import Dice, VirtualClock
from tests.simulation.faults import LOOKS_S, Faults
from tests.simulation.history import History, Socket
from tests.simulation.judgement import MIN_COMMANDS, MIN_FAULTS
from tests.simulation.loop import VirtualLoop
from tests.simulation.narrow import narrow
from tests.simulation.node import SimulatedNode
from tests.simulation.operators import Operators
from tests.simulation.recording import RecordedStore
from tests.simulation.scene import Scene
from tests.simulation.store import Fate
from tests.simulation.surroundings import Surroundings
from tests.simulation.wire import Wire

ACTS_A_SECOND = 45
"""Things that all people together do in a second."""

ACTS_AFTER = 12
"""Things that they do once nothing goes wrong any more: life goes on."""

RIGHTS_AFTER = 0.5
"""How often somebody's rights are changed after that: what ends then ends by nothing else."""

FAULTS_A_SECOND = 3.0

BACKUPS_A_FAULT = 0.3
"""How often, before a fault, somebody makes a backup."""

LONGEST_S = 30.0
"""A scenario without enough commands and faults by then has none to show."""

SETTLED_S = 40.0
"""Seconds after the last fault in which everything must have come to rest."""

LOOK_S = 0.1
"""Seconds between two looks at the queues."""

VIEWS_LOOKED_AT = 0.15
"""How often the views are looked at besides; it costs as much as a few commands."""

DONE_S = 0.5
"""Seconds in which a node is done with what it had begun to decide before it noticed something."""

HELD = (500, 4_000, 60_000)
"""Characters that a socket holds, of which each has one."""


class Unsettled(AssertionError):
    """Something did not come to rest though nothing was wrong any more."""


class World:
    """All of a scenario. ``running`` are the nodes that work."""

    def __init__(self, seed: int, loop: VirtualLoop, history: History) -> None:
        self.loop = loop
        self.history = history
        self.running: list[SimulatedNode] = []
        self.store_clock = VirtualClock(loop)
        dice = Dice(seed)
        ids = SeededIds(self.store_clock, dice.number("ids"))
        self.store = RecordedStore(self.store_clock, ids, history)
        self.faults = Faults(self, dice.of("faults"))
        self.exchange = Exchange(dice.of("broker"), self.faults.struck_message)
        self.around = Surroundings(self.store, self.exchange, dice, narrow(dice.of("settings")))
        self.operators = Operators(self.store, self.around, history, ids)
        self.scene = Scene(
            self.store_clock, ids, self.store, nodes=self, history=history, dice=dice
        )
        self._chance = dice.of("scenario")
        self._wires = dice.of("wires")
        self._looks = dice.of("looks")
        self._context = Context()
        self._starts = 0
        self._own: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Play it. Raises :class:`Unsettled`."""
        await self.scene.set_up(self._chance)
        names = [f"node {letter}" for letter in "abc"[: self._chance.choice((2, 3, 3))]]
        for name in names:
            self.start(name)
        for client in self.scene.clients:
            client.later(self._chance.random() * 0.5, client.come)
            client.later(self._chance.random(), client.look)
        self._begin("looking at queues", self._look_at_queues())
        await self._live()
        await self._heal(names)
        for _ in range(ACTS_AFTER):
            await self._act()
        if self._chance.random() < RIGHTS_AFTER:
            self.faults.change_rights(in_haste=False)
            await asyncio.sleep(LOOKS_S)
        await self._settle()
        rest.take_stock(self.history, self.around, self.scene.clients, self.loop.time())

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after so long, on nobody's machine."""
        self.loop.call_later(seconds, do, context=self._context)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside, until the scenario is over."""
        self._own[name] = self.loop.create_task(work, name=name)

    # --- nodes --------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a node, unless it runs."""
        self.running = [each for each in self.running if not each.machine.dead]
        if any(node.name == name for node in self.running):
            return
        self._starts += 1
        node = SimulatedNode(name, self.around, self._starts)
        node.link.meet = lambda fate: self._meet(node, fate)
        node.link.failed = lambda: self._unreached(node)
        node.heard = lambda event: self._heard(node, event)
        self.running.append(node)
        node.broker.cut = self.history.brokerless
        node.start()
        self.history.note(self.loop.time(), name, "starts")

    def _meet(self, node: SimulatedNode, fate: Fate) -> None:
        """A node's append has met its fate."""
        if fate in {Fate.CRASH_BEFORE, Fate.CRASH_AFTER}:
            node.kill()
        self.faults.met(node, fate)

    def _unreached(self, node: SimulatedNode) -> None:
        """A node did not reach the store."""
        self.history.outages.append(self.loop.time())
        self.history.hinder(node.process, self.loop.time(), 0.0)

    def _heard(self, node: SimulatedNode, event: RecordedEvent) -> None:
        """A node was told of a change of rights."""
        self.history.heard.setdefault((node.process, event.id), self.loop.now())

    def stop(self, node: SimulatedNode) -> None:
        """Stop a node in good order."""
        self._begin(f"{node.name}: stopping", node.stop())

    def connect(self, client: Client) -> Wire | None:
        """A socket of some node: of which, whoever balances the load does not ask."""
        up = [node for node in self.running if not node.machine.dead]
        if not up:
            return None
        node = self._wires.choice(up)
        record = Socket(client.reader.name, node.process, self.loop.time())
        self.history.sockets.append(record)
        wire = Wire(self._wires, client, self._wires.choice(HELD), record)
        node.accept(client.reader.role, wire)
        return wire

    # --- what happens -------------------------------------------------------------------------

    async def _live(self) -> None:
        """Let people act and things go wrong until there was enough of both."""
        wanted = MIN_COMMANDS + self._chance.randrange(10)
        self._begin("faults", self._go_wrong())
        while len(self.history.sent) < wanted or self.faults.happened < MIN_FAULTS:
            await self._act()
            if self.loop.time() > LONGEST_S:
                break
        self._own["faults"].cancel()

    async def _act(self) -> None:
        """Let somebody do something, in a moment."""
        await asyncio.sleep(self._chance.expovariate(ACTS_A_SECOND))
        person = self._chance.choice(self.scene.people)
        if not person.client.over:
            person.act()

    async def _go_wrong(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(FAULTS_A_SECOND))
            if not self.store.away and self._chance.random() < BACKUPS_A_FAULT:
                self.operators.back_up(self.scene.main.log)
            self.faults.strike()

    async def _heal(self, names: list[str]) -> None:
        """Nothing goes wrong any more."""
        await self.faults.restored()
        self.history.note(self.loop.time(), "fault", "NO MORE FAULTS")
        self.store.away = False
        self.exchange.disturbance = CALM
        for node in self.running:
            node.link.cut = False
            node.link.fates.clear()
            if node.broker.cut and not node.machine.dead and not self.history.brokerless:
                node.mend_broker()
        for name in names:
            self.start(name)
        for client in self.scene.clients:
            if client.wire is not None:
                client.wire.read_on()

    async def _settle(self) -> None:
        """Wait until all is at rest."""
        end = self.loop.time() + SETTLED_S
        while reasons := [*self._restless()]:
            self._demand_sound_tasks()
            if self.loop.time() > end:
                raise Unsettled("\n".join(reasons))
            await asyncio.sleep(2 * LOOK_S)

    def _demand_sound_tasks(self) -> None:
        """Raise what the scenario's own work has failed with: without it nothing would be shown."""
        for task in self._own.values():
            if task.done() and not task.cancelled():
                task.result()

    def _restless(self) -> Iterator[str]:
        clients, now = self.scene.clients, self.loop.time()
        return rest.unsettled(self.history, self.around, clients, now)

    # --- what is looked at --------------------------------------------------------------------

    async def _look_at_queues(self) -> None:
        while True:
            for node in self.running:
                if not node.machine.dead:
                    limits.look(node, self.history)
            self._look_who_noticed()
            if self._looks.random() < VIEWS_LOOKED_AT:
                rest.look_at_views(self.history, self.around, self.loop.time())
            await asyncio.sleep(LOOK_S)

    def _look_who_noticed(self) -> None:
        """Note when every node knows of the present epoch, and is done with what it did before."""
        present = self.history.now
        known = (node.epoch in {None, present.epoch} for node in self.running)
        if present.noticed == inf and all(known):
            present.noticed = self.loop.time() + DONE_S
